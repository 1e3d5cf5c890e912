/**
 * The values of the language. Most are JavaScript's own: null, booleans, strings, and ints as numbers (bigint beyond
 * 2^53). Doubles are boxed, being rare, and so are containers: they read plain JSON through the types of a schema.
 */
import type { CelType, ObjectType } from './cel-type.ts';
import { fieldOf, typeName } from './cel-type.ts';
import { fail } from './cel-error.ts';
import { CelUint } from './numbers.ts';
import type { CelInt } from './numbers.ts';

export { CelUint };
export type { CelInt };

/** Any value. */
export type CelValue =
  | null
  | boolean
  | CelInt
  | string
  | Uint8Array
  | CelDouble
  | CelUint
  | CelTimestamp
  | CelDuration
  | CelList
  | CelMap
  | CelOptional
  | CelTypeValue
  | CelOpaque;

/** A floating-point number. */
export class CelDouble {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A moment: seconds since 1970 and nanoseconds within. `offset`: seconds east of UTC in which it was written. */
export class CelTimestamp {
  readonly seconds: number;
  readonly nanos: number;
  readonly offset: number;

  constructor(seconds: number, nanos: number, offset = 0) {
    this.seconds = seconds;
    this.nanos = nanos;
    this.offset = offset;
  }
}

/** A length of time in nanoseconds. */
export class CelDuration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** Reads a JSON value (or anything that a binding holds) as a value. */
export type Adapt = (json: unknown) => CelValue;

/** How the elements of a `set` or `map` list are told apart. */
export interface ListMerge {
  readonly type: 'set' | 'map';
  /** The key of an element of a `map` list, as text; of a set the element itself counts. */
  keyOf(element: CelValue): unknown;
}

/** A list: of values, or of JSON that is read when looked at. */
export class CelList {
  readonly items: readonly unknown[];
  readonly adapt: Adapt | undefined;
  readonly merge: ListMerge | undefined;

  constructor(items: readonly unknown[], adapt?: Adapt, merge?: ListMerge) {
    this.items = items;
    this.adapt = adapt;
    this.merge = merge;
  }

  get size(): number {
    return this.items.length;
  }

  /** The element at an index that exists. */
  at(index: number): CelValue {
    const item = this.items[index];
    // Without `adapt` the items are values already: whoever made the list made sure.
    return this.adapt ? this.adapt(item) : (item as CelValue);
  }

  *values(): Generator<CelValue> {
    for (let index = 0; index < this.items.length; index++) yield this.at(index);
  }
}

/** A map or object. */
export abstract class CelMap {
  abstract readonly size: number;
  /** The value of a key; undefined when there is none. Throws for keys of impossible types. */
  abstract get(key: CelValue): CelValue | undefined;
  abstract keys(): Iterable<CelValue>;

