import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Secret } from '../../api/core/secret.ts';
import { Service } from '../../api/core/service.ts';
import { createApiServer } from '../../apiserver/create-api-server.ts';
import { standardParts } from '../../apiserver/standard-parts.ts';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { systemRandom } from '../../base/system-random.ts';
import type { Client } from '../../client/client.ts';
import { createHttpClient } from '../../client/http-client.ts';
import { startEtcd } from '../../store/etcd/testing/etcd-process.ts';
import { createSigningKey } from '../../machinery/x509/certificate-authority.ts';
import { encryptObjects, openEncryption } from './encryption.ts';
import { openStore } from './open-store.ts';
import type { StoreLocation } from './store-location.ts';
import { freePort, startComponent } from './testing/component-process.ts';
import { testPki } from './testing/test-pki.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-encrypted-'));
const cleanup = new AsyncDisposableStack();
cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
afterAll(() => cleanup.disposeAsync());
const file = join(folder, 'encryption.yaml');

const keys = { old: 1, young: 2 };
type KeyName = keyof typeof keys;

/** Has secrets encrypted by the first of the keys, and lets them be read by all of them and as they were before. */
function configure(...names: readonly KeyName[]): void {
  const list = names.map((name) => `{name: ${name}, secret: "${Buffer.alloc(32, keys[name]).toString('base64')}"}`);
  const provider = `aescbc: {keys: [${list.join(', ')}]}`;
  writeFileSync(
    file,
    `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources: [{resources: [secrets], providers: [${names.length > 0 ? `{${provider}}, ` : ''}{identity: {}}]}]
`,
  );
}

/** What is done by an API server on the store, which is closed then. */
async function serve<T>(location: StoreLocation, use: (client: Client) => Promise<T>): Promise<T> {
  const context = { clock: systemClock, random: systemRandom, log: silentLogger };
  await using stored = await openStore(location);
  await using encryption = await openEncryption({
    path: file,
    reloads: false,
    signal: AbortSignal.timeout(5000),
    ...context,
  });
  await using server = await createApiServer({
    store: encryptObjects(stored, { encryption, location, clock: systemClock }),
    ...context,
    parts: standardParts({
      issuer: 'https://kubernetes.default.svc.cluster.local',
      signingKey,
      serviceCIDRs: ['10.96.0.0/16'],
      serverAddress: '127.0.0.1:6443',
      controllers: [],
    }),
  });
  return await use(server.client({ name: 'admin', groups: ['system:masters'] }));
}
let signingKey = '';

/** How the values of secrets begin, as they are stored. */
async function providers(location: StoreLocation): Promise<readonly string[]> {
  await using store = await openStore(location);
  const { items } = await store.list('/registry/secrets/');
  return items.map(({ value }) => /^k8s:enc:\w+:v1:\w+:|/.exec(Buffer.from(value).toString('latin1'))![0]);
}

/** As `kubectl get secrets -o json | kubectl replace -f -`. */
async function rewrite(client: Client): Promise<void> {
  const { items } = await client.list(Secret, { namespace: 'default' });
  for (const secret of items) await client.update(Secret, secret);
}

const password = 'correct-horse-battery-staple';
const secret = (name: string) => ({
  metadata: { name, namespace: 'default', annotations: { note: password } },
  stringData: { password },
});

/** The files under a folder that have a text in them. */
function traces(path: string, text: string): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text))
    .map(({ name }) => name);
}

interface Place {
  readonly location: StoreLocation;
  /** Where the bytes lie in the end. */
  readonly data: string;
}

beforeAll(async () => {
  signingKey = await createSigningKey();
});

