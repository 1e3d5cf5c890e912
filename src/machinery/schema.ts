/**
 * The language in which kinds are stated. A struct's fields are values; TypeScript types, codecs, schemas,
 * merge rules and documents are all derived from them.
 */
import type { Json, JsonObject } from '../base/json.ts';

/** Scalar types as the API knows them. `quantity`, `time` … have their own JSON and protobuf forms. */
export type ScalarKind =
  | 'string'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bool'
  | 'bytes'
  | 'time'
  | 'microTime'
  | 'duration'
  | 'quantity'
  | 'intOrString'
  | 'json';

/** A scalar; `values` lists what an enumeration allows. */
export interface ScalarNode {
  readonly kind: ScalarKind;
  readonly values?: readonly string[];
}

/**
 * A struct with named fields. `atomic`: server-side apply treats it as one value. `union`: in JSON only the one member that
 * is set is there, without its name, told apart by its shape (boolean, list or object); a boolean member says beside
 * another one that the value is not false. `open`: further members are kept as they are.
 */
export interface StructNode {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: Readonly<Record<string, FieldNode>>;
  readonly atomic: boolean;
  readonly union?: boolean;
  readonly open?: boolean;
}

/** A list and how merges see it. Source: x-kubernetes-list-type and the patch tags. */
export interface ListNode {
  readonly kind: 'list';
  readonly items: SchemaNode;
  readonly listType: 'atomic' | 'set' | 'map';
  /** Fields that identify an element of a `map` list. */
  readonly keys: readonly string[];
  /** Key of strategic merge; undefined replaces the whole list (or, for scalars with `merge`, unites). */
  readonly mergeKey: string | undefined;
  readonly patchStrategy: PatchStrategy | undefined;
}

/** A map from strings. */
export interface MapNode {
  readonly kind: 'map';
  readonly values: SchemaNode;
  readonly atomic: boolean;
}

/** Any type. Recursive structs refer to themselves through getters. */
export type SchemaNode = ScalarNode | StructNode | ListNode | MapNode;

/** Strategic merge patch directives on a field. */
export type PatchStrategy = 'merge' | 'retainKeys' | 'merge,retainKeys' | 'replace';

/** A field of a struct. */
export interface FieldNode {
  /** Protobuf field number; of the inlined struct's member when `via` is set. */
  readonly id: number;
  readonly type: SchemaNode;
  readonly required: boolean;
  readonly default: Json | undefined;
  readonly patchStrategy: PatchStrategy | undefined;
  /** Protobuf numbers of the embedded structs, outermost first, that JSON inlines. */
  readonly via: readonly number[] | undefined;
  /** The type's zero value says the same as absence: JSON leaves it out, protobuf always writes it (no pointer in Go). */
  readonly zeroIsUnset: boolean;
}

/** Whether a value is always there (`required`), there once stored (`defaulted`) or may be absent. */
export type Presence = 'required' | 'defaulted' | 'optional';

declare const types: unique symbol;

/** A field as kinds write it. `T` is its stored type, `D` what a client may send. */
export interface Field<out T, out D, out P extends Presence> {
  readonly node: FieldNode;
  readonly [types]?: readonly [T, D, P];
  /** May be absent. */
  optional(): Field<T, D, 'optional'>;
  /** Is filled in when absent. */
  default(value: D | Record<string, never>): Field<T, D, 'defaulted'>;
  /** May be absent, and its zero value (`''`, 0, false) says the same: for defaulted fields that the default applies. */
  omitEmpty(): Field<T, D, P extends 'defaulted' ? 'defaulted' : 'optional'>;
  /** Carries a strategic merge directive. */
  patch(strategy: PatchStrategy): Field<T, D, P>;
}

/** The fields of a struct. */
export type Fields = Readonly<Record<string, Field<unknown, unknown, Presence>>>;

type Simplify<T> = { [K in keyof T]: T[K] } & {};
type Named<F extends Fields, P extends Presence> = {
  [K in keyof F]: F[K] extends Field<unknown, unknown, infer Q> ? (Q extends P ? K : never) : never;
}[keyof F];
type Stored<F> = F extends Field<infer T, unknown, Presence> ? T : never;
type Sent<F> = F extends Field<unknown, infer D, Presence> ? D : never;

