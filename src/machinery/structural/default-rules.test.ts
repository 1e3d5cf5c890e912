import { expect, test } from 'vitest';
import { fieldErrorText } from '../field-error.ts';
import { defaultErrors } from './default-rules.ts';
import type { JsonSchema } from './json-schema.ts';

const object = (properties: Record<string, JsonSchema>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...more,
});
const embedded: JsonSchema = { 'x-kubernetes-embedded-resource': true };
const check = (schema: JsonSchema): string[] => defaultErrors(schema, 's').map(fieldErrorText);

test('a default within metadata is judged as part of the object around it', () => {
  const template = object(
    {
      kind: { type: 'string', default: 'Bad Kind' },
      metadata: object({ name: { type: 'string', default: 7 }, labels: { type: 'object', default: { 'a b': 'c' } } }),
    },
    embedded,
  );
  expect(check(object({ template }))).toEqual([
    expect.stringMatching(
      /^s\.properties\[template\]\.properties\[kind\]\.default: Invalid value: "Bad Kind": must result in valid metadata: kind: Invalid value/,
    ),
    expect.stringMatching(/properties\[name\]\.default: Invalid value: 7: must result in valid metadata: metadata: /),
    expect.stringMatching(/properties\[labels\]\.default: .* must result in valid metadata: metadata\.labels: /),
  ]);
});

test('a default of a whole embedded object has metadata that is checked, and may have more than its schema says', () => {
  const template = (metadata: object): JsonSchema =>
    object(
      { spec: { type: 'string' } },
      { ...embedded, default: { apiVersion: 'v1', kind: 'Pod', metadata } as never },
    );
  expect(check(object({ template: template({ name: 'p', labels: { a: 'b' } }) }))).toEqual([]);
  expect(check(object({ template: template({ name: 'p/q' }) }))).toEqual([
    `s.properties[template].default.metadata.name: Invalid value: "p/q": may not contain '/'`,
  ]);
});

test('a default with members that its schema does not know is told of, beside what else is wrong', () => {
  const schema = object({
    size: { type: 'object', properties: { x: { type: 'integer' } }, default: { x: 'a', y: 1 } },
  });
  expect(check(schema).map((text) => text.replace(/: Invalid.*: /, ' … '))).toEqual([
    's.properties[size].default … must not have unknown fields',
    's.properties[size].default.x … "string"',
  ]);
});

test('names in the metadata of a custom resource may have defaults that are valid', () => {
  const metadata = (name: string): JsonSchema =>
    object({ metadata: object({ name: { type: 'string', default: name } }) });
  expect(check(metadata('fine'))).toEqual([]);
  expect(check(metadata('not/fine'))).toHaveLength(1);
});
