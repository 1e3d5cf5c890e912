/** A cluster that is lost and restored elsewhere, as its clients see it. */
import { randomBytes } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Secret } from '../../api/core/secret.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { HttpClient } from '../../client/http-client.ts';
import { startEtcd } from '../../store/etcd/testing/etcd-process.ts';
import { openSnapshot } from '../../store/snapshot/snapshot-file.ts';
import { freePort, startComponent } from '../components/testing/component-process.ts';
import type { ComponentProcess } from '../components/testing/component-process.ts';
import { testPki } from '../components/testing/test-pki.ts';
import type { TestPki } from '../components/testing/test-pki.ts';
import { ownInformer, upstreamInformer } from './testing/followers.ts';
import { runStoreCommand } from './testing/run-store-command.ts';

const within = { timeout: 20_000, interval: 50 };
const namespace = 'default';
const cleanup = new AsyncDisposableStack();
let pki: TestPki;
let port: number;
let client: HttpClient;

function startServer(store: readonly string[]): ComponentProcess {
  return startComponent(
    'kube-apiserver',
    ...store,
    '--bind-address=127.0.0.1',
    ...pki.serverFlags,
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
}, 30_000);
afterAll(() => cleanup.disposeAsync());

async function valuesOf(path: string): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for await (const records of (await openSnapshot(path)).records()) {
    for (const { key, value } of records) values.set(key, Buffer.from(value).toString('latin1'));
  }
  return values;
}

/** Options that name the store of a machine, and those with which to restore into it. */
type Machine = () => Promise<{ readonly store: readonly string[]; readonly restore: readonly string[] }>;

let files = 0;
const sqlite: Machine = async () => {
  const url = `sqlite://${pki.directory}/machine-${++files}/kubets.db`;
  return { store: [`--store=${url}`], restore: ['--store', url] };
};
const etcd: Machine = async () => {
  const { endpoints } = cleanup.use(await startEtcd({ version: '3.5' }));
  const store = ['--etcd-servers', endpoints.join(',')];
  return { store, restore: [...store, '--bump-revision', '1000'] };
};

/** A server that has been snapshot, and on which more was written since. */
async function lostCluster(machine: readonly string[], snapshot: string) {
  const server = cleanup.use(startServer(machine));
  await ready(server);
  const kept = await put('kept', '1');
  const changed = await put('changed', '1');
  await put('deleted-later', '1');
  await client.create(Secret, { metadata: { name: 'hidden', namespace }, stringData: { password: 'correct horse' } });
  const followers = [
    cleanup.use(await ownInformer(client, namespace)),
    cleanup.use(await upstreamInformer(pki.kubeconfig('admin'), namespace)),
  ];
  const saved = await runStoreCommand('snapshot', 'save', snapshot, '--kubeconfig', pki.kubeconfig('admin'));
  expect(saved).toMatchObject({ code: 0, stderr: '' });
  // What the snapshot does not know any more.
  await put('created-later', '1');
  await client.update(ConfigMap, { ...changed, data: { n: '2' } });
  await client.delete(ConfigMap, { namespace, name: 'deleted-later' });
  const after = { kept: '1', changed: '2', 'created-later': '1' };
  for (const follower of followers) await vi.waitFor(() => expect(follower.state()).toEqual(after), within);
  const newest = Number((await client.list(ConfigMap, { namespace })).metadata.resourceVersion);
  expect(await server.stop()).toBe(0);
  return { kept, followers, newest };
}

describe.each([
  ['SQLite', sqlite],
  ['etcd', etcd],
] as const)('a cluster in %s', (name, machine) => {
  test(
    'that is lost goes on elsewhere from its snapshot, and all who followed it see what it then is',
    { timeout: 60_000 },
    async () => {
      const snapshot = join(pki.directory, `${name}.snapshot`);
      const { kept, followers, newest } = await lostCluster((await machine()).store, snapshot);
      const target = await machine();
      expect((await runStoreCommand('snapshot', 'restore', snapshot, ...target.restore)).code).toBe(0);
      await using server = startServer(target.store);
      await ready(server);
      const then = { kept: '1', changed: '1', 'deleted-later': '1' };
      for (const follower of followers) await vi.waitFor(() => expect(follower.state()).toEqual(then), within);
      // No version comes twice: what there was is newer than all that anybody has seen.
      for (const follower of followers) expect(Math.min(...follower.versions())).toBeGreaterThan(newest);
      const found = await client.get(ConfigMap, { namespace, name: 'kept' });
      expect(found.metadata.uid).toBe(kept.metadata.uid);
      await expect(client.update(ConfigMap, { ...kept, data: { n: '3' } })).rejects.toMatchObject({
        reason: 'Conflict',
      });
      // Who begins where he was before is told to read everything anew.
      const stale = client.watch(ConfigMap, { namespace, resourceVersion: String(newest) });
      await expect(Array.fromAsync(stale)).rejects.toMatchObject({ reason: 'Expired' });
      const secret = await client.get(Secret, { namespace, name: 'hidden' });
      expect(Buffer.from(secret.data?.['password'] ?? '', 'base64').toString()).toBe('correct horse');
      // All follow on.
      await put('new', '1');
      for (const follower of followers)
        await vi.waitFor(() => expect(follower.state()).toMatchObject({ new: '1' }), within);
      for (const follower of followers) await follower[Symbol.asyncDispose]();
    },
  );
});

test('a snapshot is for its owner only, has values as they are stored, and names its cluster', async () => {
  const snapshot = join(pki.directory, 'SQLite.snapshot');
  expect(statSync(snapshot).mode & 0o777).toBe(0o600);
  const { stdout } = await runStoreCommand('snapshot', 'status', snapshot, '-o', 'json');
  expect(JSON.parse(stdout)).toMatchObject({
    store: `sqlite://${pki.directory}/machine-1/kubets.db`,
    version: '1',
    cluster: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  const values = await valuesOf(snapshot);
  expect(values.get(`/registry/configmaps/${namespace}/kept`)).toContain('"data":{"n":"1"}');
  expect(values.get(`/registry/secrets/${namespace}/hidden`)).toMatch(/^k8s:enc:aescbc:v1:one:/);
});

test('only administrators get a snapshot from a server', async () => {
  await using server = startServer((await sqlite()).store);
  await ready(server);
  const file = join(pki.directory, 'stolen.snapshot');
  const refused = await runStoreCommand('snapshot', 'save', file, '--kubeconfig', pki.kubeconfig('scheduler'));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('User "system:kube-scheduler" cannot get path "/kubets/v1/snapshot"');
  expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
});
