import { expect, test } from 'vitest';
import { fieldErrorText } from '../field-error.ts';
import { objectNode } from './schema-node.ts';
import type { JsonSchema } from './json-schema.ts';
import { duplicateItems } from './list-types.ts';

const list = (type: string, items: JsonSchema, keys?: readonly string[]): JsonSchema => ({
  type: 'object',
  properties: {
    l: { type: 'array', 'x-kubernetes-list-type': type, 'x-kubernetes-list-map-keys': keys, items },
  },
});
const texts = (schema: JsonSchema, l: readonly unknown[]): string[] =>
  duplicateItems({ l }, schema).map(fieldErrorText);

test('elements of sets are there once', () => {
  const schema = list('set', { type: 'string' });
  expect(texts(schema, ['a', 'b'])).toEqual([]);
  expect(texts(schema, ['a', 'b', 'a', 'a'])).toEqual(['l[2]: Duplicate value: "a"']);
});

test('elements of maps are told by their keys', () => {
  const items: JsonSchema = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' } } };
  expect(
    texts(list('map', items, ['a']), [
      { a: 'x', b: 1 },
      { a: 'x', b: 2 },
    ]),
  ).toEqual(['l[1]: Duplicate value: {"a":"x"}']);
  expect(
    texts(list('map', items, ['a', 'b']), [
      { a: 'x', b: 1 },
      { a: 'x', b: 2 },
    ]),
  ).toEqual([]);
  expect(texts(list('map', items, ['a']), ['x'])).toEqual([
    'l[0]: Invalid value: "x": must be an object for an array of list-type map',
  ]);
});

test('plain lists may repeat', () => {
  expect(texts(list('atomic', { type: 'string' }), ['a', 'a'])).toEqual([]);
});

test('as nodes of the machinery, schemas say how they are merged', () => {
  const items: JsonSchema = { type: 'object', properties: { a: { type: 'string' } } };
  const node = objectNode(
    {
      type: 'object',
      properties: {
        ...list('map', items, ['a']).properties,
        m: { type: 'object', additionalProperties: { type: 'integer' } },
        atomic: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: {} },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        any: { 'x-kubernetes-preserve-unknown-fields': true },
        either: { 'x-kubernetes-int-or-string': true },
      },
    },
    'Widget',
  );
  expect(Object.keys(node.fields)).toEqual([
    'apiVersion',
    'kind',
    'metadata',
    'l',
    'm',
    'atomic',
    'open',
    'any',
    'either',
  ]);
  expect(node.fields['l']?.type).toMatchObject({
    kind: 'list',
    listType: 'map',
    keys: ['a'],
    items: { kind: 'struct' },
  });
  expect(node.fields['m']?.type).toMatchObject({ kind: 'map', values: { kind: 'int64' }, atomic: false });
  expect(node.fields['atomic']?.type).toMatchObject({ kind: 'struct', atomic: true });
  expect(node.fields['open']?.type).toMatchObject({ kind: 'struct', open: true });
  expect(node.fields['any']?.type).toEqual({ kind: 'json' });
  expect(node.fields['either']?.type).toEqual({ kind: 'intOrString' });
});