describe.each(['sqlite', 'etcd'])('secrets in %s', (kind) => {
  let place: Place;
  beforeAll(async () => {
    if (kind === 'sqlite') {
      place = { location: { path: join(folder, 'sqlite', 'store.db') }, data: join(folder, 'sqlite') };
      return;
    }
    const etcd = cleanup.use(await startEtcd({ version: '3.5' }));
    place = { location: { etcd: { servers: etcd.endpoints } }, data: etcd.members[0]!.dataFolder };
  }, 60_000);

  test('are nowhere in plain text, and their keys are rotated by writing them again', async () => {
    const { location, data } = place;
    configure('old');
    await serve(location, async (client) => {
      await client.create(Secret, secret('a'));
      await client.create(Secret, secret('b'));
      await client.create(ConfigMap, {
        metadata: { name: 'plain', namespace: 'default' },
        data: { text: 'plain-as-day' },
      });
      expect((await client.get(Secret, { namespace: 'default', name: 'a' })).metadata.annotations).toEqual({
        note: password,
      });
      for (const text of [password, Buffer.from(password).toString('base64')]) expect(traces(data, text)).toEqual([]);
      expect(traces(data, 'plain-as-day')).not.toEqual([]);
    });
    expect(await providers(location)).toEqual(['k8s:enc:aescbc:v1:old:', 'k8s:enc:aescbc:v1:old:']);

    configure('old', 'young');
    await serve(location, rewrite);
    expect(await providers(location)).toEqual(['k8s:enc:aescbc:v1:old:', 'k8s:enc:aescbc:v1:old:']);

    configure('young', 'old');
    await serve(location, rewrite);
    expect(await providers(location)).toEqual(['k8s:enc:aescbc:v1:young:', 'k8s:enc:aescbc:v1:young:']);

    configure('young');
    await serve(location, async (client) => {
      const { items } = await client.list(Secret, { namespace: 'default' });
      expect(
        items.map(({ metadata, data: values }) => [
          metadata.name,
          Buffer.from(values?.['password'] ?? '', 'base64').toString(),
        ]),
      ).toEqual([
        ['a', password],
        ['b', password],
      ]);
      const before = items[0]!.metadata.resourceVersion;
      expect((await client.update(Secret, items[0]!)).metadata.resourceVersion, 'nothing is written twice').toBe(
        before,
      );
    });
  });

  test('that nobody has the key of end the start with a sentence', async () => {
    const { location } = place;
    configure('old');
    await expect(serve(location, async () => undefined)).rejects.toThrow(
      'unable to transform key "/registry/secrets/default/a": no matching key was found for the provided AES transformer; it is encrypted by k8s:enc:aescbc:v1:young:',
    );
  });
});

test('everything can be encrypted, whatever a server stores', async () => {
  const location = { path: join(folder, 'everything', 'store.db') };
  const provider = `aesgcm: {keys: [{name: all, secret: "${Buffer.alloc(32, 3).toString('base64')}"}]}`;
  writeFileSync(
    file,
    `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources: [{resources: ['*.*'], providers: [{${provider}}]}]
`,
  );
  const ports = [{ port: 80, nodePort: 30_080 }];
  await serve(location, (client) =>
    client.create(Service, { metadata: { name: 'web', namespace: 'default' }, spec: { type: 'NodePort', ports } }),
  );
  const web = await serve(location, (client) => client.get(Service, { namespace: 'default', name: 'web' }));
  expect(web.spec.ports?.[0]?.nodePort).toBe(30_080);
  await using store = await openStore(location);
  const { items } = await store.list('/registry/');
  const plain = items.filter(
    ({ value }) => !Buffer.from(value).toString('latin1').startsWith('k8s:enc:aesgcm:v1:all:'),
  );
  expect(items.length).toBeGreaterThan(50);
  expect(plain.map(({ key }) => key)).toEqual([]);
});

test(
  'kube-apiserver encrypts by its flags, and says at its start what it can not read',
  { timeout: 60_000 },
  async () => {
    const port = await freePort();
    const pki = cleanup.use(await testPki(port));
    const path = join(pki.directory, 'store', 'kubets.db');
    const flags = [`--store=sqlite://${path}`, '--bind-address=127.0.0.1', ...pki.serverFlags];
    configure('young');
    {
      await using server = startComponent(
        'kube-apiserver',
        ...flags,
        `--encryption-provider-config=${file}`,
        '--encryption-provider-config-automatic-reload',
      );
      await using client = createHttpClient(pki.admin);
      await vi.waitFor(async () => expect(await client.text({ path: '/readyz' }), server.output).toBe('ok'), {
        timeout: 30_000,
        interval: 100,
      });
      expect(await client.text({ path: '/healthz/kms-providers' })).toBe('ok');
      await client.create(Secret, secret('a'));
      expect(await server.stop()).toBe(0);
    }
    expect(await providers({ path })).toEqual(['k8s:enc:aescbc:v1:young:']);
    await using refused = startComponent('kube-apiserver', ...flags);
    expect(await refused.ended).toBe(1);
    expect(refused.output).toContain(
      'unable to transform key "/registry/secrets/default/a": identity transformer tried to read encrypted data; it is encrypted by k8s:enc:aescbc:v1:young:',
    );
  },
);
