/** A cluster that is lost and restored elsewhere, as its clients see it. */
import * as k8s from '@kubernetes/client-node';
import { randomBytes } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Secret } from '../../api/core/secret.ts';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { systemRandom } from '../../base/system-random.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { HttpClient } from '../../client/http-client.ts';
import { Informer } from '../../client/informer.ts';
import { openSnapshot } from '../../store/snapshot/snapshot-file.ts';
import { freePort, startComponent } from '../components/testing/component-process.ts';
import type { ComponentProcess } from '../components/testing/component-process.ts';
import { testPki } from '../components/testing/test-pki.ts';
import type { TestPki } from '../components/testing/test-pki.ts';
import { runStoreCommand } from './testing/run-store-command.ts';

const within = { timeout: 20_000, interval: 50 };
const namespace = 'default';
const cleanup = new AsyncDisposableStack();
let pki: TestPki;
let port: number;
let client: HttpClient;
let server: ComponentProcess;

const storeUrl = (machine: string): string => `sqlite://${pki.directory}/${machine}/store/kubets.db`;

function startServer(machine: string): ComponentProcess {
  const { files } = pki;
  return startComponent(
    'kube-apiserver',
    `--store=${storeUrl(machine)}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    `--client-ca-file=${files.ca.certificate}`,
    `--tls-cert-file=${files.apiserver.certificate}`,
    `--tls-private-key-file=${files.apiserver.key}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--encryption-provider-config=${pki.directory}/encryption.yaml`,
  );
}

async function ready(process: ComponentProcess): Promise<void> {
  await vi.waitFor(async () => expect(await client.text({ path: '/readyz' }), process.output).toBe('ok'), within);
}

const put = (name: string, n: string): Promise<ConfigMap> =>
  client.create(ConfigMap, { metadata: { name, namespace }, data: { n } });

beforeAll(async () => {
  port = await freePort();
  pki = cleanup.use(await testPki(port));
  client = cleanup.use(createHttpClient(pki.admin));
  const keys = [{ name: 'one', secret: randomBytes(32).toString('base64') }];
  const resources = [{ resources: ['secrets'], providers: [{ aescbc: { keys } }, { identity: {} }] }];
  const encryption = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration', resources };
  writeFileSync(join(pki.directory, 'encryption.yaml'), JSON.stringify(encryption));
  server = cleanup.use(startServer('first'));
  await ready(server);
}, 30_000);
afterAll(() => cleanup.disposeAsync());

async function valuesOf(path: string): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for await (const records of (await openSnapshot(path)).records()) {
    for (const { key, value } of records) values.set(key, Buffer.from(value).toString('latin1'));
  }
  return values;
}

type Seen = Readonly<Record<string, string | undefined>>;

interface Follower extends AsyncDisposable {
  readonly state: () => Seen;
  readonly versions: () => readonly number[];
}

/** The project's own informer. */
async function ownInformer(): Promise<Follower> {
  const stop = new AbortController();
  const tools = { clock: systemClock, random: systemRandom, log: silentLogger };
  const informer = new Informer({ client, resource: ConfigMap, selection: { namespace }, ...tools });
  const running = informer.run(stop.signal);
  await informer.whenSynced(stop.signal);
  return {
    state: () => Object.fromEntries(informer.cache.list().map(({ metadata, data }) => [metadata.name, data?.['n']])),
    versions: () => informer.cache.list().map(({ metadata }) => Number(metadata.resourceVersion)),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('done'));
      await running;
    },
  };
}

/** The informer of the Kubernetes project's client, which is begun again where it gives up, as its users do. */
async function upstreamInformer(): Promise<Follower> {
  const config = new k8s.KubeConfig();
  config.loadFromFile(pki.kubeconfig('admin'));
  const core = config.makeApiClient(k8s.CoreV1Api);
  const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
    core.listNamespacedConfigMap({ namespace }),
  );
  let stopped = false;
  const begin = (): void => {
    if (stopped) return;
    informer.start().catch(() => systemClock.after(100, begin));
  };
  informer.on('error', () => systemClock.after(100, begin));
  await informer.start();
  return {
    state: () => Object.fromEntries(informer.list().map(({ metadata, data }) => [metadata?.name, data?.['n']])),
    versions: () => informer.list().map(({ metadata }) => Number(metadata?.resourceVersion)),
    async [Symbol.asyncDispose]() {
      stopped = true;
      await informer.stop();
    },
  };
}

test('a cluster that is lost goes on elsewhere from its snapshot, and everyone who followed it sees what it then is', async () => {
  const snapshot = `${pki.directory}/backup.snapshot`;
  const kept = await put('kept', '1');
  const changed = await put('changed', '1');
  await put('deleted-later', '1');
  await client.create(Secret, { metadata: { name: 'hidden', namespace }, stringData: { password: 'correct horse' } });
  await using own = await ownInformer();
  await using upstream = await upstreamInformer();
  const saved = await runStoreCommand('snapshot', 'save', snapshot, '--kubeconfig', pki.kubeconfig('admin'));
  expect(saved).toMatchObject({ code: 0, stderr: '' });
  expect(statSync(snapshot).mode & 0o777).toBe(0o600);
  const status = JSON.parse((await runStoreCommand('snapshot', 'status', snapshot, '-o', 'json')).stdout) as Record<
    string,
    unknown
  >;
  expect(status).toMatchObject({
    store: storeUrl('first'),
    version: '1',
    cluster: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  const values = await valuesOf(snapshot);
  expect(values.get(`/registry/configmaps/${namespace}/kept`)).toContain('"data":{"n":"1"}');
  expect(values.get(`/registry/secrets/${namespace}/hidden`)).toMatch(/^k8s:enc:aescbc:v1:one:/);

  // What the snapshot does not know any more.
  await put('created-later', '1');
  await client.update(ConfigMap, { ...changed, data: { n: '2' } });
  await client.delete(ConfigMap, { namespace, name: 'deleted-later' });
  const after = { 'kube-root-ca.crt': undefined, kept: '1', changed: '2', 'created-later': '1' };
  const named = (state: Seen): Seen => ({ 'kube-root-ca.crt': undefined, ...state });
  for (const { state } of [own, upstream]) await vi.waitFor(() => expect(named(state())).toEqual(after), within);
  const newest = Number((await client.list(ConfigMap, { namespace })).metadata.resourceVersion);
  expect(await server.stop()).toBe(0);

  const restored = await runStoreCommand('snapshot', 'restore', snapshot, '--store', storeUrl('second'));
  expect(restored).toMatchObject({ code: 0, stderr: '' });
  expect(restored.stdout).toContain(
    `${storeUrl('second')}: ${String(status['totalKey'])} objects, as of revision ${String(status['revision'])}`,
  );
  await using second = startServer('second');
  await ready(second);
  const then = { 'kube-root-ca.crt': undefined, kept: '1', changed: '1', 'deleted-later': '1' };
  for (const { state } of [own, upstream]) await vi.waitFor(() => expect(named(state())).toEqual(then), within);
  // No version comes twice: what there was is newer than all that anybody has seen.
  for (const { versions } of [own, upstream]) expect(Math.min(...versions())).toBeGreaterThan(newest);
  const list = await client.list(ConfigMap, { namespace });
  expect(Number(list.metadata.resourceVersion)).toBeGreaterThan(newest);
  expect(list.items.find(({ metadata }) => metadata.name === 'kept')?.metadata.uid).toBe(kept.metadata.uid);
  await expect(client.update(ConfigMap, { ...kept, data: { n: '3' } })).rejects.toMatchObject({ reason: 'Conflict' });
  const secret = await client.get(Secret, { namespace, name: 'hidden' });
  expect(Buffer.from(secret.data?.['password'] ?? '', 'base64').toString()).toBe('correct horse');
  // Both follow on.
  await put('new', '1');
  for (const { state } of [own, upstream]) await vi.waitFor(() => expect(state()).toMatchObject({ new: '1' }), within);
  // Who begins where he was before is told to read everything anew.
  const stale = client.watch(ConfigMap, { namespace, resourceVersion: String(newest) });
  await expect(Array.fromAsync(stale)).rejects.toMatchObject({ reason: 'Expired' });
});

test('only administrators get a snapshot from a server', async () => {
  await using third = startServer('second');
  await ready(third);
  const file = `${pki.directory}/stolen.snapshot`;
  const refused = await runStoreCommand('snapshot', 'save', file, '--kubeconfig', pki.kubeconfig('scheduler'));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('User "system:kube-scheduler" cannot get path "/kubets/v1/snapshot"');
  expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
});
