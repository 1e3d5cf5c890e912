/** Values as JSON. */
import { exactIntegerOf } from '../../base/exact-json.ts';
import { fail } from './cel-error.ts';
import { typeName } from './cel-type.ts';
import { formatDuration, formatTimestamp } from './timestamps.ts';
import {
  CelDouble,
  CelDuration,
  CelList,
  CelMap,
  CelObject,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  JsonMap,
} from './values.ts';
import { typeOf } from './value-type.ts';
import type { CelValue } from './values.ts';

/**
 * A value as JSON: timestamps and durations as text, bytes as base64, integers beyond 2^53 as bigints. Fails for what has
 * no JSON form: types, `optional.none()`, values of libraries.
 */
export function toJson(value: CelValue): unknown {
  if (typeof value === 'bigint') return exactIntegerOf(String(value));
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof CelDouble) return value.value;
  if (value instanceof CelUint) return exactIntegerOf(String(value.value));
  if (value instanceof CelList) return Array.from(value.values(), toJson);
  if (value instanceof CelObject || value instanceof JsonMap) return value.json;
  if (value instanceof CelMap) {
    return Object.fromEntries(Array.from(value.keys(), (key) => [keyText(key), toJson(value.get(key) ?? null)]));
  }
  if (value instanceof Uint8Array) return encodeBase64(value);
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelDuration) return formatDuration(value);
  if (value instanceof CelOptional && value.value !== undefined) return toJson(value.value);
  const json = value instanceof CelOpaque ? value.toJson() : undefined;
  return json ?? fail(`no JSON form of type ${value instanceof CelTypeValue ? 'type' : typeName(typeOf(value))}`);
}

function keyText(key: CelValue): string {
  if (typeof key === 'string') return key;
  return key instanceof CelUint || key instanceof CelDouble ? String(key.value) : String(key);
}

/** Bytes in base64. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
