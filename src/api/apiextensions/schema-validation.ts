/** What the schema of a version must be like. Source: apiextensions' validation.go. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { defaultErrors } from '../../machinery/structural/default-rules.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { additionalSchema, isSchemaList, itemSchema, someSchema } from '../../machinery/structural/json-schema.ts';
import { structuralErrors } from '../../machinery/structural/structural-rules.ts';
import { listTypeErrors } from './list-type-validation.ts';
import { TotalCost, elementsOf, expressionErrors } from './rule-costs.ts';
import type { ExpressionPlace } from './rule-costs.ts';
import { ruleErrors } from './rule-validation.ts';

/** Where a schema stands, whether its version has the status subresource, and what it was before an update. */
export interface SchemaContext {
  readonly path: string;
  readonly status: boolean;
  readonly old: JsonSchema | undefined;
}

/** Everything that is wrong with the schema of a version. */
export function validateSchema(schema: JsonSchema, { path: parent, status, old }: SchemaContext): FieldError[] {
  const path = `${parent}.openAPIV3Schema`;
  const readable = !someSchema(schema, isUnreadable);
  const structural = readable ? structuralErrors(schema, path) : [];
  const structure = structural.length > 0 || !readable ? structural : defaultErrors(schema, path);
  const totalCost = new TotalCost();
  // Expressions are looked at only within a schema that is sound otherwise.
  const expressions = { cardinality: 1, totalCost, suppressCosts: old !== undefined && equalJson(schema, old) };
  const nodes = nodeErrors(schema, {
    path,
    isRoot: true,
    expressions: structure.length > 0 || !readable ? undefined : expressions,
  });
  const errors = [
    ...(status ? rootErrors(schema, path) : []),
    ...(schema.nullable ? [forbidden(`${path}.nullable`, 'nullable cannot be true at the root')] : []),
    ...structure,
    ...nodes.schema,
    ...nodes.expressions,
    ...totalCost.errors(path),
  ];
  // Whatever else makes a schema unreadable is an error of its own.
  if (readable || errors.length > 0) return errors;
  return [invalid(path, '', "OpenAPIV3Schema 'schema' is not supported")];
}

/** Whether the structure can't be read off a schema; what is wrong with it is told elsewhere. */
function isUnreadable(schema: JsonSchema): boolean {
  const filled = (value: object | undefined): boolean => Object.keys(value ?? {}).length > 0;
  const { id, $schema, $ref, patternProperties, dependencies, additionalItems, definitions, items } = schema;
  const absent = [$ref, dependencies, additionalItems].every((member) => member === undefined);
  return (
    Boolean(id) ||
    Boolean($schema) ||
    !absent ||
    filled(patternProperties) ||
    filled(definitions) ||
    isSchemaList(items) ||
    schema['x-kubernetes-preserve-unknown-fields'] === false
  );
}

const rootFields: Readonly<Record<string, string>> = {
  description: 'Description',
  type: 'Type',
  format: 'Format',
  title: 'Title',
  maximum: 'Maximum',
  exclusiveMaximum: 'ExclusiveMaximum',
  minimum: 'Minimum',
  exclusiveMinimum: 'ExclusiveMinimum',
  maxLength: 'MaxLength',
  minLength: 'MinLength',
  pattern: 'Pattern',
  maxItems: 'MaxItems',
  minItems: 'MinItems',
  uniqueItems: 'UniqueItems',
  multipleOf: 'MultipleOf',
  required: 'Required',
  items: 'Items',
  properties: 'Properties',
  externalDocs: 'ExternalDocs',
  example: 'Example',
  'x-kubernetes-preserve-unknown-fields': 'XPreserveUnknownFields',
  'x-kubernetes-validations': 'XValidations',
};

