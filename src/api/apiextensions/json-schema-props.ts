/** JSON schemas within custom resource definitions. Source: apiextensions/v1. */
import type { JsonSchema, ValidationRule as Rule } from '../../machinery/structural/json-schema.ts';
import {
  bool,
  defineRecursiveStruct,
  defineStruct,
  double,
  int64,
  json,
  list,
  map,
  struct,
  text,
} from '../../machinery/schema.ts';
import type { Struct } from '../../machinery/schema.ts';

const ValidationRule: Struct<Rule, Rule> = defineStruct('ValidationRule', {
  rule: text(1),
  message: text(2).omitEmpty(),
  messageExpression: text(3).omitEmpty(),
  reason: text(4).optional(),
  fieldPath: text(5).omitEmpty(),
  optionalOldSelf: bool(6).optional(),
});

const ExternalDocumentation = defineStruct('ExternalDocumentation', {
  description: text(1).omitEmpty(),
  url: text(2).omitEmpty(),
});

const OrArray = defineRecursiveStruct<JsonSchema | readonly JsonSchema[]>(
  'JSONSchemaPropsOrArray',
  () => ({ schema: struct(1, JSONSchemaProps).optional(), jSONSchemas: list(2, JSONSchemaProps).optional() }),
  { union: true },
);

const OrBool = defineRecursiveStruct<JsonSchema | boolean>(
  'JSONSchemaPropsOrBool',
  () => ({ allows: bool(1), schema: struct(2, JSONSchemaProps).optional() }),
  { union: true },
);

const OrStringArray = defineRecursiveStruct<JsonSchema | readonly string[]>(
  'JSONSchemaPropsOrStringArray',
  () => ({ schema: struct(1, JSONSchemaProps).optional(), property: list(2, text).optional() }),
  { union: true },
);

/** A JSON schema. */
export const JSONSchemaProps: Struct<JsonSchema, JsonSchema> = defineRecursiveStruct<JsonSchema>(
  'JSONSchemaProps',
  () => ({
    id: text(1).omitEmpty(),
    $schema: text(2).omitEmpty(),
    $ref: text(3).optional(),
    description: text(4).omitEmpty(),
    type: text(5).omitEmpty(),
    format: text(6).omitEmpty(),
    title: text(7).omitEmpty(),
    default: json(8).optional(),
    maximum: double(9).optional(),
    exclusiveMaximum: bool(10).omitEmpty(),
    minimum: double(11).optional(),
    exclusiveMinimum: bool(12).omitEmpty(),
    maxLength: int64(13).optional(),
    minLength: int64(14).optional(),
    pattern: text(15).omitEmpty(),
    maxItems: int64(16).optional(),
    minItems: int64(17).optional(),
    uniqueItems: bool(18).omitEmpty(),
    multipleOf: double(19).optional(),
    enum: list(20, json).optional(),
    maxProperties: int64(21).optional(),
    minProperties: int64(22).optional(),
    required: list(23, text).optional(),
    items: struct(24, OrArray).optional(),
    allOf: list(25, JSONSchemaProps).optional(),
    oneOf: list(26, JSONSchemaProps).optional(),
    anyOf: list(27, JSONSchemaProps).optional(),
    not: struct(28, JSONSchemaProps).optional(),
    properties: map(29, JSONSchemaProps).optional(),
    additionalProperties: struct(30, OrBool).optional(),
    patternProperties: map(31, JSONSchemaProps).optional(),
    dependencies: map(32, OrStringArray).optional(),
    additionalItems: struct(33, OrBool).optional(),
    definitions: map(34, JSONSchemaProps).optional(),
    externalDocs: struct(35, ExternalDocumentation).optional(),
    example: json(36).optional(),
    nullable: bool(37).omitEmpty(),
    'x-kubernetes-preserve-unknown-fields': bool(38).optional(),
    'x-kubernetes-embedded-resource': bool(39).omitEmpty(),
    'x-kubernetes-int-or-string': bool(40).omitEmpty(),
    'x-kubernetes-list-map-keys': list(41, text).optional(),
    'x-kubernetes-list-type': text(42).optional(),
    'x-kubernetes-map-type': text(43).optional(),
    'x-kubernetes-validations': list(44, ValidationRule, {
      type: 'map',
      keys: ['rule'],
      mergeKey: 'rule',
      patch: 'merge',
    }).optional(),
  }),
);
