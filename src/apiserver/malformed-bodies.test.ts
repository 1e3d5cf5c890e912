import { expect, test } from 'vitest';
import { builtinResources } from '../api/registry.ts';
import { StatusError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import type { SchemaNode } from '../machinery/schema.ts';
import { testServer } from './testing/test-server.ts';

const scalars = [
  '',
  'a',
  'A_b',
  '1',
  '-1',
  '10.0.0.1',
  '1Gi',
  '2026-01-01T00:00:00Z',
  0,
  1,
  -1,
  80,
  99_999,
  true,
  false,
  null,
];

/** A value that fits a schema more or less: some parts missing, some of another type, some lists with doubles. */
function roughly(node: SchemaNode, random: Random, depth = 0): unknown {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)]!;
  if (random.next() < 0.03) return pick([null, '', 0, [], {}]);
  switch (node.kind) {
    case 'struct': {
      const entries = Object.entries(node.fields).filter(() => random.next() < (depth < 3 ? 0.5 : depth < 8 ? 0.2 : 0));
      return Object.fromEntries(entries.map(([name, { type }]) => [name, roughly(type, random, depth + 1)]));
    }
    case 'list': {
      const items = depth > 8 ? [] : [roughly(node.items, random, depth + 1), roughly(node.items, random, depth + 1)];
      return random.next() < 0.3 ? [...items, items[0]] : items;
    }
    case 'map':
      return { a: roughly(node.values, random, depth + 1), 'b.c/d': roughly(node.values, random, depth + 1) };
    case 'string':
      return node.values && random.next() < 0.8
        ? pick(node.values)
        : pick(['', 'a', 'A_b', '10.0.0.1', 'x'.repeat(300)]);
    case 'bool':
      return random.next() < 0.5;
    case 'int32':
    case 'int64':
      return pick([0, 1, -1, 80, 99_999]);
    case 'time':
    case 'microTime':
      return '2026-01-01T00:00:00Z';
    case 'quantity':
      return pick(['1', '100m', '1Gi', '-1']);
    default:
      return pick(scalars);
  }
}

const stored = builtinResources.filter(({ verbs }) => verbs.includes('get'));

test.each(stored)('no body of a $qualified makes the server fail', async (resource) => {
  await using server = await testServer();
  const random = seededRandom(7);
  const failures: unknown[] = [];
  const attempt = async (work: Promise<unknown>): Promise<void> => {
    await work.catch((error: unknown) => {
      if (!(error instanceof StatusError) || error.code >= 500) failures.push(error);
    });
  };
  for (let i = 0; i < 150; i++) {
    const metadata = { name: `n${i}`, ...(resource.namespaced ? { namespace: 'default' } : {}) };
    const body = (): never => {
      const made = roughly(resource.schema, random);
      return {
        ...(typeof made === 'object' ? made : {}),
        apiVersion: resource.apiVersion,
        kind: resource.kind,
        metadata,
      } as never;
    };
    await attempt(server.client.create(resource, body()));
    await attempt(server.client.update(resource, body()));
    await attempt(server.client.patch(resource, metadata, { type: 'strategic', body: body() }));
    const applier = { fieldManager: `applier-${i % 3}`, force: i % 2 === 0 };
    await attempt(server.client.patch(resource, metadata, { type: 'apply', body: body() }, applier));
  }
  expect(failures).toEqual([]);
});
