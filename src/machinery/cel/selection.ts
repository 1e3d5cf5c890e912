/** Reading fields, keys and indexes at run time. Source: cel-go's interpreter/attributes.go. */
import { fail } from './cel-error.ts';
import { typeName } from './cel-type.ts';
import { formatDouble } from './double-text.ts';
import { CelDouble, CelList, CelMap, CelOptional, CelUint } from './values.ts';
import { typeOf } from './value-type.ts';
import type { CelValue } from './values.ts';

/** `value.name`. On an optional, an optional of it. */
export function selectField(value: CelValue, name: string): CelValue {
  if (value instanceof CelMap) return value.get(name) ?? missing(value, name);
  if (value instanceof CelOptional) return selectOptional(value, name);
  return fail(`no such key: ${name}`);
}

function missing(map: CelMap, key: CelValue): CelValue {
  // A value may be null, which `??` takes for none.
  return map.get(key) === null ? null : fail(`no such key: ${describeKey(key)}`);
}

/** `value[key]`. On an optional, an optional of it. */
export function selectIndex(value: CelValue, key: CelValue): CelValue {
  if (value instanceof CelList) {
    const index = indexOf(key);
    return index >= 0 && index < value.size ? value.at(index) : fail(`index out of bounds: ${describeKey(key)}`);
  }
  if (value instanceof CelMap) return value.get(key) ?? missing(value, key);
  if (value instanceof CelOptional) return selectOptional(value, key);
  return fail('no such overload');
}

/** `value.?key` and `value[?key]`: `optional.none()` where there is nothing. */
export function selectOptional(value: CelValue, key: CelValue): CelOptional {
  if (value instanceof CelOptional) return value.value === undefined ? value : selectOptional(value.value, key);
  if (value instanceof CelMap) return optionalOf(value.get(key));
  if (value instanceof CelList) {
    const index = indexOf(key);
    return index >= 0 && index < value.size ? new CelOptional(value.at(index)) : CelOptional.none;
  }
  return CelOptional.none;
}

function optionalOf(value: CelValue | undefined): CelOptional {
  return value === undefined ? CelOptional.none : new CelOptional(value);
}

/** `has(value.name)`. */
export function hasField(value: CelValue, name: string): boolean {
  if (value instanceof CelMap) return value.has(name);
  return value instanceof CelOptional && value.value !== undefined && hasField(value.value, name);
}

/** The index that a key means: whole numbers of any type. -1 for numbers no list is long enough for. */
function indexOf(key: CelValue): number {
  if (typeof key === 'number') return key;
  if (typeof key === 'bigint') return -1;
  if (key instanceof CelUint) return Number(key.value);
  if (key instanceof CelDouble && Number.isInteger(key.value)) return key.value;
  return fail(`unsupported index type '${typeName(typeOf(key))}' in list`);
}

function describeKey(key: CelValue): string {
  if (key instanceof CelUint) return String(key.value);
  if (key instanceof CelDouble) return formatDouble(key.value);
  return typeof key === 'object' ? typeName(typeOf(key)) : String(key);
}
