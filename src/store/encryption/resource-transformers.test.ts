import { expect, test } from 'vitest';
import { identity } from './identity.ts';
import { resourceTransformers } from './resource-transformers.ts';
import type { TransformerRule } from './resource-transformers.ts';

const rule = (prefix: string, ...resources: string[]): TransformerRule => ({
  resources,
  transformers: [{ prefix: `${prefix}:`, transformer: identity }],
});

const written = (rules: readonly TransformerRule[], resource: string): string =>
  Buffer.concat(resourceTransformers(rules).of(resource).seal(Buffer.from('x'), '/')).toString();

test('a resource is stored by the rule that names it, its group or everything, in this order', () => {
  const rules = [
    rule('one', 'secrets', 'deployments.apps'),
    rule('apps', '*.apps'),
    rule('core', '*.'),
    rule('all', '*.*'),
  ];
  expect(written(rules, 'secrets')).toBe('one:x');
  expect(written(rules, 'deployments.apps')).toBe('one:x');
  expect(written(rules, 'daemonsets.apps')).toBe('apps:x');
  expect(written(rules, 'configmaps')).toBe('core:x');
  expect(written(rules, 'pandas.awesome.bears.example')).toBe('all:x');
});

test('what no rule names stays plain', () => {
  expect(written([rule('one', 'secrets')], 'secrets.example.com')).toBe('x');
  expect(written([], 'secrets')).toBe('x');
});

test('a resource in two rules is written by the first and read by both', async () => {
  const transformer = resourceTransformers([rule('one', 'secrets'), rule('two', 'secrets')]).of('secrets');
  expect(Buffer.concat(transformer.seal(Buffer.from('x'), '/')).toString()).toBe('one:x');
  const { value, isStale } = await transformer.open(Buffer.from('two:x'), '/');
  expect([Buffer.from(value).toString(), isStale]).toEqual(['x', true]);
});

test.each([
  [['*.'], ['secrets'], 'resource "secrets" is masked by earlier rule "*."'],
  [['*.apps'], ['deployments.apps'], 'resource "deployments.apps" is masked by earlier rule "*.apps"'],
  [['*.*'], ['deployments.apps'], 'resource "deployments.apps" is masked by earlier rule "*.*"'],
  [['*.*'], ['*.'], 'resource "*." is masked by earlier rule "*.*"'],
  [['*.'], ['*.'], 'resource "*." is masked by earlier rule "*."'],
])('after %j a rule for %j is refused', (first, second, message) => {
  expect(() => resourceTransformers([rule('one', ...first), rule('two', ...second)])).toThrow(message);
});