  /** Whether `has()` says so. */
  has(key: CelValue): boolean {
    return this.get(key) !== undefined;
  }
}

/** What a key is stored under: numbers of different types that are equal are one key. */
export type MapKey = string | number | bigint | boolean;

/** The stored form of a key; undefined for what can't be one. */
export function mapKey(key: CelValue): MapKey | undefined {
  if (typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean' || typeof key === 'bigint')
    return key;
  if (key instanceof CelUint) {
    const number = Number(key.value);
    return Number.isSafeInteger(number) ? number : key.value;
  }
  if (key instanceof CelDouble && Number.isInteger(key.value)) {
    return Number.isSafeInteger(key.value) ? key.value + 0 : BigInt(key.value);
  }
  return undefined;
}

/** A map that an expression made. */
export class EntryMap extends CelMap {
  readonly #entries = new Map<MapKey, readonly [CelValue, CelValue]>();

  constructor(entries: Iterable<readonly [CelValue, CelValue]> = []) {
    super();
    for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Only for whoever is making the map. */
  set(key: CelValue, value: CelValue): void {
    const stored = mapKey(key) ?? fail('unsupported key type');
    this.#entries.set(stored, [key, value]);
  }

  get(key: CelValue): CelValue | undefined {
    const stored = mapKey(key);
    return stored === undefined ? undefined : this.#entries.get(stored)?.[1];
  }

  *keys(): Generator<CelValue> {
    for (const [key] of this.#entries.values()) yield key;
  }
}

/** A JSON object seen as a map from strings. */
export class JsonMap extends CelMap {
  readonly json: Readonly<Record<string, unknown>>;
  readonly #adapt: Adapt;

  constructor(json: Readonly<Record<string, unknown>>, adapt: Adapt) {
    super();
    this.json = json;
    this.#adapt = adapt;
  }

  get size(): number {
    return Object.keys(this.json).length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.json, key)) return undefined;
    const json = this.json[key];
    return json === undefined ? undefined : this.#adapt(json);
  }

  keys(): readonly string[] {
    return Object.keys(this.json);
  }
}

/** A field as reading needs it. */
export interface ObjectField {
  readonly name: string;
  readonly adapt: Adapt;
  /** Whether null is a value of it, and not its absence. */
  readonly nullable: boolean;
}

/** A JSON object with the fields of its type. */
export class CelObject extends CelMap {
  readonly json: Readonly<Record<string, unknown>>;
  readonly type: ObjectType;
  readonly fields: ReadonlyMap<string, ObjectField>;

  constructor(json: Readonly<Record<string, unknown>>, type: ObjectType, fields: ReadonlyMap<string, ObjectField>) {
    super();
    this.json = json;
    this.type = type;
    this.fields = fields;
  }

  get size(): number {
    return Object.keys(this.json).length;
  }

  get(key: CelValue): CelValue | undefined {
    const field = typeof key === 'string' ? fieldOf(this.fields, key) : undefined;
    if (!field || !Object.hasOwn(this.json, field.name)) return undefined;
    const json = this.json[field.name];
    return json === undefined || (json === null && !field.nullable) ? undefined : field.adapt(json);
  }

  *keys(): Generator<string> {
    for (const [escaped, { name }] of this.fields) if (Object.hasOwn(this.json, name)) yield escaped;
  }
}

/** A value of a message type that a library lets expressions construct. */
export class CelMessage extends CelMap {
  readonly type: ObjectType;
  readonly values: ReadonlyMap<string, CelValue>;

  constructor(type: ObjectType, values: ReadonlyMap<string, CelValue>) {
    super();
    this.type = type;
    this.values = values;
  }

  get size(): number {
    return this.values.size;
  }

  get(key: CelValue): CelValue | undefined {
    return typeof key === 'string' ? this.values.get(key) : undefined;
  }

  keys(): Iterable<string> {
    return this.values.keys();
  }
}

/** A value that may be absent. */
export class CelOptional {
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }

  static readonly none: CelOptional = new CelOptional(undefined);
}

/** A type as a value. */
export class CelTypeValue {
  readonly type: CelType;

  constructor(type: CelType) {
    this.type = type;
  }

  get name(): string {
    return typeName(this.type);
  }
}

/** A value of a library's type: an address, a quantity, an authorization check. */
export abstract class CelOpaque {
  abstract readonly type: CelType;
  /** Equality with a value of the same class. */
  abstract equals(other: CelOpaque): boolean;

  /** What `size()` would say, for costs; most are 1. */
  get size(): number {
    return 1;
  }

  /** The JSON form; undefined when there is none. */
  toJson(): unknown {
    return undefined;
  }
}

/** Whether anything is a value already, and not JSON to be read. JSON's own numbers are both. */
export function isBoxedValue(value: unknown): value is CelValue {
  return (
    value instanceof CelMap ||
    value instanceof CelList ||
    value instanceof CelDouble ||
    value instanceof CelUint ||
    value instanceof Uint8Array ||
    value instanceof CelTimestamp ||
    value instanceof CelDuration ||
    value instanceof CelOptional ||
    value instanceof CelTypeValue ||
    value instanceof CelOpaque
  );
}
