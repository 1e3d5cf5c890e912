import type { Json } from '../../base/json.ts';

/** A rule of `x-kubernetes-validations`. Source: apiextensions/v1 ValidationRule. */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string | undefined;
  readonly messageExpression?: string | undefined;
  readonly reason?: string | undefined;
  readonly fieldPath?: string | undefined;
  readonly optionalOldSelf?: boolean | undefined;
}

/**
 * A JSON schema as custom resource definitions carry it. Stated here for the compiler, which can't derive a type that
 * contains itself from its definition (`JSONSchemaProps` of apiextensions). Source: apiextensions/v1 JSONSchemaProps.
 */
export interface JsonSchema {
  readonly id?: string | undefined;
  readonly $schema?: string | undefined;
  readonly $ref?: string | undefined;
  readonly description?: string | undefined;
  readonly type?: string | undefined;
  readonly format?: string | undefined;
  readonly title?: string | undefined;
  readonly default?: Json | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMaximum?: boolean | undefined;
  readonly minimum?: number | undefined;
  readonly exclusiveMinimum?: boolean | undefined;
  readonly maxLength?: number | undefined;
  readonly minLength?: number | undefined;
  readonly pattern?: string | undefined;
  readonly maxItems?: number | undefined;
  readonly minItems?: number | undefined;
  readonly uniqueItems?: boolean | undefined;
  readonly multipleOf?: number | undefined;
  readonly enum?: readonly Json[] | undefined;
  readonly maxProperties?: number | undefined;
  readonly minProperties?: number | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: JsonSchema | readonly JsonSchema[] | undefined;
  readonly allOf?: readonly JsonSchema[] | undefined;
  readonly oneOf?: readonly JsonSchema[] | undefined;
  readonly anyOf?: readonly JsonSchema[] | undefined;
  readonly not?: JsonSchema | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly additionalProperties?: JsonSchema | boolean | undefined;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly dependencies?: Readonly<Record<string, JsonSchema | readonly string[]>> | undefined;
  readonly additionalItems?: JsonSchema | boolean | undefined;
  readonly definitions?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly externalDocs?: { readonly description?: string | undefined; readonly url?: string | undefined } | undefined;
  readonly example?: Json | undefined;
  readonly nullable?: boolean | undefined;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean | undefined;
  readonly 'x-kubernetes-embedded-resource'?: boolean | undefined;
  readonly 'x-kubernetes-int-or-string'?: boolean | undefined;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[] | undefined;
  readonly 'x-kubernetes-list-type'?: string | undefined;
  readonly 'x-kubernetes-map-type'?: string | undefined;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[] | undefined;
}

/** The schema of a list's items; undefined for none, and for the form with one schema per position. */
export function itemSchema({ items }: JsonSchema): JsonSchema | undefined {
  return isSchemaList(items) ? undefined : items;
}

/** The schema of members that `properties` does not name; undefined where it is only a boolean. */
export function additionalSchema({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** The schema of a named property; never one that only the prototype has. */
export function propertySchema({ properties }: JsonSchema, name: string): JsonSchema | undefined {
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** Whether `items` has one schema per position. */
export function isSchemaList(items: JsonSchema['items']): items is readonly JsonSchema[] {
  return Array.isArray(items);
}

/** Whether any schema within, itself included, satisfies `test`. */
export function someSchema(schema: JsonSchema, test: (schema: JsonSchema) => boolean): boolean {
  return test(schema) || innerSchemas(schema).some((inner) => someSchema(inner, test));
}

function innerSchemas(schema: JsonSchema): JsonSchema[] {
  const { items, allOf, anyOf, oneOf, not, properties, patternProperties, definitions, dependencies } = schema;
  const maps = [properties, patternProperties, definitions, dependencies].flatMap((map) => Object.values(map ?? {}));
  const either = [schema.additionalProperties, schema.additionalItems, not];
  return [...[items].flat(), ...(allOf ?? []), ...(anyOf ?? []), ...(oneOf ?? []), ...maps, ...either].filter(
    (inner): inner is JsonSchema => typeof inner === 'object' && !Array.isArray(inner),
  );
}
