import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigMap } from '../api/core/config-map.ts';
import { StoreTarget } from '../store/snapshot/store-target.ts';
import type { Store } from '../store/store.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { testServer } from './testing/test-server.ts';

const namespace = 'default';

/** Runs `lives` one after the other, each with a store of its own on the same file. */
async function livesOf(...lives: readonly ((store: Store) => Promise<void>)[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-restart-'));
  try {
    for (const live of lives) {
      await using store = await openSqliteStore({ path: join(directory, 'state.db') });
      await live(store);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test('a server that starts again has its objects under the same versions, and clients list anew', async () => {
  let before: ConfigMap | undefined;
  await livesOf(
    async (store) => {
      await using server = await testServer({ store });
      await server.client.create(ConfigMap, { metadata: { name: 'gone', namespace } });
      before = await server.client.create(ConfigMap, { metadata: { name: 'a', namespace }, data: { k: 'v' } });
      await server.client.delete(ConfigMap, { namespace, name: 'gone' });
    },
    async (store) => {
      await using server = await testServer({ store });
      expect(await server.client.get(ConfigMap, { namespace, name: 'a' })).toEqual(before);
      const list = await server.client.list(ConfigMap);
      expect(list.items).toEqual([before]);
      const after = await server.client.create(ConfigMap, { metadata: { name: 'b', namespace } });
      expect(Number(after.metadata.resourceVersion)).toBe(Number(list.metadata.resourceVersion) + 1);
      const first = async (resourceVersion: string): Promise<unknown> => {
        for await (const event of server.client.watch(ConfigMap, { resourceVersion })) return event;
        return undefined;
      };
      await expect(first(before!.metadata.resourceVersion)).rejects.toMatchObject({ reason: 'Expired' });
      const resumed = await first(list.metadata.resourceVersion);
      expect(resumed).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
    },
  );
});

test('concurrent writers of one object lose nothing', async () => {
  await livesOf(async (store) => {
    await using server = await testServer({ store });
    const key = { namespace, name: 'counter' };
    await server.client.create(ConfigMap, { metadata: key, data: {} });
    const fields = Array.from({ length: 25 }, (_, i) => `f${i}`);
    await Promise.all(
      fields.map((field) => server.client.patch(ConfigMap, key, { type: 'merge', body: { data: { [field]: '1' } } })),
    );
    const { data = {} } = await server.client.get(ConfigMap, key);
    expect(Object.keys(data).toSorted()).toEqual(fields.toSorted());
  });
});

test('a server does not start on a store that was not restored to the end', async () => {
  await livesOf(async (store) => {
    const target = new StoreTarget({ store, name: 'the store', force: false, bump: 0 });
    await target.begin({ revision: 0, time: '2026-11-23T00:00:00Z', store: 'memory:', writer: 'test' });
    await expect(testServer({ store })).rejects.toThrow('the store holds the beginning of a restore or migration');
  });
});
