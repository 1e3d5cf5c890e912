/**
 * The types of the language for the OpenAPI schemas of custom resources. Source: SchemaDeclType of apiserver's
 * pkg/cel/common/schemas.go: sizes and names decide about costs and errors, so they are kept.
 */
import type { CelField, CelType, ObjectType } from './cel-type.ts';
import { escapeCelName } from './escape-name.ts';
import { maxRequestSizeBytes } from './limits.ts';
import { dateTimeSize, listOfSize, mapOfSize, minSizes, sizedScalar, unboundedText } from './type-sizes.ts';

/** What is looked at of a schema: a structural JSONSchemaProps has all of it. */
export interface JsonSchema {
  readonly type?: string | undefined;
  readonly format?: string | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly additionalProperties?: boolean | JsonSchema | undefined;
  readonly items?: JsonSchema | undefined;
  readonly required?: readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly default?: unknown;
  readonly maxLength?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly maxProperties?: number | undefined;
  readonly 'x-kubernetes-int-or-string'?: boolean | undefined;
  readonly 'x-kubernetes-embedded-resource'?: boolean | undefined;
  readonly 'x-kubernetes-list-type'?: string | undefined;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[] | undefined;
}

/** The names under which object types are known, and whether the schema is that of a whole resource. */
export interface JsonSchemaTypeOptions {
  /** The name of the outermost type; fields and elements have theirs after it. */
  readonly name: string;
  /** Resources have `apiVersion`, `kind`, `metadata.name` and `metadata.generateName` without saying so. */
  readonly resourceRoot?: boolean;
}

/** The type of a schema; undefined when expressions can't look at it (no type, or no schema of what is inside). */
export function celTypeOfJsonSchema(schema: JsonSchema, options: JsonSchemaTypeOptions): CelType | undefined {
  if (schema['x-kubernetes-int-or-string']) {
    return { kind: 'dyn', maxSize: characters(schema.maxLength) ?? unboundedText, minJsonSize: 1 };
  }
  const root = options.resourceRoot ? withTypeAndObjectMeta(schema) : schema;
  switch (root.type) {
    case 'array':
      return arrayType(root, options.name);
    case 'object':
      return objectTypeOf(root, options.name);
    case 'string':
      return stringType(root);
    case 'boolean':
      return sizedScalar('bool');
    case 'number':
      return sizedScalar('double');
    case 'integer':
      return sizedScalar('int');
    default:
      return undefined;
  }
}

const embedded = (schema: JsonSchema): boolean => schema['x-kubernetes-embedded-resource'] === true;
const atLeastZero = (bound: number | undefined): number | undefined => bound && Math.max(0, bound);
/** Lengths are promised in code points, of up to four bytes each. */
const characters = (maxLength: number | undefined): number | undefined =>
  maxLength === undefined ? undefined : Math.max(0, maxLength) * 4;

function arrayType(schema: JsonSchema, name: string): CelType | undefined {
  const { items } = schema;
  const element = items && celTypeOfJsonSchema(items, { name: `${name}.@idx`, resourceRoot: embedded(items) });
  if (!element) return undefined;
  const listType = schema['x-kubernetes-list-type'];
  return listOfSize(() => element, {
    maxItems: atLeastZero(schema.maxItems),
    listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
    keys: schema['x-kubernetes-list-map-keys'],
  });
}

function objectTypeOf(schema: JsonSchema, name: string): CelType | undefined {
  const { additionalProperties } = schema;
  if (typeof additionalProperties === 'object') {
    const resourceRoot = embedded(additionalProperties);
    const value = celTypeOfJsonSchema(additionalProperties, { name: `${name}.@elem`, resourceRoot });
    return value && mapOfSize(() => value, atLeastZero(schema.maxProperties));
  }
  const required = new Set(schema.required);
  const fields = new Map<string, CelField>();
  let minJsonSize = 2;
  for (const [property, inner] of Object.entries(schema.properties ?? {})) {
    const escaped = escapeCelName(property);
    const resourceRoot = embedded(inner);
    const type = celTypeOfJsonSchema(inner, { name: `${name}.${escaped ?? property}`, resourceRoot });
    if (!type) continue;
    if (escaped !== undefined) fields.set(escaped, { name: property, type });
    const mandatory = required.has(property) && inner.default === undefined;
    if (mandatory) minJsonSize += byteLength(property) + (type.minJsonSize ?? 0) + 4;
  }
  const type: ObjectType = { kind: 'object', name, minJsonSize, maxSize: 0, fields: () => fields };
  return type;
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

function stringType({ format, maxLength, enum: values }: JsonSchema): CelType {
  const longest = values?.length
    ? Math.max(0, ...values.map((value) => (typeof value === 'string' ? byteLength(value) : 0)))
    : undefined;
  switch (format) {
    case 'byte':
      return { kind: 'bytes', maxSize: atLeastZero(maxLength) ?? unboundedText, minJsonSize: minSizes.string };
    case 'duration':
      return { kind: 'duration', maxSize: dateTimeSize, minJsonSize: minSizes.duration };
    case 'date':
      return { kind: 'timestamp', format: 'date', maxSize: minSizes.date, minJsonSize: minSizes.date };
    case 'date-time':
      return { kind: 'timestamp', maxSize: dateTimeSize, minJsonSize: minSizes.dateTime };
    default:
      return {
        kind: 'string',
        maxSize: characters(maxLength) ?? longest ?? unboundedText,
        minJsonSize: minSizes.string,
      };
  }
}

/** How long the name of an object may be. */
const maxNameLength = 253;

function withTypeAndObjectMeta(schema: JsonSchema): JsonSchema {
  const text: JsonSchema = { type: 'string' };
  const { kind, apiVersion, metadata } = schema.properties ?? {};
  const complete = [kind, apiVersion, metadata?.properties?.['name'], metadata?.properties?.['generateName']];
  if (complete.every((field) => field?.type === 'string') && metadata?.type === 'object') return schema;
  const capped = (name: string, longest: number): JsonSchema => {
    const stated = metadata?.properties?.[name]?.maxLength ?? longest;
    return { type: 'string', maxLength: Math.min(stated, longest) };
  };
  // The generated suffix has at least a byte.
  const names = { name: capped('name', maxNameLength), generateName: capped('generateName', maxNameLength - 1) };
  const meta: JsonSchema = { type: 'object', properties: names };
  return { ...schema, properties: { ...schema.properties, kind: text, apiVersion: text, metadata: meta } };
}

/** How often data of a type may be in an object, at most: what a rule is estimated to cost counts as often. */
export function maxCardinality(type: CelType): number {
  return Math.floor(maxRequestSizeBytes / ((type.minJsonSize ?? 0) + 1));
}