/** With a status subresource the status is validated on its own, so nothing at the root may speak of it. */
function rootErrors(schema: JsonSchema, path: string): FieldError[] {
  for (const [name, value] of Object.entries(schema)) {
    if (value === undefined) continue;
    if (name === 'type' && value !== 'object') {
      const detail =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
      return [invalid(`${path}.type`, value, detail)];
    }
    if (name in rootFields) continue;
    const detail = `only [${Object.values(rootFields).join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
    return [invalid(path, schema, detail)];
  }
  return [];
}

/** Where a node stands, and what its parents say of it. */
export interface NodePlace {
  readonly path: string;
  readonly isRoot?: boolean;
  /** Within apiVersion, kind or metadata of an object. */
  readonly insideMeta?: boolean;
  /** Why there may be no default here. */
  readonly noDefaults?: string | undefined;
  /** The outermost part in which old and new values can't be told to belong together. */
  readonly uncorrelatable?: string | undefined;
  /** What expressions here may cost; undefined where there may be none. */
  readonly expressions?: Pick<ExpressionPlace, 'cardinality' | 'totalCost' | 'suppressCosts'> | undefined;
}

/** What is wrong with a part of a schema, and with the expressions in it. */
interface NodeErrors {
  readonly schema: readonly FieldError[];
  readonly expressions: readonly FieldError[];
}

function joined(parts: readonly NodeErrors[]): NodeErrors {
  return {
    schema: parts.flatMap(({ schema }) => schema),
    expressions: parts.flatMap(({ expressions }) => expressions),
  };
}

const metaFields = new Set(['apiVersion', 'kind', 'metadata']);
const mapTypes = new Set(['atomic', 'granular']);

function nodeErrors(schema: JsonSchema, place: NodePlace): NodeErrors {
  const { path, expressions, uncorrelatable, isRoot = false } = place;
  const inner = childrenErrors(schema, place);
  const errors = [
    ...ownErrors(schema, place),
    ...inner.schema,
    ...listTypeErrors(schema, path),
    ...ruleErrors(schema, path),
  ];
  const own =
    expressions && errors.length === 0
      ? expressionErrors(schema, { ...expressions, path, isRoot, uncorrelatable })
      : [];
  return { schema: errors, expressions: [...inner.expressions, ...own] };
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

function ownErrors(schema: JsonSchema, { path, noDefaults, insideMeta }: NodePlace): FieldError[] {
  const { type = '', properties = {}, additionalProperties } = schema;
  const preserve = schema['x-kubernetes-preserve-unknown-fields'];
  const both =
    Object.keys(properties).length > 0 && additionalProperties !== undefined && additionalProperties !== true;
  return [
    ...(type === '' || types.includes(type) ? [] : [notSupported(`${path}.type`, type, types)]),
    ...(schema.default === undefined || noDefaults === undefined
      ? []
      : [forbidden(`${path}.default`, `must not be set ${noDefaults}`)]),
    ...unsupportedErrors(schema, path),
    ...(insideMeta && schema['x-kubernetes-embedded-resource']
      ? [forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta')]
      : []),
    ...(schema.uniqueItems
      ? [
          forbidden(
            `${path}.uniqueItems`,
            'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
          ),
        ]
      : []),
    ...(both
      ? [forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive')]
      : []),
    ...(preserve === false
      ? [invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined')]
      : []),
  ];
}

function unsupportedErrors(schema: JsonSchema, path: string): FieldError[] {
  const filled = (value: object | undefined): boolean => Object.keys(value ?? {}).length > 0;
  const refuse = (name: string, detail = `${name} is not supported`): FieldError =>
    forbidden(`${path}.${name}`, detail);
  return [
    ...(schema.id ? [refuse('id')] : []),
    ...(schema.additionalItems === undefined ? [] : [refuse('additionalItems')]),
    ...(filled(schema.patternProperties) ? [refuse('patternProperties')] : []),
    ...(filled(schema.definitions) ? [refuse('definitions')] : []),
    ...(schema.dependencies === undefined ? [] : [refuse('dependencies')]),
    ...(schema.$ref === undefined ? [] : [refuse('$ref')]),
    ...(schema.type === 'null' ? [refuse('type', 'type cannot be set to null, use nullable as an alternative')] : []),
    ...(isSchemaList(schema.items) ? [refuse('items', 'items must be a schema object and not an array')] : []),
  ];
}

function childrenErrors(schema: JsonSchema, place: NodePlace): NodeErrors {
  const { path } = place;
  const inner: NodePlace = { ...place, isRoot: false, expressions: insideOf(schema, place) };
  const outside: NodePlace = { ...place, isRoot: false, expressions: undefined };
  const additional = additionalSchema(schema);
  const items = itemSchema(schema);
  const logic = (name: 'allOf' | 'oneOf' | 'anyOf'): NodeErrors[] =>
    (schema[name] ?? []).map((part, i) => nodeErrors(part, { ...outside, path: `${path}.${name}[${i}]` }));
  const itemPlace = schema['x-kubernetes-list-type'] === 'map' ? inner : uncorrelatableIn(inner, path);
  const mapType = schema['x-kubernetes-map-type'] ?? 'granular';
  const memberPlace = mapTypes.has(mapType) ? inner : uncorrelatableIn(inner, path);
  return joined([
    ...(additional ? [nodeErrors(additional, additionalPlace(inner, path))] : []),
    ...Object.entries(schema.properties ?? {}).map(([name, property]) =>
      nodeErrors(property, propertyPlace(schema, { ...memberPlace, isRoot: place.isRoot ?? false }, name)),
    ),
    ...(schema.not ? [nodeErrors(schema.not, { ...outside, path: `${path}.not` })] : []),
    ...logic('allOf'),
    ...logic('oneOf'),
    ...logic('anyOf'),
    ...(items ? [nodeErrors(items, { ...itemPlace, path: `${path}.items` })] : []),
  ]);
}

/** Values inside of lists and maps occur as often as those allow. */
function insideOf(schema: JsonSchema, { expressions }: NodePlace): NodePlace['expressions'] {
  const elements = elementsOf(schema);
  if (!expressions) return undefined;
  const { cardinality } = expressions;
  const times = cardinality === undefined || elements === undefined ? undefined : cardinality * elements;
  return { ...expressions, cardinality: times };
}

function uncorrelatableIn(place: NodePlace, path: string): NodePlace {
  return { ...place, uncorrelatable: place.uncorrelatable ?? path };
}

function additionalPlace(place: NodePlace, path: string): NodePlace {
  const noDefaults = place.insideMeta ? 'inside additionalProperties applying to object metadata' : place.noDefaults;
  return { ...place, path: `${path}.additionalProperties`, noDefaults };
}

function propertyPlace(schema: JsonSchema, place: NodePlace, name: string): NodePlace {
  const isMeta = (place.isRoot || schema['x-kubernetes-embedded-resource'] === true) && metaFields.has(name);
  return {
    ...place,
    path: `${place.path}.properties[${name}]`,
    isRoot: false,
    insideMeta: place.insideMeta || isMeta,
    noDefaults: place.isRoot && isMeta ? `in top-level ${name}` : place.noDefaults,
  };
}
