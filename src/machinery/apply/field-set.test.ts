import { expect, test } from 'vitest';
import { leaf, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';

const had: FieldSet = { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } };

test.each<[string, FieldSet]>([
  ['the same', { 'f:data': { '.': leaf, 'f:a': leaf, 'f:b': leaf } }],
  ['a part', { 'f:data': { 'f:b': leaf } }],
  ['a field that has others below it', { 'f:data': leaf }],
])('what is set again adds nothing: %s', (_, set) => {
  expect(union(had, set)).toBe(had);
});

test('what is new is added in its place, and nothing is changed', () => {
  const before = JSON.stringify(had);
  const both = union(had, { 'f:data': { 'f:aa': leaf }, 'f:immutable': leaf });
  expect(JSON.stringify(both)).toBe('{"f:data":{".":{},"f:a":{},"f:aa":{},"f:b":{}},"f:immutable":{}}');
  expect(union({ 'f:data': leaf }, { 'f:data': { 'f:a': leaf } })).toEqual({ 'f:data': { '.': leaf, 'f:a': leaf } });
  expect(JSON.stringify(had)).toBe(before);
});
