/** Two API servers, each with its own connection, on one real etcd. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CustomResourceDefinition } from '../api/apiextensions/custom-resource-definition.ts';
import { isEstablished } from '../api/apiextensions/definition-conditions.ts';
import { ConfigMap } from '../api/core/config-map.ts';
import { Endpoints } from '../api/core/endpoints.ts';
import { Event } from '../api/core/event.ts';
import { Pod } from '../api/core/pod.ts';
import { ResourceQuota } from '../api/core/resource-quota.ts';
import { Service } from '../api/core/service.ts';
import { ServiceAccount } from '../api/core/service-account.ts';
import { IPAddress } from '../api/networking/ip-address.ts';
import { samples } from '../api/testing/sample-objects.ts';
import { hasReason } from '../base/errors.ts';
import { silentLogger } from '../base/logger.ts';
import { seededRandom } from '../base/random.ts';
import { systemClock } from '../base/system-clock.ts';
import type { Client } from '../client/client.ts';
import { encodeProtobuf } from '../machinery/protobuf/encode-protobuf.ts';
import { envelopeOf } from '../machinery/protobuf/envelope.ts';
import { keyOf } from '../machinery/resource.ts';
import { openEtcdStore } from '../store/etcd/etcd-store.ts';
import { startEtcd } from '../store/etcd/testing/etcd-process.ts';
import type { EtcdCluster } from '../store/etcd/testing/etcd-process.ts';
import type { Store } from '../store/store.ts';
import { ownChecks } from './http/health.ts';
import { listObjects } from './resources/list-objects.ts';
import { standardParts } from './standard-parts.ts';
import { cuttableLink } from './testing/cuttable-link.ts';
import type { CuttableLink } from './testing/cuttable-link.ts';
import { testServer } from './testing/test-server.ts';
import type { TestServer } from './testing/test-server.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const signingKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const namespace = 'default';

let etcd: EtcdCluster;
let link: CuttableLink;
let stores: readonly [Store, Store];
let first: TestServer;
let second: TestServer;

beforeAll(async () => {
  etcd = opened.use(await startEtcd());
  link = opened.use(await cuttableLink(Number(new URL(etcd.endpoints[0]!).port)));
  const shared = { clock: systemClock, log: silentLogger };
  stores = [
    openEtcdStore({ endpoints: etcd.endpoints, ...shared }),
    openEtcdStore({ endpoints: [`http://127.0.0.1:${link.port}`], requestTimeout: 4000, ...shared }),
  ];
  for (const store of stores) opened.use(store);
  // At the same time: both find an empty store.
  [first, second] = await Promise.all([start(stores[0], '192.0.2.1', 1), start(stores[1], '192.0.2.2', 2)]);
  opened.use(first);
  opened.use(second);
}, 60_000);

const opened = new AsyncDisposableStack();
afterAll(() => opened.disposeAsync());

function start(store: Store, address: string, seed: number): Promise<TestServer> {
  return testServer({
    store,
    random: seededRandom(seed),
    clock: systemClock,
    eventTtl: 1,
    kubernetesService: { clusterIP: '10.97.0.1', endpoints: [address], port: 6443 },
    parts: standardParts({
      issuer: 'https://kubernetes.default.svc.cluster.local',
      signingKey,
      serviceCIDRs: ['10.97.0.0/24'],
      serverAddress: '127.0.0.1:6443',
    }),
  });
}

const map = (name: string, data: Record<string, string> = {}) => ({ metadata: { namespace, name }, data });
const clients = (): readonly Client[] => [first.client, second.client];

test('what one server wrote the other shows at once', async () => {
  const [one, other] = [first.client, second.client];
  const key = { namespace, name: 'shared' };
  const created = await one.create(ConfigMap, map('shared', { a: '1' }));
  expect(await other.get(ConfigMap, key)).toEqual(created);
  const updated = await other.update(ConfigMap, { ...created, data: { a: '2' } });
  expect(await one.get(ConfigMap, key)).toEqual(updated);
  await expect(one.update(ConfigMap, { ...created, data: { a: '3' } })).rejects.toMatchObject({ reason: 'Conflict' });
  const counts = Array.from({ length: 40 }, (_, index) =>
    clients()[index % 2]!.patch(ConfigMap, key, { type: 'merge', body: { data: { [`k${index}`]: 'x' } } }),
  );
  await Promise.all(counts);
  expect(Object.keys((await one.get(ConfigMap, key)).data ?? {})).toHaveLength(41);
  await one.delete(ConfigMap, key);
  await expect(other.get(ConfigMap, key)).rejects.toMatchObject({ reason: 'NotFound' });
});

test('a watch of one server shows the writes of both, each once and in order', async () => {
  const { metadata } = await first.client.list(ConfigMap, { namespace });
  const seen: string[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    const options = { namespace, resourceVersion: metadata.resourceVersion, signal: stop.signal };
    for await (const event of second.client.watch(ConfigMap, options)) {
      if (event.type === 'BOOKMARK') continue;
      seen.push(`${event.type} ${event.object.metadata.name} ${event.object.metadata.resourceVersion}`);
      if (seen.length === 60) return;
    }
  })();
  const written = await Promise.all(
    Array.from({ length: 60 }, (_, index) => clients()[index % 2]!.create(ConfigMap, map(`w${index}`))),
  );
  await watching;
  const expected = written
    .map(({ metadata: { name, resourceVersion } }) => ({ name, revision: Number(resourceVersion) }))
    .toSorted((a, b) => a.revision - b.revision);
  expect(seen).toEqual(expected.map(({ name, revision }) => `ADDED ${name} ${revision}`));
});

test('Services that both servers make at the same time get addresses and node ports of their own', async () => {
  const made = await Promise.all(
    Array.from({ length: 64 }, (_, index) =>
      clients()[index % 2]!.create(Service, {
        metadata: { namespace, name: `race-${index}` },
        spec: { type: 'NodePort', ports: [{ port: 80 }] },
      }),
    ),
  );
  expect(new Set(made.map(({ spec }) => spec.clusterIP)).size).toBe(64);
  expect(new Set(made.map(({ spec }) => spec.ports?.[0]?.nodePort)).size).toBe(64);
  const noted = (await second.client.list(IPAddress)).items.map(({ metadata }) => metadata.name);
  expect(noted.toSorted()).toEqual([...made.map(({ spec }) => spec.clusterIP ?? ''), '10.97.0.1'].toSorted());
  const free = Array.from({ length: 100 }, (_, index) => `10.97.0.${index + 150}`).find((ip) => !noted.includes(ip))!;
  const wanted = { metadata: { namespace, name: 'same' }, spec: { clusterIP: free, ports: [{ port: 1 }] } };
  const raced = await Promise.allSettled(
    clients().map((client, index) =>
      client.create(Service, { ...wanted, metadata: { namespace, name: `same-${index}` } }),
    ),
  );
  expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a quota is exact however many servers charge it', async () => {
  const limited = { namespace: 'kube-public', name: 'limited' };
  const hard = { 'count/configmaps': '10' };
  const quota = await first.client.create(ResourceQuota, { metadata: limited, spec: { hard } });
  const status = { hard, used: { 'count/configmaps': '0' } };
  await first.client.update(ResourceQuota, { ...quota, status }, { subresource: 'status' });
  await second.client.get(ResourceQuota, limited);
  const attempts = await Promise.allSettled(
    Array.from({ length: 24 }, (_, index) =>
      clients()[index % 2]!.create(ConfigMap, { metadata: { namespace: limited.namespace, name: `q${index}` } }),
    ),
  );
  expect(attempts.filter(({ status: outcome }) => outcome === 'fulfilled')).toHaveLength(10);
  for (const attempt of attempts)
    if (attempt.status === 'rejected') expect(String(attempt.reason)).toContain('exceeded quota: limited');
  expect((await first.client.get(ResourceQuota, limited)).status.used).toEqual({ 'count/configmaps': '10' });
});

test('what upstream stored as protobuf is read, watched and rewritten', async () => {
  const pod = {
    metadata: { namespace, name: 'planted', uid: 'u-1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i:1' }] },
    status: { phase: 'Running' },
  };
  const value = envelopeOf({ apiVersion: 'v1', kind: 'Pod' }, encodeProtobuf(Pod.schema, pod));
  const revision = await stores[0].create('/registry/pods/default/planted', value);
  for (const client of clients()) {
    const read = await client.get(Pod, { namespace, name: 'planted' });
    expect(read).toMatchObject({ ...pod, metadata: { ...pod.metadata, resourceVersion: String(revision) } });
    expect((await client.list(Pod, { fieldSelector: 'spec.nodeName=n' })).items).toEqual([read]);
  }
  const labels = { labels: { a: 'b' } };
  await first.client.patch(Pod, { namespace, name: 'planted' }, { type: 'merge', body: { metadata: labels } });
  const stored = await stores[0].get('/registry/pods/default/planted');
  expect(Buffer.from(stored!.value).toString()).toMatch(/^\{"apiVersion":"v1","kind":"Pod","metadata":/);
  expect((await second.client.get(Pod, { namespace, name: 'planted' })).metadata.labels).toEqual({ a: 'b' });
});

test('etcd lets events expire, and the endpoints are both servers', async () => {
  const metadata = { namespace, name: 'short' };
  await first.client.create(Event, { metadata, involvedObject: { kind: 'Pod', namespace, name: 'p' } });
  expect((await second.client.get(Event, metadata)).metadata.name).toBe('short');
  await expect
    .poll(() => second.client.list(Event, { namespace }).then(({ items }) => items), { timeout: 10_000 })
    .toEqual([]);
  await expect
    .poll(
      async () => {
        const { subsets } = await first.client.get(Endpoints, { namespace, name: 'kubernetes' });
        return subsets?.[0]?.addresses?.map(({ ip }) => ip);
      },
      { timeout: 10_000 },
    )
    .toEqual(['192.0.2.1', '192.0.2.2']);
});

test('a kind that one server defines the other serves at once', async () => {
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
  const schema = { openAPIV3Schema: { type: 'object' as const, 'x-kubernetes-preserve-unknown-fields': true } };
  const definition = await first.client.create(CustomResourceDefinition, {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names,
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  await expect
    .poll(async () => isEstablished(await first.client.get(CustomResourceDefinition, keyOf(definition))))
    .toBe(true);
  await second.server.resources.catchUp();
  const widgets = second.server.resources.find('example.com', 'v1', 'widgets');
  expect(widgets).toBeDefined();
  const made = await second.client.create(widgets!, {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { namespace, name: 'w' },
  });
  expect((await stores[0].get('/registry/example.com/widgets/default/w'))?.revision).toBe(
    Number(made.metadata.resourceVersion),
  );
});

test('every kind is made by one server, read by the other, changed by both and deleted', async () => {
  await first.client.create(ServiceAccount, { metadata: { namespace, name: 'default' } });
  // Kinds that share their objects would be in each other's way.
  for (const { resource, object } of samples().filter((sample) => !sample.resource.storedAs)) {
    const key = { ...(resource.namespaced ? { namespace } : {}), name: object.metadata.name };
    await first.client.create(resource, object);
    for (const [index, client] of clients().entries()) {
      const body = { metadata: { labels: { [`by-${index}`]: 'yes' } } };
      await client.patch(resource, key, { type: 'merge', body });
    }
    const { labels } = (await first.client.get(resource, key)).metadata;
    expect(labels, resource.qualified).toMatchObject({ 'by-0': 'yes', 'by-1': 'yes' });
    await second.client.delete(resource, key, { propagation: 'Background', gracePeriodSeconds: 0 });
  }
});

test('a server that etcd was cut off from refuses writes and current reads, and recovers though what it missed is compacted', async () => {
  const { context } = second.server;
  const ended = new Promise<void>((resolve) => {
    void (async () => {
      for await (const _ of second.client.watch(ConfigMap, { namespace })) continue;
    })().then(resolve, resolve);
  });
  const failing = (): readonly string[] =>
    ownChecks(second.server).flatMap(({ name, check }) => {
      try {
        check();
        return [];
      } catch {
        return [name];
      }
    });
  expect(failing()).toEqual([]);
  link.cut();
  const [refused, listed] = await Promise.allSettled([
    second.client.create(ConfigMap, map('refused')),
    second.client.list(ConfigMap, { namespace }),
  ]);
  expect(refused.status === 'rejected' && hasReason(refused.reason, 'ServiceUnavailable', '')).toBe(true);
  expect(listed.status === 'rejected' && hasReason(listed.reason, 'ServiceUnavailable')).toBe(true);
  const old = await listObjects(context, ConfigMap, { resourceVersion: '0' });
  expect(old.items.length).toBeGreaterThan(0);
  await expect.poll(failing, { timeout: 10_000 }).toContain('etcd');
  const deleted = old.items.at(-1)!.object.metadata;
  await first.client.delete(ConfigMap, { namespace: deleted.namespace, name: deleted.name });
  await first.client.create(ConfigMap, map('missed'));
  await stores[0].compact(await stores[0].revision());
  link.heal();
  await ended;
  const names = async (client: Client): Promise<string[]> =>
    (await client.list(ConfigMap)).items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  expect(await names(second.client)).toEqual(await names(first.client));
  expect(await names(second.client)).toContain('default/missed');
  await second.client.create(ConfigMap, map('again'));
  expect((await first.client.get(ConfigMap, { namespace, name: 'again' })).metadata.name).toBe('again');
  await expect.poll(failing, { timeout: 10_000 }).toEqual([]);
}, 40_000);
