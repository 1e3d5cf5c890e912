import { expect, test } from 'vitest';
import { fieldErrorText } from '../field-error.ts';
import type { JsonSchema } from './json-schema.ts';
import { validateValue } from './validate-value.ts';

const spec = (properties: Readonly<Record<string, JsonSchema>>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, ...more } },
});

const texts = (schema: JsonSchema, value: unknown, old?: unknown): string[] =>
  validateValue(schema, value, old === undefined ? {} : { old: { value: old } }).map(fieldErrorText);

const x = (schema: JsonSchema, value: unknown): string[] => texts(spec({ x: schema }), { spec: { x: value } });

test.each<readonly [JsonSchema, unknown, string]>([
  [{ type: 'integer' }, 'a', 'spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"'],
  [
    { type: 'integer', format: 'int32' },
    2 ** 31,
    '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.x',
  ],
  [
    { type: 'number', format: 'float' },
    1e39,
    '<nil>: Invalid value: "": Checked value must be of type number with format float in spec.x',
  ],
  [
    { type: 'integer', minimum: 0.5 },
    1,
    '<nil>: Invalid value: "": Minimum boundary value must be of type integer (default format) in spec.x',
  ],
  [{ type: 'string' }, null, 'spec.x: Invalid value: "null": spec.x in body must be of type string: "null"'],
  [
    { 'x-kubernetes-int-or-string': true },
    true,
    'spec.x: Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"',
  ],
  [{ type: 'string', enum: ['b', 'a'] }, 'c', 'spec.x: Unsupported value: "c": supported values: "b", "a"'],
  [{ type: 'string', maxLength: 2 }, 'äöü', 'spec.x: Too long: may not be more than 2 bytes'],
  [{ type: 'string', minLength: 2 }, 'a', 'spec.x: Invalid value: "a": spec.x in body should be at least 2 chars long'],
  [{ type: 'string', pattern: '^[a-z]+$' }, 'A', `spec.x: Invalid value: "A": spec.x in body should match '^[a-z]+$'`],
  [
    { type: 'string', format: 'date-time' },
    'now',
    'spec.x: Invalid value: "now": spec.x in body must be of type date-time: "now"',
  ],
  [{ type: 'integer', maximum: 3 }, 4, 'spec.x: Invalid value: 4: spec.x in body should be less than or equal to 3'],
  [
    { type: 'integer', minimum: 3, exclusiveMinimum: true },
    3,
    'spec.x: Invalid value: 3: spec.x in body should be greater than 3',
  ],
  [
    { type: 'number', multipleOf: 0.1 },
    0.25,
    'spec.x: Invalid value: 0.25: spec.x in body should be a multiple of 0.1',
  ],
  [
    { type: 'array', items: { type: 'string' }, minItems: 1 },
    [],
    'spec.x: Invalid value: 0: spec.x in body should have at least 1 items',
  ],
  [
    { type: 'array', items: { type: 'string' }, maxItems: 1 },
    ['a', 'b'],
    'spec.x: Too many: 2: must have at most 1 item',
  ],
  [
    { type: 'array', items: { type: 'string' } },
    ['a', 1],
    'spec.x[1]: Invalid value: "integer": spec.x[1] in body must be of type string: "integer"',
  ],
  [
    { type: 'object', additionalProperties: { type: 'boolean' } },
    { k: 1 },
    'spec.x.k: Invalid value: "integer": spec.x.k in body must be of type boolean: "integer"',
  ],
  [
    { type: 'object', minProperties: 1 },
    {},
    'spec.x: Invalid value: "": spec.x in body should have at least 1 properties',
  ],
  [{ type: 'object', required: ['a'] }, {}, 'spec.x.a: Required value'],
])('%j refuses %j', (schema, value, text) => {
  expect(x(schema, value)).toEqual([text]);
});

test.each<readonly [JsonSchema, unknown]>([
  [{ type: 'string', nullable: true }, null],
  [{ type: 'number' }, 3],
  [{ type: 'string', format: 'unheard-of' }, 'anything'],
  [{ type: 'string', format: 'duration' }, '22 ns'],
  [{ type: 'string', format: 'uuid' }, '6f6ce0a6-6a5c-4d8b-9b41-3c1a3d1c7b6e'],
  [{ 'x-kubernetes-int-or-string': true }, '10%'],
  [{ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }, 10],
  [{ 'x-kubernetes-preserve-unknown-fields': true }, { any: ['thing'] }],
])('%j accepts %j', (schema, value) => {
  expect(x(schema, value)).toEqual([]);
});

test('combinations of schemas name their place only in their text, as upstream does', () => {
  const schema = spec(
    { a: { type: 'string' }, b: { type: 'string' } },
    { oneOf: [{ required: ['a'] }, { required: ['b'] }] },
  );
  expect(texts(schema, { spec: {} })).toEqual([
    '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid',
    'spec.a: Required value',
  ]);
  expect(texts(schema, { spec: { a: '', b: '' } })).toEqual([
    '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ]);
});

test('an update is not refused for what it leaves as it was', () => {
  const schema = spec({
    x: { type: 'integer' },
    list: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', required: ['y'], properties: { name: { type: 'string' }, y: { type: 'string' } } },
    },
  });
  const old = { spec: { x: 'bad', list: [{ name: 'a' }] } };
  expect(texts(schema, { spec: { x: 'bad', list: [{ name: 'b', y: '' }, { name: 'a' }] } }, old)).toEqual([]);
  expect(texts(schema, { spec: { x: 'worse', list: [{ name: 'c' }] } }, old)).toEqual([
    'spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"',
    'spec.list[0].y: Required value',
  ]);
});

test('a fraction is no integer, which is said of its type and of its range', () => {
  expect(x({ type: 'integer' }, 1.5)).toEqual([
    'spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"',
    '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.x',
  ]);
  expect(x({ 'x-kubernetes-int-or-string': true }, 1.5)).toHaveLength(1);
});

test('what does not change is tolerated, but the type of an object, which is the same in both versions anyway', () => {
  const named: JsonSchema = { type: 'object', properties: { kind: { type: 'string', enum: ['New'] } } };
  const schema: JsonSchema = { ...named, properties: { ...named.properties, inner: named } };
  const value = { kind: 'Old', inner: { kind: 'Old' } };
  const changed = { ...value, spec: {} };
  expect(texts(schema, changed, value)).toEqual(['kind: Unsupported value: "Old": supported values: "New"']);
});
