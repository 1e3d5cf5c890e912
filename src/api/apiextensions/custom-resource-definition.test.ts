import { expect, test } from 'vitest';
import { decodeObject } from '../../machinery/decode.ts';
import { fieldErrorText } from '../../machinery/field-error.ts';
import { decodeProtobuf } from '../../machinery/protobuf/decode-protobuf.ts';
import { encodeProtobuf } from '../../machinery/protobuf/encode-protobuf.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { CustomResourceDefinition } from './custom-resource-definition.ts';
import type { DefinitionDraft } from './custom-resource-definition.ts';

type Spec = DefinitionDraft['spec'];

const object: JsonSchema = { type: 'object' };

function definition(spec: Partial<Spec> = {}, schema: JsonSchema = object): CustomResourceDefinition {
  const draft = {
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      ...spec,
    },
  };
  return decodeObject(CustomResourceDefinition, draft).object;
}

const errorsOf = (value: CustomResourceDefinition, old?: CustomResourceDefinition): string[] =>
  (CustomResourceDefinition.validate?.(value, { old }) ?? []).map(fieldErrorText);

const schemaErrors = (schema: JsonSchema): string[] => errorsOf(definition({}, schema));
const at = 'spec.versions[0].schema.openAPIV3Schema';

test('names and the conversion are filled in, and the storage version is recorded', () => {
  const { spec, status } = definition();
  expect(spec.names).toEqual({ plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' });
  expect(spec.conversion).toEqual({ strategy: 'None' });
  expect(status.storedVersions).toEqual(['v1']);
  expect(errorsOf(definition())).toEqual([]);
});

test('a schema survives JSON and protobuf, whatever shape its parts have', () => {
  const schema = {
    type: 'object',
    properties: {
      a: { type: 'array', items: { type: 'string', default: 'x', enum: ['x', 1, null] }, nullable: true },
      b: { type: 'object', additionalProperties: false },
      c: { type: 'object', additionalProperties: true },
      d: { type: 'object', additionalProperties: { type: 'integer', maximum: 1.5 } },
      e: { items: [{ type: 'string' }] },
      f: { dependencies: { x: ['y'], z: { type: 'string' } } },
    },
    'x-kubernetes-validations': [{ rule: 'true', optionalOldSelf: false }],
  };
  const value = definition({}, schema);
  expect(value.spec.versions[0]?.schema?.openAPIV3Schema).toEqual(schema);
  const bytes = encodeProtobuf(CustomResourceDefinition.schema, value);
  const back = decodeObject(CustomResourceDefinition, decodeProtobuf(CustomResourceDefinition.schema, bytes)).object;
  expect(back).toEqual(value);
  expect(encodeProtobuf(CustomResourceDefinition.schema, back).equals(bytes)).toBe(true);
});

test.each<readonly [Partial<Spec>, string]>([
  [{ group: 'example' }, 'spec.group: Invalid value: "example": should be a domain with at least one dot'],
  [{ scope: 'Global' }, 'spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"'],
  [{ scope: '' }, 'spec.scope: Required value'],
  [
    { names: { plural: 'foos', kind: 'Foo', listKind: 'Foo' } },
    'spec.names.listKind: Invalid value: "Foo": kind and listKind may not be the same',
  ],
  [
    { conversion: { strategy: 'Webhook' } },
    'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
  ],
  [
    {
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: { url: 'http://x/' }, conversionReviewVersions: ['v1'] },
      },
    },
    `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
  ],
  [
    { preserveUnknownFields: true },
    'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
  ],
  [
    { versions: [{ name: 'v1', served: true, storage: true }] },
    'spec.versions[0].schema.openAPIV3Schema: Required value',
  ],
])('a definition with %j is refused', (spec, text) => {
  expect(errorsOf(definition(spec))).toContain(text);
});

test.each<readonly [JsonSchema, string]>([
  [{}, `${at}.type: Required value: must not be empty at the root`],
  [
    { type: 'object', properties: { a: {} } },
    `${at}.properties[a].type: Required value: must not be empty for specified object fields`,
  ],
  [
    { type: 'object', properties: { a: { type: 'array' } } },
    `${at}.properties[a].items: Required value: must be specified`,
  ],
  [
    { type: 'object', anyOf: [{ properties: { a: { type: 'string' } } }] },
    `${at}.anyOf[0].properties[a].type: Forbidden: must be empty to be structural`,
  ],
  [
    { type: 'object', anyOf: [{ required: ['a'], properties: { a: { minLength: 1 } } }] },
    `${at}.properties[a]: Required value: because it is defined in ${at}.anyOf[0].properties[a]`,
  ],
  [
    { type: 'object', properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } } },
    `${at}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
  ],
  [
    { type: 'object', properties: { a: { type: 'integer', default: 'x' } } },
    `${at}.properties[a].default: Invalid value: "string":  in body must be of type integer: "string"`,
  ],
  [
    { type: 'object', properties: { a: { type: 'object', default: { b: 1 } } } },
    `${at}.properties[a].default: Invalid value: {"b":1}: must not have unknown fields`,
  ],
  [
    { type: 'object', properties: { a: { type: 'string', pattern: '(' } } },
    `${at}.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
  ],
  [
    {
      type: 'object',
      properties: {
        a: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          items: { type: 'object', properties: { k: { type: 'string' } } },
        },
      },
    },
    `${at}.properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
  ],
  [
    { type: 'object', 'x-kubernetes-validations': [{ rule: ' ' }] },
    `${at}.x-kubernetes-validations[0].rule: Required value: rule is not specified`,
  ],
])('the schema %j is refused', (schema, text) => {
  expect(schemaErrors(schema)).toContain(text);
});