/** The type of stored values with these fields: deeply readonly, defaults present. */
export type StoredFields<F extends Fields> = Simplify<
  { readonly [K in Named<F, 'required' | 'defaulted'>]: Stored<F[K]> } & {
    readonly [K in Named<F, 'optional'>]?: Stored<F[K]> | undefined;
  }
>;

/** The type of values that clients send: what has a default may be left out. */
export type DraftFields<F extends Fields> = Simplify<
  { readonly [K in Named<F, 'required'>]: Sent<F[K]> } & {
    readonly [K in Named<F, 'optional' | 'defaulted'>]?: Sent<F[K]> | undefined;
  }
>;

/** A struct definition. */
export interface Struct<out T, out D> {
  readonly node: StructNode;
  readonly [types]?: readonly [T, D];
}

/** The stored type of a struct: `type Container = TypeOf<typeof Container>`. */
export type TypeOf<S> = S extends Struct<infer T, unknown> ? T : never;

/** What a client may send for a struct. */
export type DraftOf<S> = S extends Struct<unknown, infer D> ? D : never;

/** `T` with everything writable, for defaulting and preparing. */
export type Writable<T> = T extends readonly (infer E)[]
  ? Writable<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Writable<T[K]> }
    : T;

/** Defines a struct. `name` is upstream's type name, which OpenAPI and errors show. */
export function defineStruct<const F extends Fields>(
  name: string,
  fields: F,
  options: { readonly atomic?: boolean } = {},
): Struct<StoredFields<F>, DraftFields<F>> & { readonly fields: F } {
  return { node: { kind: 'struct', name, fields: nodesOf(fields), atomic: options.atomic ?? false }, fields };
}

/** Defines a struct that contains itself: its fields are read on first use. TypeScript can't derive such a type. */
export function defineRecursiveStruct<T>(
  name: string,
  fields: () => Fields,
  options: Pick<StructNode, 'union'> = {},
): Struct<T, T> {
  let nodes: Readonly<Record<string, FieldNode>> | undefined;
  const node: StructNode = {
    kind: 'struct',
    name,
    get fields() {
      return (nodes ??= nodesOf(fields()));
    },
    atomic: options.union === true,
    ...options,
  };
  return { node };
}

/** The member of a union that a JSON value is; undefined when it is none of them. */
export function unionMember(node: StructNode, value: unknown): readonly [name: string, field: FieldNode] | undefined {
  const kind = Array.isArray(value) ? 'list' : typeof value === 'boolean' ? 'bool' : 'struct';
  if (kind === 'struct' && !isJsonObject(value)) return undefined;
  return Object.entries(node.fields).find(([, { type }]) => type.kind === kind);
}

/** The members that stand for a JSON value of a union. */
export function unionMembers(node: StructNode, value: unknown): Readonly<Record<string, unknown>> {
  const [name] = unionMember(node, value) ?? [];
  const bool = Object.entries(node.fields).find(([, { type }]) => type.kind === 'bool');
  return { ...(bool ? { [bool[0]]: value !== false } : {}), ...(name === undefined ? {} : { [name]: value }) };
}

/** The JSON value that members of a union stand for: a boolean only says something on its own. */
export function unionValue(node: StructNode, members: Readonly<Record<string, unknown>>): unknown {
  const names = Object.keys(node.fields).filter((name) => members[name] !== undefined);
  const name = names.find((candidate) => node.fields[candidate]?.type.kind !== 'bool') ?? names[0];
  return name === undefined ? null : members[name];
}

/** The runtime form of a set of fields. */
export function nodesOf(fields: Fields): Record<string, FieldNode> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.node]));
}

/** The members of a struct that JSON inlines into its holder and protobuf embeds as field `id`. */
export function inlined<F extends Fields>(id: number, inner: { readonly fields: F }): F {
  const entries = Object.entries(inner.fields).map(([name, { node }]) => {
    return [name, field({ ...node, via: [id, ...(node.via ?? [])] })];
  });
  return Object.fromEntries(entries) as F;
}

