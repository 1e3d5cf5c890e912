import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { openEtcdStore } from '../etcd/etcd-store.ts';
import { startEtcd } from '../etcd/testing/etcd-process.ts';
import type { EtcdCluster } from '../etcd/testing/etcd-process.ts';
import { MemoryStore } from '../memory-store.ts';
import type { Store } from '../store.ts';
import { copySnapshot } from './snapshot-target.ts';
import { readStore } from './store-source.ts';
import { StoreTarget } from './store-target.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const origin = { time: '2026-11-23T04:00:00Z', store: 'memory:', writer: 'test' };
let etcd: EtcdCluster;
beforeAll(async () => void (etcd = await startEtcd({ version: '3.5' })), 60_000);
afterAll(() => etcd[Symbol.asyncDispose]());

const open = (prefix: string): Store =>
  openEtcdStore({ endpoints: etcd.endpoints, prefix, clock: systemClock, log: silentLogger });

async function values(store: Store) {
  const { items } = await store.list('', { ttls: true });
  return items.map(({ key, value, ttl }) => [
    key,
    new TextDecoder().decode(value),
    ttl === undefined ? 'for ever' : 'for a while',
  ]);
}

test('what was in one store is in etcd afterwards, above its revisions, and goes back into another', async () => {
  await using original = new MemoryStore();
  for (let i = 0; i < 1_500; i++) await original.create(`/registry/configmaps/default/${i}`, bytes(`${i}`));
  await original.create('/registry/events/default/e', bytes('e'), { ttl: 3_600 });
  await using store = open('/restored');
  await using other = open('/other');
  await other.create('/registry/untouched', bytes('1'));
  const progress: number[] = [];
  const target = new StoreTarget({
    store,
    name: 'etcd',
    force: false,
    bump: 200,
    progress: (done) => progress.push(done),
  });
  await copySnapshot(await readStore(original, origin), target);
  expect(await values(store)).toEqual(await values(original));
  expect(progress[0]).toBe(0);
  const { items } = await store.list('');
  expect(Math.min(...items.map(({ revision }) => revision))).toBeGreaterThan(1_501 + 200);
  const stale = await new Promise((resolve) => {
    store.watch({ prefix: '/registry/', after: 1_700 }, { events: resolve, failed: resolve });
  });
  expect(stale).toMatchObject({ kind: 'compacted' });

  await using back = new MemoryStore();
  await copySnapshot(
    await readStore(store, origin),
    new StoreTarget({ store: back, name: 'memory', force: false, bump: 0 }),
  );
  expect(await values(back)).toEqual(await values(original));
  expect((await other.list('')).items).toHaveLength(1);
});

test('a snapshot of etcd is of one revision while others write, and restoring over it replaces what it holds', async () => {
  await using store = open('/busy');
  await Promise.all(Array.from({ length: 1_200 }, (_, i) => store.create(`/registry/a/${i}`, bytes('1'))));
  const source = await readStore(store, origin);
  const keys: string[] = [];
  for await (const batch of source.records()) {
    keys.push(...batch.map(({ key }) => key));
    await Promise.all(Array.from({ length: 200 }, (_, i) => store.delete(`/registry/a/${i + keys.length - 1_000}`)));
    if (keys.length > 1_000) break;
  }
  expect(keys).toHaveLength(1_200);
  await using smaller = new MemoryStore();
  await smaller.create('/registry/only', bytes('1'));
  const into = (force: boolean) => new StoreTarget({ store, name: 'etcd', force, bump: 0 });
  const smallSource = await readStore(smaller, origin);
  await expect(copySnapshot(smallSource, into(false))).rejects.toThrow(/^etcd holds 800 objects: --force deletes them/);
  await copySnapshot(smallSource, into(true));
  expect(await values(store)).toEqual([['/registry/only', '1', 'for ever']]);
});
