import { expect, test } from 'vitest';
import type { PodTemplateSpec } from '../../api/core/pod-spec.ts';
import { equalTemplates, templateHash } from './template-hash.ts';

const template = (value: unknown): PodTemplateSpec => value as PodTemplateSpec;
const a = template({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'x' }] } });

test('the hash does not depend on the order of members', () => {
  const b = template({ spec: { containers: [{ image: 'x', name: 'c' }] }, metadata: { labels: { app: 'web' } } });
  expect(templateHash(b)).toBe(templateHash(a));
});

test('the hash depends on every value and on the collision count', () => {
  const b = template({ ...a, spec: { containers: [{ name: 'c', image: 'y' }] } });
  expect(new Set([templateHash(a), templateHash(b), templateHash(a, 1), templateHash(a, 2)]).size).toBe(4);
});

test('the hash is made of letters that spell nothing', () => {
  expect(templateHash(a)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
});

test('the hash label does not make templates different', () => {
  const labelled = template({ ...a, metadata: { labels: { app: 'web', 'pod-template-hash': 'x' } } });
  expect(equalTemplates(a, labelled)).toBe(true);
});
