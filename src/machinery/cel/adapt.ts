/** Reads JSON as values: by the type of a schema where there is one, else by what is there. Nothing is copied. */
import { fail } from './cel-error.ts';
import type { CelType, ListType, ObjectType } from './cel-type.ts';
import { optionalValue } from './cel-type.ts';
import { canonicalInt, toInt } from './numbers.ts';
import { parseDate, parseDuration, parseTimestamp, parseWordyDuration } from './timestamps.ts';
import { CelDouble, CelList, CelMap, CelObject, CelOptional, isBoxedValue, JsonMap } from './values.ts';
import type { Adapt, CelValue, ListMerge, ObjectField } from './values.ts';

const known = new WeakMap<CelType, Adapt>();

/** The reader of a type, made once per type. */
export function adapterOf(type: CelType): Adapt {
  let adapt = known.get(type);
  if (!adapt) {
    adapt = makeAdapter(type);
    known.set(type, adapt);
  }
  return adapt;
}

function makeAdapter(type: CelType): Adapt {
  switch (type.kind) {
    case 'string':
      return adaptString;
    case 'bool':
      return (json) => (typeof json === 'boolean' ? json : orBoxed(json, 'bool'));
    case 'int':
      return adaptInt;
    case 'double':
      return (json) =>
        typeof json === 'number' || typeof json === 'bigint' ? new CelDouble(Number(json)) : orBoxed(json, 'double');
    case 'bytes':
      return (json) => (typeof json === 'string' ? decodeBase64(json) : orBoxed(json, 'bytes'));
    case 'timestamp':
      return timestampAdapter(type.format === 'date');
    case 'duration':
      return adaptDuration;
    case 'list':
      return listAdapter(type);
    case 'map':
      return mapAdapter(type.value);
    case 'object':
      return objectAdapter(type);
    default: {
      const inner = optionalValue(type);
      return inner ? optionalAdapter(adapterOf(inner)) : adaptDynamic;
    }
  }
}

function orBoxed(json: unknown, expected: string): CelValue {
  if (json === null || isBoxedValue(json)) return json;
  return fail(`invalid data, expected ${expected}, got ${jsonTypeOf(json)}`);
}

function orContainer(json: unknown, expected: 'an array' | 'a map'): CelValue {
  if (json === null || isBoxedValue(json)) return json;
  const type = expected === 'a map' ? 'object' : 'array';
  return fail(`invalid data, expected ${expected} for the provided schema with type=${type}`);
}

function jsonTypeOf(json: unknown): string {
  return Array.isArray(json) ? 'array' : typeof json;
}

const adaptString: Adapt = (json) => (typeof json === 'string' ? json : orBoxed(json, 'string'));

const adaptInt: Adapt = (json) => {
  if (Number.isSafeInteger(json)) return json as number;
  if (typeof json === 'number' && Number.isInteger(json)) return toInt(BigInt(json)) ?? fail('integer overflow');
  if (typeof json === 'bigint') return canonicalInt(json);
  return orBoxed(json, 'int');
};

/** JSON without a schema: whole numbers are ints, as Kubernetes decodes them. */
export const adaptDynamic: Adapt = (json) => {
  switch (typeof json) {
    case 'string':
    case 'boolean':
      return json;
    case 'number':
      return Number.isInteger(json) ? adaptInt(json) : new CelDouble(json);
    case 'bigint':
      return canonicalInt(json);
    case 'object':
      if (json === null || isBoxedValue(json)) return json;
      if (Array.isArray(json)) return new CelList(json, adaptDynamic);
      // What is neither value nor array is taken for a JSON object: bindings are ours.
      return new JsonMap(json as Readonly<Record<string, unknown>>, adaptDynamic);
    default:
      return fail(`unsupported value of type ${typeof json}`);
  }
};

function timestampAdapter(date: boolean): Adapt {
  return (json) => {
    if (typeof json !== 'string') return orBoxed(json, 'string');
    const format = date ? 'date' : 'date-time';
    return (date ? parseDate(json) : parseTimestamp(json)) ?? fail(`Invalid ${format} formatted string ${json}`);
  };
}

const adaptDuration: Adapt = (json) => {
  if (typeof json !== 'string') return orBoxed(json, 'string');
  return parseDuration(json) ?? parseWordyDuration(json) ?? fail(`Invalid duration ${json}`);
};

function listAdapter(type: ListType): Adapt {
  const element = lazily(() => adapterOf(type.element));
  const merge = mergeOf(type);
  return (json) => (Array.isArray(json) ? new CelList(json, element, merge) : orContainer(json, 'an array'));
}

/** Looks the reader up when it is first needed: types may contain themselves. */
function lazily(find: () => Adapt): Adapt {
  let adapt: Adapt | undefined;
  return (json) => (adapt ??= find())(json);
}

function mergeOf({ listType, keys = [] }: ListType): ListMerge | undefined {
  if (listType === 'set') return { type: 'set', keyOf: (element) => element };
  if (listType !== 'map') return undefined;
  return { type: 'map', keyOf: (element) => keyText(element, keys) };
}

function keyText(element: CelValue, keys: readonly string[]): string {
  if (!(element instanceof CelMap))
    return fail('unexpected data format for element of array with x-kubernetes-list-type=map');
  const json = element instanceof CelObject || element instanceof JsonMap ? element.json : undefined;
  const parts = keys.map((key) => (json ? json[key] : element.get(key)));
  return JSON.stringify(parts, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

function mapAdapter(value: CelType): Adapt {
  const adapt = lazily(() => adapterOf(value));
  return (json) => {
    if (isBoxedValue(json) || json === null) return json;
    if (typeof json !== 'object' || Array.isArray(json)) return orContainer(json, 'a map');
    return new JsonMap(json as Readonly<Record<string, unknown>>, adapt);
  };
}

const fieldTables = new WeakMap<ObjectType, ReadonlyMap<string, ObjectField>>();

/** The readers of an object's fields, by escaped name. */
export function fieldsOf(type: ObjectType): ReadonlyMap<string, ObjectField> {
  let table = fieldTables.get(type);
  if (!table) {
    const fields = [...type.fields()];
    table = new Map(
      fields.map(([escaped, field]) => [
        escaped,
        { name: field.name, nullable: type.nullFields === true, adapt: lazily(() => adapterOf(field.type)) },
      ]),
    );
    fieldTables.set(type, table);
  }
  return table;
}

function objectAdapter(type: ObjectType): Adapt {
  return (json) => {
    if (json === null || isBoxedValue(json)) return json;
    if (typeof json !== 'object' || Array.isArray(json)) {
      return fail('invalid data, expected a map for the provided schema with type=object');
    }
    return new CelObject(json as Readonly<Record<string, unknown>>, type, fieldsOf(type));
  };
}

/** An absent binding of an optional type is `optional.none()`. */
function optionalAdapter(inner: Adapt): Adapt {
  return (json) => {
    if (json instanceof CelOptional) return json;
    return json === undefined || json === null ? CelOptional.none : new CelOptional(inner(json));
  };
}

/** Bytes out of base64; fails when malformed. */
export function decodeBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return fail(`Invalid base64 string ${text}`);
  }
}
