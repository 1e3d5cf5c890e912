/** kube-apiserver as a process of its own, on an etcd that asks for certificates. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Endpoints } from '../../api/core/endpoints.ts';
import { Event } from '../../api/core/event.ts';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { HttpClient } from '../../client/http-client.ts';
import { openEtcdStore } from '../../store/etcd/etcd-store.ts';
import { startEtcd } from '../../store/etcd/testing/etcd-process.ts';
import type { EtcdCluster } from '../../store/etcd/testing/etcd-process.ts';
import { freePort, startComponent } from './testing/component-process.ts';
import type { ComponentProcess } from './testing/component-process.ts';
import { testPki } from './testing/test-pki.ts';

const within = { timeout: 30_000, interval: 50 };
const namespace = 'default';
const cleanup = new AsyncDisposableStack();
let etcd: EtcdCluster;
let servers: readonly { readonly process: ComponentProcess; readonly client: HttpClient }[];

beforeAll(async () => {
  etcd = cleanup.use(await startEtcd({ tls: true }));
  servers = await Promise.all(['192.0.2.1', '192.0.2.2'].map(start));
  await vi.waitFor(async () => {
    for (const { client } of servers) expect(await client.text({ path: '/readyz' })).toBe('ok');
  }, within);
}, 60_000);

afterAll(() => cleanup.disposeAsync());

async function start(advertised: string) {
  const port = await freePort();
  const pki = cleanup.use(await testPki(port));
  const process = cleanup.use(
    startComponent(
      'kube-apiserver',
      `--etcd-servers=${etcd.endpoints.join(',')}`,
      `--etcd-cafile=${etcd.tls?.caFile}`,
      `--etcd-certfile=${etcd.tls?.certFile}`,
      `--etcd-keyfile=${etcd.tls?.keyFile}`,
      '--etcd-prefix=/clusters/one',
      '--etcd-compaction-interval=1s',
      '--event-ttl=2s',
      '--bind-address=127.0.0.1',
      `--advertise-address=${advertised}`,
      ...pki.serverFlags,
    ),
  );
  return { process, client: cleanup.use(createHttpClient(pki.admin)) };
}

test('two API servers share an etcd under a prefix, compact it, let events expire, and leave politely', async () => {
  const [first, second] = servers;
  if (!first || !second) throw new Error('there are not two servers');
  await using store = openEtcdStore({
    endpoints: etcd.endpoints,
    tls: etcd.tls,
    prefix: '/clusters/one',
    clock: systemClock,
    log: silentLogger,
  });
  const made = await first.client.create(ConfigMap, { metadata: { namespace, name: 'a' } });
  expect(await second.client.get(ConfigMap, { namespace, name: 'a' })).toEqual(made);
  const involvedObject = { kind: 'Pod', namespace, name: 'p' };
  await second.client.create(Event, { metadata: { namespace, name: 'e' }, involvedObject });
  const { revision = 0 } = (await store.get('/registry/configmaps/default/a')) ?? {};
  expect(String(revision)).toBe(made.metadata.resourceVersion);

  const live = async (): Promise<unknown> =>
    (await first.client.get(Endpoints, { namespace, name: 'kubernetes' })).subsets?.[0]?.addresses;
  await vi.waitFor(async () => expect(await live()).toEqual([{ ip: '192.0.2.1' }, { ip: '192.0.2.2' }]), within);
  expect(await second.process.stop()).toBe(0);
  expect(await live()).toEqual([{ ip: '192.0.2.1' }]);

  await vi.waitFor(async () => {
    expect(await store.get('/registry/events/default/e')).toBeUndefined();
    await expect(store.get('/registry/configmaps/default/a', { revision: revision - 1 })).rejects.toMatchObject({
      kind: 'compacted',
    });
  }, within);
  expect(Number(Buffer.from((await store.get('compact_rev_key'))?.value ?? []).toString())).toBeGreaterThan(0);
}, 60_000);