const ruled = (rule: string, more: object = {}, schema: JsonSchema = { type: 'string' }): JsonSchema => ({
  type: 'object',
  properties: { a: { ...schema, 'x-kubernetes-validations': [{ rule, ...more }] } },
});
const rules = `${at}.properties[a].x-kubernetes-validations[0]`;

test('expressions must compile, to booleans, and messages to texts', () => {
  expect(schemaErrors(ruled("self == 'x'"))).toEqual([]);
  expect(schemaErrors(ruled('self + '))[0]).toMatch(
    `${rules}.rule: Invalid value: {"rule":"self + "}: compilation failed: ERROR: <input>:1:8:`,
  );
  expect(schemaErrors(ruled('self'))).toEqual([
    `${rules}.rule: Invalid value: {"rule":"self"}: cel expression must evaluate to a bool`,
  ]);
  expect(schemaErrors(ruled('true', { messageExpression: '1' }))).toEqual([
    `${rules}.messageExpression: Invalid value: {"rule":"true","messageExpression":"1"}: messageExpression must evaluate to a string`,
  ]);
  expect(schemaErrors(ruled('true', { optionalOldSelf: true }))).toEqual([
    `${rules}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`,
  ]);
});

test('old values may be looked at only where they can be told', () => {
  const list: JsonSchema = {
    type: 'array',
    maxItems: 9,
    items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] },
  };
  expect(schemaErrors({ type: 'object', properties: { a: list } })).toEqual([
    `${at}.properties[a].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${at}.properties[a]`,
  ]);
});

test('expressions that may cost too much are refused when they are defined', () => {
  const list: JsonSchema = { type: 'array', items: { type: 'string' } };
  const rule = 'self.all(x, self.all(y, x != y))';
  const limits =
    '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';
  expect(schemaErrors(ruled(rule, {}, list))).toEqual([
    `${rules}.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${limits}`,
    `${rules}.rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
    `${at}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${limits}`,
  ]);
  expect(schemaErrors(ruled(rule, {}, { ...list, maxItems: 10, items: { type: 'string', maxLength: 10 } }))).toEqual(
    [],
  );
});

test('what is stored must stay readable, and names that are in use stay', () => {
  const old = definition();
  const established = { type: 'Established', status: 'True' };
  const versions = [{ name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: object } }];
  const next = definition({ versions, names: { plural: 'foos', kind: 'Bar' } });
  const status = { ...old.status, storedVersions: ['v1', 'v2'] };
  const before = { ...old, status: { ...old.status, conditions: [established] } };
  expect(errorsOf({ ...next, status }, before)).toEqual([
    'spec.names.kind: Invalid value: "Bar": field is immutable',
    'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
  ]);
});

test('selectable fields point to scalars, at most eight of them', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } },
  };
  const select = (...paths: string[]): string[] =>
    errorsOf(
      definition({
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: schema },
            selectableFields: paths.map((jsonPath) => ({ jsonPath })),
          },
        ],
      }),
    );
  expect(select('.spec.a')).toEqual([]);
  expect(select('.spec.b', '.spec')).toEqual([
    'spec.versions[0].selectableFields[0].jsonPath: Invalid value: ".spec.b": is an invalid path: does not refer to a valid field',
    'spec.versions[0].selectableFields[1].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
  ]);
});

test('formats that nobody enforces are warned of, once', () => {
  const odd = definition({}, { type: 'object', properties: { a: { type: 'string', format: 'odd' } } });
  expect(CustomResourceDefinition.warnings?.(odd, {})).toEqual(['unrecognized format "odd"']);
  expect(CustomResourceDefinition.warnings?.(odd, { old: odd })).toEqual([]);
});

test('a schema whose structure can not be read is told of that, not of what follows from it', () => {
  expect(schemaErrors({ 'x-kubernetes-preserve-unknown-fields': false })).toEqual([
    `${at}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`,
  ]);
  expect(schemaErrors({ type: 'object', $schema: 'x' })).toEqual([
    `${at}: Invalid value: "": OpenAPIV3Schema 'schema' is not supported`,
  ]);
});

test('below a map of an unknown type nothing can be compared with what it was', () => {
  const text: JsonSchema = { type: 'string', maxLength: 9, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] };
  const map: JsonSchema = { type: 'object', 'x-kubernetes-map-type': 'future', properties: { a: text } };
  expect(schemaErrors({ type: 'object', properties: { map } })).toEqual([
    expect.stringContaining('x-kubernetes-map-type: Unsupported value: "future"'),
    expect.stringContaining(`oldSelf cannot be used on the uncorrelatable portion of the schema within ${at}`),
  ]);
});

test('names are as long as names may be, which bounds what rules about them cost', () => {
  const rule = 'self.metadata.name.contains(self.metadata.generateName)';
  expect(schemaErrors({ type: 'object', 'x-kubernetes-validations': [{ rule }] })).toEqual([]);
});

test('the URL of a webhook must be complete', () => {
  const webhook = { clientConfig: { url: '' }, conversionReviewVersions: ['v1'] };
  expect(errorsOf(definition({ conversion: { strategy: 'Webhook', webhook } }))).toEqual([
    expect.stringContaining(`spec.conversion.webhookClientConfig.url: Invalid value: "": 'https' is the only allowed`),
    expect.stringContaining('spec.conversion.webhookClientConfig.url: Invalid value: "": host must be specified'),
  ]);
});
