/** What stays of a value under a structural schema. Source: apiextensions' schema/pruning and schema/defaulting. */
import type { Json } from '../../base/json.ts';
import type { JsonSchema } from './json-schema.ts';
import { additionalSchema, itemSchema, propertySchema } from './json-schema.ts';

/** A JSON object that is being prepared. */
export type MutableObject = Record<string, unknown>;

/** The members that every object has, whatever its schema says. */
export const typeMetaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** Narrows to an object that may be changed. */
export function isMutableObject(value: unknown): value is MutableObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy of a JSON value that shares nothing with it, members sorted as Go marshals maps. */
export function sortedCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortedCopy);
  const source = value as Readonly<Record<string, unknown>>;
  const target: MutableObject = {};
  for (const key of Object.keys(source).sort()) {
    if (source[key] !== undefined) setMember(target, key, sortedCopy(source[key]));
  }
  return target;
}

/** Sets a member, whatever its name: plain assignment to `__proto__` would set the prototype. */
export function setMember(target: MutableObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else target[key] = value;
}

/** Removes what a whole object's schema does not know, and adds the paths of it to `unknown`. */
export function pruneObject(object: MutableObject, schema: JsonSchema, unknown: string[]): void {
  const root = { ...schema, 'x-kubernetes-embedded-resource': true };
  prune(object, root, { path: '', unknown });
  unknown.sort();
}

/** Removes what a schema does not know of a value that stands somewhere within an object. */
export function pruneValue(value: unknown, schema: JsonSchema, unknown: string[]): void {
  prune(value, schema, { path: '', unknown });
}

interface Place {
  readonly path: string;
  readonly unknown: string[];
}

const member = ({ path, unknown }: Place, key: string): Place => ({
  path: path === '' ? key : `${path}.${key}`,
  unknown,
});

function prune(value: unknown, schema: JsonSchema | undefined, place: Place): void {
  if (Array.isArray(value)) return pruneList(value, schema, place);
  if (!isMutableObject(value)) return;
  const preserves = schema?.['x-kubernetes-preserve-unknown-fields'] === true;
  const embedded = schema?.['x-kubernetes-embedded-resource'] === true;
  for (const key of Object.keys(value)) {
    if (embedded && typeMetaFields.has(key)) continue;
    const property = schema && propertySchema(schema, key);
    if (property) prune(value[key], property, member(place, key));
    else if (schema?.additionalProperties !== undefined) {
      prune(value[key], additionalSchema(schema), member(place, key));
    } else if (!preserves) {
      if (!typeMetaFields.has(key) || place.path !== '') place.unknown.push(member(place, key).path);
      delete value[key];
    }
  }
}

function pruneList(items: readonly unknown[], schema: JsonSchema | undefined, { path, unknown }: Place): void {
  const preserves = schema?.['x-kubernetes-preserve-unknown-fields'] === true;
  const inner = schema && itemSchema(schema);
  // Below preserved values only what has a schema of its own is pruned.
  const inherited = preserves && inner ? { ...inner, 'x-kubernetes-preserve-unknown-fields': true } : inner;
  if (preserves && !inner) return;
  items.forEach((item, index) => prune(item, inherited, { path: `${path}[${index}]`, unknown }));
}

/** Removes nulls where the schema knows the field, allows no null and has no default. */
export function dropNulls(value: unknown, schema: JsonSchema | undefined): void {
  if (!schema) return;
  if (Array.isArray(value)) {
    const inner = itemSchema(schema);
    for (const item of value) dropNulls(item, inner);
    return;
  }
  if (!isMutableObject(value)) return;
  for (const key of Object.keys(value)) {
    const inner = propertySchema(schema, key) ?? additionalSchema(schema);
    if (value[key] === null && inner && !inner.nullable && inner.default === undefined) delete value[key];
    else dropNulls(value[key], inner);
  }
}

/** Fills in the defaults of a schema. */
export function applyDefaults(value: unknown, schema: JsonSchema | undefined): void {
  if (!schema) return;
  if (Array.isArray(value)) {
    const inner = itemSchema(schema);
    if (!inner) return;
    value.forEach((item, index) => {
      if (item === null && !inner.nullable && inner.default !== undefined) value[index] = sortedCopy(inner.default);
      applyDefaults(value[index], inner);
    });
    return;
  }
  if (!isMutableObject(value)) return;
  for (const [key, fallback, nullable] of defaultsOf(schema)) {
    const absent = !Object.hasOwn(value, key) || (value[key] === null && !nullable);
    if (absent) setMember(value, key, sortedCopy(fallback));
  }
  const additional = additionalSchema(schema);
  for (const key of Object.keys(value)) {
    const property = propertySchema(schema, key);
    if (!property && value[key] === null && additional && !additional.nullable && additional.default !== undefined) {
      setMember(value, key, sortedCopy(additional.default));
    }
    applyDefaults(value[key], property ?? additional);
  }
}

type FieldDefault = readonly [name: string, value: Json, nullable: boolean];

const defaultsOfSchemas = new WeakMap<JsonSchema, readonly FieldDefault[]>();

function defaultsOf(schema: JsonSchema): readonly FieldDefault[] {
  let defaults = defaultsOfSchemas.get(schema);
  if (!defaults) {
    defaults = Object.entries(schema.properties ?? {}).flatMap(([name, property]): readonly FieldDefault[] =>
      property.default === undefined ? [] : [[name, property.default, property.nullable ?? false]],
    );
    defaultsOfSchemas.set(schema, defaults);
  }
  return defaults;
}
