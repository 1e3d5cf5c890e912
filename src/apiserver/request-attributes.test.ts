import { expect, test } from 'vitest';
import { ConfigMap } from '../api/core/config-map.ts';
import { attributesOf } from './request-attributes.ts';

const user = { name: 'eve', groups: [] };
const nameOf = (verb: string, fieldSelector: string): string =>
  attributesOf(user, ConfigMap, { verb, namespace: 'n', fieldSelector }).name;

test.each(['list', 'watch'])('a %s of one object by name is authorized under that name', (verb) => {
  expect(nameOf(verb, 'metadata.name=a')).toBe('a');
  expect(nameOf(verb, 'metadata.namespace=n,metadata.name==a')).toBe('a');
  expect(nameOf(verb, 'metadata.name!=a')).toBe('');
});

test('a collection that is deleted is authorized under no name, whatever is selected', () => {
  expect(nameOf('deletecollection', 'metadata.name=a')).toBe('');
});

test('selectors that make no sense, and names that none can have, are no names', () => {
  expect(nameOf('list', 'metadata.name=a,foo')).toBe('');
  expect(nameOf('list', 'metadata.name=a/b')).toBe('');
});
