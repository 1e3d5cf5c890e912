/** Several API servers on one store, in one process: what must not depend on what one of them remembers. */
import { expect, test } from 'vitest';
import { ConfigMap } from '../api/core/config-map.ts';
import { Endpoints } from '../api/core/endpoints.ts';
import { Event } from '../api/core/event.ts';
import { Service } from '../api/core/service.ts';
import { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { StoreWriteOptions } from '../store/store.ts';
import { compactInTurn, compactionKey } from './compaction.ts';
import type { CompactionState } from './compaction.ts';
import { testServer } from './testing/test-server.ts';

const key = { namespace: 'default', name: 'kubernetes' };
const published = (address: string) => ({ clusterIP: '10.96.0.1', endpoints: [address], port: 6443 });

test('the endpoints of the Service kubernetes are all servers that live', async () => {
  const store = new MemoryStore();
  const clock = new FakeClock();
  const start = (address: string) => testServer({ store, clock, kubernetesService: published(address) });
  const [first, second] = await Promise.all([start('192.0.2.1'), start('192.0.2.2')]);
  const { client } = first;
  const addresses = async (): Promise<unknown> => {
    const { subsets } = await client.get(Endpoints, key);
    const slice = await client.get(EndpointSlice, key);
    expect(slice.endpoints?.map(({ addresses: [address] }) => address)).toEqual(
      subsets?.[0]?.addresses?.map(({ ip }) => ip),
    );
    return subsets;
  };
  const ports = [{ name: 'https', port: 6443, protocol: 'TCP' }];
  await clock.advance(10_000);
  await expect.poll(addresses).toEqual([{ addresses: [{ ip: '192.0.2.1' }, { ip: '192.0.2.2' }], ports }]);
  expect((await client.get(Service, key)).spec.clusterIP).toBe('10.96.0.1');
  await second.server.withdraw();
  expect(await addresses()).toEqual([{ addresses: [{ ip: '192.0.2.1' }], ports }]);
  await second[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  // The last one stays, for those who wait for it to come back.
  await using later = await testServer({ store, clock });
  expect((await later.client.get(Endpoints, key)).subsets).toHaveLength(1);
});

test('a server that is gone without a word is taken out when its key in the store has run out', async () => {
  const store = new MemoryStore();
  const clock = new FakeClock();
  await using server = await testServer({ store, clock, kubernetesService: published('192.0.2.1') });
  await store.create('/registry/masterleases/192.0.2.9', Buffer.from('k8s\0 as upstream writes it'));
  const addresses = async (): Promise<unknown> =>
    (await server.client.get(Endpoints, key)).subsets?.[0]?.addresses?.map(({ ip }) => ip);
  await expect.poll(addresses).toEqual(['192.0.2.1', '192.0.2.9']);
  await store.delete('/registry/masterleases/192.0.2.9');
  await expect.poll(addresses).toEqual(['192.0.2.1']);
});

test('the key of a server and the events live for a while only, others for good', async () => {
  const written = new Map<string, number | undefined>();
  class RecordingStore extends MemoryStore {
    override create(at: string, value: Uint8Array, options?: StoreWriteOptions): Promise<number> {
      written.set(at, options?.ttl);
      return super.create(at, value);
    }

    override update(at: string, value: Uint8Array, expected: number, options?: StoreWriteOptions): Promise<number> {
      written.set(at, options?.ttl);
      return super.update(at, value, expected);
    }
  }
  const store = new RecordingStore();
  await using server = await testServer({ store, eventTtl: 60, kubernetesService: published('192.0.2.1') });
  const metadata = { namespace: 'default', name: 'x' };
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'p' };
  await server.client.create(Event, { metadata, involvedObject });
  expect(written.get('/registry/events/default/x')).toBe(60);
  written.clear();
  await server.client.patch(Event, metadata, { type: 'merge', body: { count: 2 } });
  await server.client.create(ConfigMap, { metadata });
  expect(Object.fromEntries(written)).toEqual({
    '/registry/events/default/x': 60,
    '/registry/configmaps/default/x': undefined,
  });
});

test('servers take turns at compaction, and one that is gone is replaced', async () => {
  const store = new MemoryStore();
  const write = (name: string): Promise<number> => store.create(`/registry/configmaps/${name}`, Buffer.from('{}'));
  let first: CompactionState | undefined;
  let second: CompactionState | undefined;
  const oldest = await write('a');
  first = await compactInTurn(store, first);
  second = await compactInTurn(store, second);
  const old = await write('b');
  // The first one's turn: what it knew at the last turn becomes the oldest state.
  first = await compactInTurn(store, first);
  expect(Buffer.from((await store.get(compactionKey))!.value).toString()).toBe(String(oldest));
  await expect(store.list('/registry/', { revision: oldest - 1 })).rejects.toMatchObject({ kind: 'compacted' });
  // The second one sees that and does nothing, then, since nobody else has, compacts.
  const mark = (await store.get(compactionKey))!.revision;
  second = await compactInTurn(store, second);
  expect((await store.get(compactionKey))!.revision).toBe(mark);
  second = await compactInTurn(store, second);
  expect((await store.get(compactionKey))!.revision).toBeGreaterThan(mark);
  await expect(store.list('/registry/', { revision: old - 1 })).rejects.toMatchObject({ kind: 'compacted' });
});
