import { expect, test } from 'vitest';
import type { JsonSchema } from './json-schema.ts';
import { schemaAtPath } from './schema-path.ts';

const text: JsonSchema = { type: 'string' };

test('names in brackets may be written with escapes', () => {
  const root: JsonSchema = { type: 'object', properties: { "it's\ta\\b": text } };
  expect(schemaAtPath(root, String.raw`['it\'s\ta\\b']`)).toMatchObject({ schema: text });
});

test('a path leads through fields and maps, and not to what is not there', () => {
  const root: JsonSchema = {
    type: 'object',
    properties: { sizes: { type: 'object', additionalProperties: text } },
  };
  expect(schemaAtPath(root, '.sizes.big')).toMatchObject({ text: 'sizes[big]', schema: text });
  expect(schemaAtPath(root, '.weights')).toEqual({ error: 'does not refer to a valid field' });
  expect(schemaAtPath(root, '.')).toEqual({ error: 'unexpected end of JSON path' });
});
