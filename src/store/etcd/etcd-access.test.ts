import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { embedded, list, message } from '../../machinery/protobuf/wire-codec.ts';
import type { Store, StoreEvent } from '../store.ts';
import { EtcdEndpoint } from './etcd-endpoint.ts';
import { etcdMethods, type EtcdHeader, type EtcdMethod } from './etcd-messages.ts';
import { type EtcdStoreOptions, openEtcdStore } from './etcd-store.ts';
import { type EtcdVersion, startEtcd } from './testing/etcd-process.ts';
import { enableEtcdUsers } from './testing/etcd-users.ts';

const versions: readonly EtcdVersion[] = ['3.4', '3.5'];
const value = new TextEncoder().encode('1');

function open(options: Partial<EtcdStoreOptions> & Pick<EtcdStoreOptions, 'endpoints'>): Store {
  return openEtcdStore({ clock: systemClock, log: silentLogger, ...options });
}

async function tryAll(store: Store, key: string): Promise<void> {
  const heard: StoreEvent[] = [];
  const after = await store.revision();
  using _watch = store.watch(
    { prefix: '/registry/', after },
    { events: (batch) => heard.push(...batch), failed: (error) => expect.fail(error.message) },
  );
  const revision = await store.create(key, value, { ttl: 60 });
  const { items } = await store.list('/registry/', { ttls: true });
  expect(items).toMatchObject([{ key, revision }]);
  expect(items[0]?.ttl).toBeGreaterThan(50);
  await store.delete(key, revision);
  expect(heard.map(({ type }) => type)).toEqual(['created', 'deleted']);
}

test.each(versions)('etcd %s over TLS lets in who shows a certificate', { timeout: 60_000 }, async (version) => {
  await using etcd = await startEtcd({ version, tls: true });
  await using store = open({ endpoints: etcd.endpoints, tls: etcd.tls });
  await tryAll(store, '/registry/a');
  await store.compact(await store.revision());
  await using stranger = open({ endpoints: etcd.endpoints, tls: { ca: etcd.tls?.ca }, requestTimeout: 500 });
  await expect(stranger.create('/registry/a', value)).rejects.toThrow(/etcd at https:.*/);
  await using doubtful = open({ endpoints: etcd.endpoints, tls: { ...etcd.tls, ca: undefined }, requestTimeout: 500 });
  await expect(doubtful.create('/registry/a', value)).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringMatching(/certificate/),
  });
});

test.each(versions)(
  'etcd %s lets in who knows a password, also once its tokens are void',
  { timeout: 60_000 },
  async (version) => {
    await using etcd = await startEtcd({ version });
    const user = { name: 'kubets', password: 'secret', prefix: '/own/' };
    await enableEtcdUsers(etcd.endpoints[0] ?? '', user);
    const known = { endpoints: etcd.endpoints, username: user.name, password: user.password, prefix: '/own' };
    await using store = open(known);
    await tryAll(store, '/registry/a');
    using watch = watchOver(store, await store.revision());
    await etcd.members[0]?.kill();
    etcd.members[0]?.start();
    await etcd.healthy();
    const revision = await store.create('/registry/b', value);
    await expect.poll(() => watch.heard.map((event) => event.revision), { timeout: 10_000 }).toEqual([revision]);

    await using curious = open({ ...known, prefix: '/other' });
    await expect(curious.get('/registry/a')).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(/permission denied/),
    });
    await using unknown = open({ ...known, password: 'wrong' });
    await expect(unknown.get('/registry/a')).rejects.toThrow(/authentication failed/);
    await using nameless = open({ endpoints: etcd.endpoints, prefix: '/own' });
    await expect(nameless.create('/registry/c', value)).rejects.toThrow(/user name is empty/);
  },
);

test('an etcd without room says so, and what to do; reads go on', { timeout: 60_000 }, async () => {
  await using etcd = await startEtcd({ version: '3.5', flags: [`--quota-backend-bytes=${8 * 1024 * 1024}`] });
  await using store = open({ endpoints: etcd.endpoints });
  const revision = await store.create('/registry/a', value);
  const large = new Uint8Array(1_500_000);
  const fill = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await store.create(`/registry/large/${i}`, large);
  };
  await expect(fill()).rejects.toMatchObject({
    kind: 'full',
    message: expect.stringMatching(/compact and defragment/),
  });
  await expect(store.update('/registry/a', value, revision)).rejects.toMatchObject({ kind: 'full' });
  expect(await store.get('/registry/a')).toMatchObject({ revision });
  await store.delete('/registry/a', revision);
});

test('keys that are written together share a lease', { timeout: 60_000 }, async () => {
  await using etcd = await startEtcd({ version: '3.5' });
  await using store = open({ endpoints: etcd.endpoints });
  using endpoint = new EtcdEndpoint({ url: etcd.endpoints[0] ?? '', clock: systemClock });
  const leases: EtcdMethod<object, { header: EtcdHeader; leases: readonly object[] }> = {
    path: '/etcdserverpb.Lease/LeaseLeases',
    request: message({}),
    response: message({ ...etcdMethods.compact.response.fields, leases: list(2, embedded(message({}))) }),
  };
  const many = Array.from({ length: 50 }, (_, i) => store.create(`/registry/${i}`, value, { ttl: i < 25 ? 60 : 3600 }));
  await Promise.all(many);
  for (let i = 50; i < 60; i++) await store.create(`/registry/${i}`, value, { ttl: 3600 });
  expect((await endpoint.call(leases, {}, { timeout: 10_000 })).leases).toHaveLength(2);
});

function watchOver(store: Store, after: number): Disposable & { readonly heard: readonly StoreEvent[] } {
  const heard: StoreEvent[] = [];
  const watch = store.watch(
    { prefix: '/registry/', after },
    { events: (batch) => heard.push(...batch), failed: (error) => expect.fail(error.message) },
  );
  return { heard, [Symbol.dispose]: () => watch[Symbol.dispose]() };
}

test('a program that has nothing to do but wait for its store does not end before the answer', async () => {
  await using etcd = await startEtcd();
  const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    const { openEtcdStore } = await import(${url('./etcd-store.ts')});
    const { systemClock } = await import(${url('../../base/system-clock.ts')});
    const { silentLogger } = await import(${url('../../base/logger.ts')});
    const endpoints = ${JSON.stringify(etcd.endpoints)};
    await using store = openEtcdStore({ endpoints, clock: systemClock, log: silentLogger });
    console.log('revision', await store.revision());
  `;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect((await run).stdout).toMatch(/^revision \d+\n$/);
});
