import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiMachineryNames } from './names.ts';

/** The texts of a file's string literals, with the constants in templates put in. */
function literalsOf(source: string): readonly string[] {
  const constants = new Map<string, string>();
  for (const [, name = '', text = ''] of source.matchAll(/const (\w+) =\s*'([^']+)'/g)) constants.set(name, text);
  const texts = [...source.matchAll(/'((?:[^'\\\n]|\\.)*)'|"([^"\n]*)"|`([^`\n]*)`/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
  return texts.map((text) => text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => constants.get(name) ?? ''));
}

test('every conformance test of the API machinery that needs no pods has its test here, and no other', () => {
  const files = readdirSync(import.meta.dirname).filter(
    (name) => name.endsWith('.test.ts') && name !== 'names.test.ts',
  );
  const sources = files.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));
  const found = new Set(sources.flatMap(literalsOf));
  const webhooks = 'AdmissionWebhook [Privileged:ClusterAdmin] ';
  const isTested = (name: string): boolean =>
    found.has(name) || (name.startsWith(webhooks) && found.has(name.slice(webhooks.length)));
  const names = Object.entries(apiMachineryNames) as [string, { readonly left?: string }][];
  expect(names).toHaveLength(100);
  expect(names.filter(([name, { left }]) => left === undefined && !isTested(name))).toEqual([]);
  expect(names.filter(([name, { left }]) => left !== undefined && isTested(name))).toEqual([]);
});
