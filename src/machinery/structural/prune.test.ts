import { expect, test } from 'vitest';
import type { JsonSchema } from './json-schema.ts';
import { applyDefaults, dropNulls, pruneObject, sortedCopy } from './prune.ts';
import type { MutableObject } from './prune.ts';

const text: JsonSchema = { type: 'string' };
const object = (properties: Readonly<Record<string, JsonSchema>>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...more,
});
const preserve: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };

function pruned(schema: JsonSchema, value: object): { readonly value: unknown; readonly unknown: readonly string[] } {
  const copy = sortedCopy(value) as MutableObject;
  const unknown: string[] = [];
  pruneObject(copy, schema, unknown);
  return { value: copy, unknown };
}

test.each<readonly [string, JsonSchema, object, object, readonly string[]]>([
  ['unknown members go', object({ a: text }), { a: '1', b: 2 }, { a: '1' }, ['b']],
  [
    'what every object has stays',
    object({}),
    { apiVersion: 'v1', kind: 'X', metadata: { name: 'n' } },
    { apiVersion: 'v1', kind: 'X', metadata: { name: 'n' } },
    [],
  ],
  [
    'members of elements go',
    object({ l: { type: 'array', items: object({ a: text }) } }),
    { l: [{ a: '1', b: 2 }, 3] },
    { l: [{ a: '1' }, 3] },
    ['l[0].b'],
  ],
  [
    'maps keep their keys',
    object({ m: { type: 'object', additionalProperties: object({ a: text }) } }),
    { m: { x: { a: '1', b: 2 } } },
    { m: { x: { a: '1' } } },
    ['m.x.b'],
  ],
  [
    'preserved members stay, at any depth',
    object({ p: { type: 'object', ...preserve } }),
    { p: { q: { r: [{ s: 1 }] } } },
    { p: { q: { r: [{ s: 1 }] } } },
    [],
  ],
  [
    'what has a schema below preserved members is pruned',
    object({ p: object({ a: object({ b: text }) }, preserve) }),
    { p: { a: { b: '', c: 1 }, d: 1 } },
    { p: { a: { b: '' }, d: 1 } },
    ['p.a.c'],
  ],
  [
    'embedded objects keep what every object has',
    object({ e: object({ spec: object({}) }, { 'x-kubernetes-embedded-resource': true }) }),
    { e: { kind: 'X', metadata: {}, spec: { a: 1 }, b: 1 } },
    { e: { kind: 'X', metadata: {}, spec: {} } },
    ['e.b', 'e.spec.a'],
  ],
  ['without a schema nothing stays', object({ s: { type: 'object' } }), { s: { a: { b: 1 } } }, { s: {} }, ['s.a']],
])('pruning: %s', (_, schema, value, expected, unknown) => {
  expect(pruned(schema, value)).toEqual({ value: expected, unknown });
});

test.each<readonly [string, JsonSchema, object, object]>([
  ['absent members', object({ a: { ...text, default: 'x' } }), {}, { a: 'x' }],
  [
    'members of what is there, not of what is absent',
    object({ s: object({ a: { ...text, default: 'x' } }) }),
    { s: {} },
    { s: { a: 'x' } },
  ],
  ['absent members of an absent struct stay absent', object({ s: object({ a: { ...text, default: 'x' } }) }), {}, {}],
  [
    'defaults within defaults',
    object({ s: object({ a: { ...text, default: 'x' } }, { default: {} }) }),
    {},
    { s: { a: 'x' } },
  ],
  ['null where null is not allowed', object({ a: { ...text, default: 'x' } }), { a: null }, { a: 'x' }],
  ['not null where it is allowed', object({ a: { ...text, default: 'x', nullable: true } }), { a: null }, { a: null }],
  [
    'elements',
    object({ l: { type: 'array', items: object({ a: { ...text, default: 'x' } }) } }),
    { l: [{}, { a: 'y' }] },
    { l: [{ a: 'x' }, { a: 'y' }] },
  ],
  [
    'values of maps',
    object({ m: { type: 'object', additionalProperties: object({ a: { ...text, default: 'x' } }) } }),
    { m: { k: {} } },
    { m: { k: { a: 'x' } } },
  ],
])('defaults fill %s', (_, schema, value, expected) => {
  const copy = sortedCopy(value);
  applyDefaults(copy, schema);
  expect(copy).toEqual(expected);
});

test('defaults are copied: what is done to one object does not show in the next', () => {
  const schema = object({ l: { type: 'array', items: text, default: ['a'] } });
  const first: { l?: string[] } = {};
  applyDefaults(first, schema);
  first.l?.push('b');
  const second = {};
  applyDefaults(second, schema);
  expect(second).toEqual({ l: ['a'] });
});

test('nulls go where the schema knows the field, allows none and has no default', () => {
  const schema = object({ a: text, b: { ...text, nullable: true }, c: { ...text, default: 'x' }, d: preserve });
  const value = { a: null, b: null, c: null, d: null, e: null };
  dropNulls(value, schema);
  expect(value).toEqual({ b: null, c: null, e: null });
});

test('a member named like the prototype is a member like any other', () => {
  const value = JSON.parse('{"__proto__":{"a":1},"b":{"__proto__":null}}') as object;
  const copy = sortedCopy(value) as MutableObject;
  expect(JSON.stringify(copy)).toBe('{"__proto__":{"a":1},"b":{"__proto__":null}}');
  expect(pruned(object({}), value).unknown).toEqual(['__proto__', 'b']);
  const defaulted = {};
  const schema = {
    type: 'object',
    properties: JSON.parse('{"__proto__":{"type":"object","default":{"x":1}}}') as Record<string, JsonSchema>,
  };
  applyDefaults(defaulted, schema);
  expect(JSON.stringify(defaulted)).toBe('{"__proto__":{"x":1}}');
  expect({}).not.toHaveProperty('x');
});
