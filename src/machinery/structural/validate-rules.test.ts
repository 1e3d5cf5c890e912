import { expect, test } from 'vitest';
import { fieldErrorText } from '../field-error.ts';
import type { JsonSchema, ValidationRule } from './json-schema.ts';
import { validateRules } from './validate-rules.ts';

function spec(properties: Readonly<Record<string, JsonSchema>>, ...rules: ValidationRule[]): JsonSchema {
  return {
    type: 'object',
    properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': rules } },
  };
}

const integers = { min: { type: 'integer' }, max: { type: 'integer' } };

function texts(schema: JsonSchema, value: object, old?: object): string[] {
  const options = old ? { old: { value: old }, ratcheting: true } : {};
  return validateRules(schema, value, options).map(fieldErrorText);
}

test('a rule that does not hold is told at its place, in its own words if it has some', () => {
  const rule = 'self.min <= self.max';
  const value = { spec: { min: 2, max: 1 } };
  expect(texts(spec(integers, { rule }), value)).toEqual([`spec: Invalid value: failed rule: ${rule}`]);
  expect(texts(spec(integers, { rule, message: 'min above max' }), value)).toEqual([
    'spec: Invalid value: min above max',
  ]);
  expect(texts(spec(integers, { rule, messageExpression: `'min is ' + string(self.min)` }), value)).toEqual([
    'spec: Invalid value: min is 2',
  ]);
  expect(texts(spec(integers, { rule, fieldPath: '.max', reason: 'FieldValueForbidden' }), value)).toEqual([
    `spec.max: Forbidden: failed rule: ${rule}`,
  ]);
  expect(texts(spec(integers, { rule }), { spec: { min: 1, max: 2 } })).toEqual([]);
});

test('scalars are told with their value', () => {
  const schema = spec({ min: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 0' }] } });
  expect(texts(schema, { spec: { min: -1 } })).toEqual(['spec.min: Invalid value: -1: failed rule: self > 0']);
});

test('a field that is not there is an error of the evaluation', () => {
  expect(texts(spec(integers, { rule: 'self.min <= self.max' }), { spec: { min: 1 } })).toEqual([
    'spec: Invalid value: "object": no such key: max evaluating rule: self.min <= self.max',
  ]);
});

test('transition rules are asked only where there was a value before, unless they say that it is optional', () => {
  const immutable = { rule: 'self == oldSelf', message: 'immutable' };
  const schema = spec({ x: { type: 'string', 'x-kubernetes-validations': [immutable] } });
  expect(texts(schema, { spec: { x: 'a' } })).toEqual([]);
  expect(texts(schema, { spec: { x: 'a' } }, { spec: {} })).toEqual([]);
  expect(texts(schema, { spec: { x: 'a' } }, { spec: { x: 'b' } })).toEqual(['spec.x: Invalid value: "a": immutable']);
  const first = { rule: `oldSelf.hasValue() || self == 'first'`, optionalOldSelf: true };
  const optional = spec({ x: { type: 'string', 'x-kubernetes-validations': [first] } });
  expect(texts(optional, { spec: { x: 'a' } })).toEqual([
    `spec.x: Invalid value: "a": failed rule: oldSelf.hasValue() || self == 'first'`,
  ]);
  expect(texts(optional, { spec: { x: 'first' } })).toEqual([]);
  expect(texts(optional, { spec: { x: 'a' } }, { spec: { x: 'b' } })).toEqual([]);
});

test('what does not change is tolerated; elements of plain lists change with the list', () => {
  const positive: JsonSchema = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 0' }] };
  const schema = spec({ a: positive, b: positive, list: { type: 'array', items: positive } });
  const old = { spec: { a: -1, b: 1, list: [-1] } };
  expect(texts(schema, { spec: { a: -1, b: 2, list: [-1] } }, old)).toEqual([]);
  expect(texts(schema, { spec: { a: -1, b: -2, list: [-1] } }, old)).toEqual([
    'spec.b: Invalid value: -2: failed rule: self > 0',
  ]);
  expect(texts(schema, { spec: { a: -1, b: 1, list: [-1, 1] } }, old)).toEqual([
    'spec.list[0]: Invalid value: -1: failed rule: self > 0',
  ]);
});

test('elements of lists that are maps are told by their keys', () => {
  const schema = spec({
    list: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, size: { type: 'integer' } },
        'x-kubernetes-validations': [{ rule: 'self.size >= oldSelf.size', message: 'may not shrink' }],
      },
    },
  });
  const old = {
    spec: {
      list: [
        { name: 'a', size: 1 },
        { name: 'b', size: 5 },
      ],
    },
  };
  expect(
    texts(
      schema,
      {
        spec: {
          list: [
            { name: 'b', size: 4 },
            { name: 'c', size: 0 },
          ],
        },
      },
      old,
    ),
  ).toEqual(['spec.list[0]: Invalid value: may not shrink']);
});

test('rules of the whole object see its names', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { spec: { type: 'object' } },
    'x-kubernetes-validations': [{ rule: "self.metadata.name.startsWith('a')", message: 'name it well' }],
  };
  const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'b' }, spec: {} };
  expect(texts(schema, object)).toEqual(['<nil>: Invalid value: name it well']);
});

test('an object has one budget for all its rules', () => {
  const all: JsonSchema = {
    type: 'array',
    items: { type: 'integer' },
    'x-kubernetes-validations': [{ rule: 'self.all(x, self.all(y, x == y || x != y))' }],
  };
  const value = { spec: { list: Array.from({ length: 2000 }, (_, i) => i) } };
  expect(texts(spec({ list: all }), value)).toEqual([
    `spec.list: Invalid value: "array": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.all(x, self.all(y, x == y || x != y))`,
  ]);
});

test('what does not change is tolerated, but the type of an object, which is the same in both versions anyway', () => {
  const rule = { 'x-kubernetes-validations': [{ rule: `self == 'new'` }] };
  const named: JsonSchema = { type: 'object', properties: { kind: { type: 'string', ...rule } } };
  const schema: JsonSchema = { ...named, properties: { ...named.properties, inner: named } };
  const value = { kind: 'Old', inner: { kind: 'Old' } };
  const errors = validateRules(schema, value, { old: { value }, ratcheting: true });
  expect(errors.map(({ field }) => field)).toEqual(['kind']);
  expect(validateRules(schema, value).map(({ field }) => field)).toEqual(['kind', 'inner.kind']);
});
