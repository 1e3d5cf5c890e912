/** The HTTP client against the real API server: TLS, client certificate, every verb. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { systemClock } from '../base/system-clock.ts';
import { systemRandom } from '../base/system-random.ts';
import { Binding } from '../api/core/binding.ts';
import { ConfigMap } from '../api/core/config-map.ts';
import { Namespace } from '../api/core/namespace.ts';
import { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import { startTestCluster } from '../cli/test/test-cluster.ts';
import { createHttpClient } from './http-client.ts';
import type { HttpClient } from './http-client.ts';
import { Informer } from './informer.ts';
import { loadKubeconfig } from './kubeconfig.ts';

interface Setup extends AsyncDisposable {
  readonly client: HttpClient;
  readonly directory: string;
  readonly port: number;
}

async function setup(): Promise<Setup> {
  const cluster = await startTestCluster();
  const { connection } = await loadKubeconfig(cluster.kubeconfig);
  const client = createHttpClient(connection);
  return {
    client,
    directory: cluster.directory,
    port: cluster.port,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

const key = { namespace: 'default', name: 'a' };

test('objects are created, read, changed and deleted over TLS with a client certificate', async () => {
  await using s = await setup();
  const { client } = s;
  const created = await client.create(ConfigMap, { metadata: key, data: { x: '1' } });
  expect(created).toMatchObject({ kind: 'ConfigMap', data: { x: '1' } });
  await client.patch(ConfigMap, key, { type: 'merge', body: { data: { y: '2' } } });
  await expect(client.update(ConfigMap, created)).rejects.toMatchObject({ reason: 'Conflict', code: 409 });
  expect((await client.get(ConfigMap, key)).data).toEqual({ x: '1', y: '2' });
  expect((await client.list(ConfigMap, { namespace: 'default' })).items.map(({ kind }) => kind)).toContain('ConfigMap');
  await expect(client.delete(ConfigMap, key, { preconditions: { uid: 'other' } })).rejects.toMatchObject({
    reason: 'Conflict',
  });
  await client.delete(ConfigMap, key);
  await expect(client.get(ConfigMap, key)).rejects.toMatchObject({ reason: 'NotFound' });
});

test('many answers that come at once are all read to their end', async () => {
  await using s = await setup();
  const data = { x: 'x'.repeat(600) };
  const names = Array.from({ length: 300 }, (_, index) => `many-${index}`);
  const create = (name: string) => s.client.create(ConfigMap, { metadata: { name, namespace: 'default' }, data });
  expect((await Promise.all(names.map(create))).map(({ metadata }) => metadata.name)).toEqual(names);
});

test('subresources and paths that are not kinds are reached', async () => {
  await using s = await setup();
  const { client } = s;
  const room = { cpu: '4', memory: '8Gi', pods: '110' };
  await client.create(Node, { metadata: { name: 'node-1' }, status: { allocatable: room } });
  await client.patch(
    Node,
    { name: 'node-1' },
    { type: 'strategic', body: { status: { phase: 'Running' } } },
    { subresource: 'status' },
  );
  expect(JSON.parse(await client.text({ path: '/version' }))).toMatchObject({ major: '1' });
  await expect(client.text({ path: '/nonsense' })).rejects.toMatchObject({ code: 404 });
  const missing = {
    subresource: 'binding',
    kind: Binding,
    object: { metadata: key, target: { kind: 'Node', name: 'node-1' } },
  };
  await expect(client.createSubresource(Pod, key, missing)).rejects.toMatchObject({ reason: 'NotFound' });
});

test('an informer follows over HTTP what happens', async () => {
  await using s = await setup();
  const { client } = s;
  const informer = new Informer({
    client,
    resource: Namespace,
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
  });
  const seen = new Map<string, PromiseWithResolvers<void>>();
  const sighting = (what: string): PromiseWithResolvers<void> => {
    const present = seen.get(what) ?? Promise.withResolvers<void>();
    seen.set(what, present);
    return present;
  };
  informer.subscribe(({ type, object }) => sighting(`${type} ${object.metadata.name}`).resolve());
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  await sighting('added kube-system').promise;
  await client.create(Namespace, { metadata: { name: 'first' } });
  await sighting('added first').promise;
  stop.abort(new Error('done'));
  await running;
});

test('a token is read from its file', async () => {
  await using s = await setup();
  const tokenFile = join(s.directory, 'token');
  await writeFile(tokenFile, 'not-a-token\n');
  const server = `https://127.0.0.1:${s.port}`;
  await using client = createHttpClient({ servers: [server], insecureSkipVerify: true, tokenFile });
  await expect(client.list(Namespace)).rejects.toMatchObject({ reason: 'Unauthorized' });
});

test('a server whose certificate is not trusted is not spoken to', async () => {
  await using s = await setup();
  await using client = createHttpClient({ servers: [`https://127.0.0.1:${s.port}`] });
  await expect(client.list(Namespace)).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
});