function field<T, D, P extends Presence>(node: FieldNode): Field<T, D, P> {
  return {
    node,
    optional: () => field({ ...node, required: false }),
    default: (value) => field({ ...node, required: false, default: value as Json }),
    omitEmpty: () => field({ ...node, required: false, zeroIsUnset: true }),
    patch: (patchStrategy) => field({ ...node, patchStrategy }),
  };
}

function fieldOf<T, D = T>(id: number, type: SchemaNode): Field<T, D, 'required'> {
  return field({
    id,
    type,
    required: true,
    default: undefined,
    patchStrategy: undefined,
    via: undefined,
    zeroIsUnset: false,
  });
}

const scalar =
  <T, D = T>(kind: ScalarKind) =>
  (id: number): Field<T, D, 'required'> =>
    fieldOf(id, { kind });

/** A string. `id` is the protobuf field number, here and below. */
export const text = scalar<string>('string');
/** A 32-bit integer. */
export const int32 = scalar<number>('int32');
/** A 64-bit integer; numbers beyond 2^53 lose precision as they do in JavaScript clients. */
export const int64 = scalar<number>('int64');
/** A double. */
export const double = scalar<number>('double');
/** A boolean. */
export const bool = scalar<boolean>('bool');
/** Bytes, base64 in JSON. */
export const bytes = scalar<string>('bytes');
/** RFC 3339 in seconds. Source: metav1.Time. */
export const time = scalar<string>('time');
/** RFC 3339 in microseconds. Source: metav1.MicroTime. */
export const microTime = scalar<string>('microTime');
/** A Go duration such as `1m30s`. Source: metav1.Duration. */
export const duration = scalar<string>('duration');
/** An amount such as `100m` or `1Gi`; clients may send plain numbers. Source: resource.Quantity. */
export const quantity = scalar<string, string | number>('quantity');
/** A number or a name. Source: intstr.IntOrString. */
export const intOrString = scalar<number | string>('intOrString');
/** Any JSON. Source: runtime.RawExtension, metav1.FieldsV1. */
export const json = scalar<Json>('json');

/** A string out of `values`. */
export function oneOf<const V extends readonly string[]>(
  id: number,
  values: V,
): Field<V[number], V[number], 'required'> {
  return fieldOf(id, { kind: 'string', values });
}

/** A nested struct. */
export function struct<T, D>(id: number, definition: Struct<T, D>): Field<T, D, 'required'> {
  return fieldOf(id, definition.node);
}

/** How a list is merged. Defaults: atomic, replaced by strategic merge. */
export interface ListOptions {
  readonly type?: 'atomic' | 'set' | 'map';
  readonly keys?: readonly string[];
  readonly mergeKey?: string;
  readonly patch?: PatchStrategy;
}

type Item<T, D> = Struct<T, D> | ((id: number) => Field<T, D, 'required'>);

/** A list of structs, or of scalars: `list(2, Container, {...})`, `list(3, text)`. */
export function list<T, D>(
  id: number,
  items: Item<T, D>,
  options: ListOptions = {},
): Field<readonly T[], readonly D[], 'required'> {
  return fieldOf(id, {
    kind: 'list',
    items: itemNode(items),
    listType: options.type ?? 'atomic',
    keys: options.keys ?? [],
    mergeKey: options.mergeKey,
    patchStrategy: options.patch,
  });
}

/** A map from strings to structs or scalars: `map(11, text)`. */
export function map<T, D>(
  id: number,
  values: Item<T, D>,
  options: { readonly atomic?: boolean } = {},
): Field<Readonly<Record<string, T>>, Readonly<Record<string, D>>, 'required'> {
  return fieldOf(id, { kind: 'map', values: itemNode(values), atomic: options.atomic ?? false });
}

/** A list as an item of a map or list: `map(2, listOf(text))` is a map of string lists. */
export function listOf<T, D>(items: Item<T, D>): (id: number) => Field<readonly T[], readonly D[], 'required'> {
  return (id) => list(id, items);
}

function itemNode(item: Item<unknown, unknown>): SchemaNode {
  return typeof item === 'function' ? item(1).node.type : item.node;
}

/** Narrows parsed JSON to an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
