/** When values are equal, and which of two is more. Source: cel-spec's sections on equality and ordering. */
import { fail, failNoOverload } from './cel-error.ts';
import { compareNumbers } from './numbers.ts';
import {
  CelDouble,
  CelDuration,
  CelList,
  CelMap,
  CelMessage,
  CelObject,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  isBoxedValue,
  JsonMap,
} from './values.ts';
import type { CelValue } from './values.ts';

/** The order of two numbers of any types; undefined when one is no number, NaN when one is none in the other sense. */
function numericOrder(a: CelValue, b: CelValue): number | undefined {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left === undefined || right === undefined) return undefined;
  // Against a double, integers are rounded to one: so does upstream.
  const lossy = a instanceof CelDouble || b instanceof CelDouble;
  return lossy ? compareNumbers(Number(left), Number(right)) : compareNumbers(left, right);
}

function numberOf(value: CelValue): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return value instanceof CelDouble || value instanceof CelUint ? value.value : undefined;
}

/**
 * Whether two values are equal. Values of different types are not, except numbers of the same amount. The same JSON is
 * equal without a look at its types, which is what is found most often: nothing has changed.
 */
export function celEquals(a: CelValue, b: CelValue): boolean {
  const json = jsonOf(a);
  return (json !== undefined && equalJson(json, jsonOf(b))) || equalValues(a, b);
}

function equalValues(a: CelValue, b: CelValue): boolean {
  if (a === b) return !(a instanceof CelDouble) || !Number.isNaN(a.value);
  if (typeof a !== 'object' && typeof b !== 'object') return false;
  const order = numericOrder(a, b);
  if (order !== undefined) return order === 0;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  return equalObjects(a, b);
}

function equalObjects(a: CelValue, b: CelValue): boolean {
  if (a instanceof CelList) return b instanceof CelList && equalLists(a, b);
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0;
  if (a instanceof CelTimestamp) {
    return b instanceof CelTimestamp && a.seconds === b.seconds && a.nanos === b.nanos;
  }
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos;
  if (a instanceof CelTypeValue) return b instanceof CelTypeValue && a.name === b.name;
  if (a instanceof CelOpaque) return b instanceof CelOpaque && a.constructor === b.constructor && a.equals(b);
  if (a instanceof CelOptional && b instanceof CelOptional) {
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equalValues(a.value, b.value);
  }
  return false;
}

function equalLists(a: CelList, b: CelList): boolean {
  if (a.size !== b.size) return false;
  if (a.merge) return a.merge.type === 'set' ? equalSets(a, b) : equalKeyed(a, b, a.merge.keyOf);
  for (let index = 0; index < a.size; index++) if (!equalValues(a.at(index), b.at(index))) return false;
  return true;
}

/** The order of a set does not count. Its elements are scalars almost always, which a Set tells apart. */
function equalSets(a: CelList, b: CelList): boolean {
  const scalar = (value: CelValue): boolean => typeof value !== 'object';
  const [left, right] = [[...a.values()], [...b.values()]];
  if (left.every(scalar) && right.every(scalar)) {
    const known = new Set(left);
    return right.every((value) => known.has(value)) && new Set(right).size === known.size;
  }
  return right.every((value) => left.some((other) => equalValues(other, value)));
}

function equalKeyed(a: CelList, b: CelList, keyOf: (element: CelValue) => unknown): boolean {
  const byKey = new Map<unknown, CelValue>();
  for (const element of a.values()) byKey.set(keyOf(element), element);
  const seen = new Set<unknown>();
  for (const element of b.values()) {
    const key = keyOf(element);
    const other = byKey.get(key);
    if (other === undefined || !equalValues(other, element)) return false;
    seen.add(key);
  }
  return seen.size === byKey.size;
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size) return false;
  if (a instanceof CelMessage && (!(b instanceof CelMessage) || a.type.name !== b.type.name)) return false;
  for (const key of a.keys()) {
    const [left, right] = [a.get(key), b.get(key)];
    if (left === undefined && right === undefined) continue;
    if (left === undefined || right === undefined || !equalValues(left, right)) return false;
  }
  return !(a instanceof CelObject && b instanceof CelObject) || equalUnknownFields(a, b);
}

/** Fields that the schema doesn't name are compared as JSON. */
function equalUnknownFields(a: CelObject, b: CelObject): boolean {
  const known = new Set([...a.fields.values()].map(({ name }) => name));
  return Object.keys(a.json).every((name) => known.has(name) || equalJson(a.json[name], b.json[name]));
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Whether JSON is the same. Bindings may hold values, too. */
function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isBoxedValue(a) || isBoxedValue(b)) return isBoxedValue(a) && isBoxedValue(b) && celEquals(a, b);
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((element, index) => equalJson(element, b[index]));
  }
  const [left, right] = [a as JsonObject, b as JsonObject];
  const keys = Object.keys(left);
  return (
    !Array.isArray(b) &&
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equalJson(left[key], right[key]))
  );
}

/** The JSON behind a value; undefined when there is none. */
function jsonOf(value: CelValue): unknown {
  if (value instanceof CelObject || value instanceof JsonMap) return value.json;
  return value instanceof CelList && value.adapt ? value.items : undefined;
}

/** Negative, zero or positive, by the order of the bytes. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Negative, zero or positive, by code points (UTF-16 would put the astral planes before the private use area). */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left === right) continue;
    const surrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
    if (surrogate(left) !== surrogate(right)) return surrogate(left) ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}

/** Negative, zero or positive. Fails for values that have no order between them. */
export function celCompare(a: CelValue, b: CelValue): number {
  const order = numericOrder(a, b);
  if (order !== undefined) return Number.isNaN(order) ? fail('NaN values cannot be ordered') : order;
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  if (a instanceof CelTimestamp && b instanceof CelTimestamp) return a.seconds - b.seconds || a.nanos - b.nanos;
  if (a instanceof CelDuration && b instanceof CelDuration) return compareNumbers(a.nanos, b.nanos);
  return failNoOverload();
}

/** Whether a list has an element equal to `value`. */
export function listContains(list: CelList, value: CelValue): boolean {
  for (let index = 0; index < list.size; index++) if (celEquals(list.at(index), value)) return true;
  return false;
}
