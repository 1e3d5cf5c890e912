/** What owner references delete, and what strangers leave behind in metrics and logs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Node } from '../../src/api/core/node.ts';
import { allControllers } from '../../src/controllers/registry.ts';
import { hasReason } from '../../src/base/errors.ts';
import { testNode } from '../../src/distro/testing/fake-kubelet.ts';
import { attackCluster } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';

let cluster: AttackCluster;
beforeAll(async () => {
  const controllers = allControllers({ ca: () => '' }).filter(({ name }) => name === 'generic-garbage-collector');
  expect(controllers).toHaveLength(1);
  cluster = await attackCluster({ controllers });
  for (const name of ['mine', 'theirs']) await cluster.own.create(Namespace, { metadata: { name } });
});
afterAll(() => cluster[Symbol.asyncDispose]());

const owner = (kind: string, name: string, uid: string): object => ({
  apiVersion: 'v1',
  kind,
  name,
  uid,
  blockOwnerDeletion: true,
});

/** Resolves when the collector has looked at everything: what has no owner any more is gone. */
async function collected(): Promise<void> {
  const { own } = cluster;
  const name = `orphan-${Math.random().toString(36).slice(2)}`;
  const ownerReferences = [owner('ConfigMap', 'gone', `${name}-owner`)];
  await own.create(ConfigMap, { metadata: { name, namespace: 'mine', ownerReferences } as never });
  await expect
    .poll(
      async () =>
        own.get(ConfigMap, { namespace: 'mine', name }).catch((error: unknown) => hasReason(error, 'NotFound')),
      { timeout: 15_000 },
    )
    .toBe(true);
}

test('an owner reference deletes nothing but what carries it', async () => {
  const { own } = cluster;
  const victim = await own.create(ConfigMap, { metadata: { name: 'victim', namespace: 'theirs' } });
  await own.create(Node, testNode('n'));
  // One's own object says that it is owned by a victim of another namespace, and by one that is as good as gone.
  await own.create(ConfigMap, {
    metadata: {
      name: 'a',
      namespace: 'mine',
      ownerReferences: [owner('ConfigMap', 'victim', victim.metadata.uid)],
    } as never,
  });
  await own.create(ConfigMap, {
    metadata: { name: 'b', namespace: 'mine', ownerReferences: [owner('Node', 'n', 'wrong')] } as never,
  });
  await own.create(ConfigMap, {
    metadata: { name: 'c', namespace: 'mine', ownerReferences: [owner('ConfigMap', 'victim', 'wrong')] } as never,
  });
  // Something of the cluster says that it is owned by something in a namespace, which nobody can look up.
  await own.patch(
    Node,
    { name: 'n' },
    {
      type: 'merge',
      body: { metadata: { ownerReferences: [owner('ConfigMap', 'victim', victim.metadata.uid)] } } as never,
    },
  );
  await collected();
  await own.delete(ConfigMap, { namespace: 'mine', name: 'a' }).catch(() => undefined);
  await collected();
  expect((await own.get(ConfigMap, { namespace: 'theirs', name: 'victim' })).metadata.uid).toBe(victim.metadata.uid);
  expect((await own.get(Node, { name: 'n' })).metadata.name).toBe('n');
});

test('what strangers ask for does not become a label of a metric, nor a line of the log', async () => {
  const { anonymous, admin } = cluster;
  const marks = ['mark1', 'mark2', 'mark3', 'mark4'];
  await anonymous.get('/mark1/mark1');
  await anonymous.get('/apis/mark2.example.com/v1/mark2s/mark2');
  await anonymous.ask('GET', '/api/v1/pods/x/mark3', { headers: { 'user-agent': 'mark4' } });
  await anonymous.ask('MKCOL', '/api/v1/mark3').catch(() => undefined);
  const { status, text } = await admin.get('/metrics');
  expect(status).toBe(200);
  for (const mark of marks) expect(text).not.toContain(mark);
  expect(cluster.log.join('').match(/mark\d/)).toBeNull();
});

test('a Secret is in no event, no log and no error about it', async () => {
  const { admin } = cluster;
  const secrets = '/api/v1/namespaces/mine/secrets';
  const data = { password: Buffer.from('gold-4711').toString('base64') };
  const seen = [
    await admin.post(secrets, { metadata: { name: 'S' }, data }),
    await admin.post(secrets, { metadata: { name: 's' }, data, type: 'kubernetes.io/tls' }),
    await admin.post(secrets, { metadata: { name: 's' }, data: { 'bad key!': data.password } }),
    await admin.ask('POST', secrets, { headers: { 'content-type': 'text/plain' }, body: JSON.stringify({ data }) }),
    await admin.get('/metrics'),
    await admin.get('/api/v1/events'),
  ];
  for (const { text } of seen) expect(text).not.toMatch(/gold-4711|Z29sZC00NzEx/);
  await admin.post(secrets, { metadata: { name: 's' }, data });
  expect(
    (await admin.get(`${secrets}?limit=1`, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' })).text,
  ).not.toContain(data.password);
  expect(cluster.log.join('')).not.toMatch(/gold-4711|Z29sZC00NzEx/);
});
