/** Behaviours that upstream's conformance tests of [sig-api-machinery] ask for. */
import { describe, expect, test } from 'vitest';
import { Deployment } from '../../api/apps/deployment.ts';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { StatusError } from '../../base/errors.ts';
import type { WatchEvent, WatchOptions } from '../../client/client.ts';
import { allControllers } from '../../controllers/registry.ts';
import { deploymentOf, podOf } from '../../controllers/testing/workloads.ts';
import type { ObjectMeta } from '../../machinery/meta.ts';
import { fakeKubelet, testNode } from './fake-kubelet.ts';
import { testCluster } from './test-cluster.ts';
import type { TestCluster } from './test-cluster.ts';

const namespace = 'default';
const key = (name: string) => ({ namespace, name });
const map = (name: string, more: object = {}, data: Record<string, string> = {}) => ({
  metadata: { name, namespace, ...more },
  data,
});
const status = { subresource: 'status' };

async function wholeCluster(): Promise<TestCluster> {
  const c = await testCluster([...allControllers({ ca: 'PEM' }), ...fakeKubelet({ takeUnassigned: 'node-1' })]);
  await c.create(Node, testNode('node-1'));
  return c;
}

/** What a watch has seen so far, as `TYPE name value`. */
async function observe(c: TestCluster, options: WatchOptions): Promise<string[]> {
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const event of c.client.watch(ConfigMap, { namespace, ...options })) seen.push(textOf(event));
  };
  read().catch((error: unknown) => void seen.push(String(error)));
  await c.settle();
  return seen;
}

function textOf(event: WatchEvent<ConfigMap>): string {
  if (event.type === 'BOOKMARK') return event.type;
  return `${event.type} ${event.object.metadata.name} ${event.object.data?.['n'] ?? ''}`.trim();
}

describe('Watchers', () => {
  test('should observe add, update, and delete watch notifications on configmaps', async () => {
    await using c = await testCluster();
    const a = await observe(c, { labelSelector: 'watch=a' });
    const b = await observe(c, { labelSelector: 'watch=b' });
    const both = await observe(c, { labelSelector: 'watch in (a,b)' });
    await c.create(ConfigMap, map('x', { labels: { watch: 'a' } }));
    await c.change(ConfigMap, key('x'), (object) => ({ ...object, data: { n: '1' } }));
    await c.client.delete(ConfigMap, key('x'));
    await c.create(ConfigMap, map('y', { labels: { watch: 'b' } }));
    expect(a).toEqual(['ADDED x', 'MODIFIED x 1', 'DELETED x 1']);
    expect(b).toEqual(['ADDED y']);
    expect(both).toEqual(['ADDED x', 'MODIFIED x 1', 'DELETED x 1', 'ADDED y']);
  });

  test('should be able to start watching from a specific resource version', async () => {
    await using c = await testCluster();
    const { metadata } = await c.create(ConfigMap, map('x'));
    await c.change(ConfigMap, key('x'), (object) => ({ ...object, data: { n: '1' } }));
    const { metadata: second } = await c.change(ConfigMap, key('x'), (object) => ({ ...object, data: { n: '2' } }));
    await c.client.delete(ConfigMap, key('x'));
    const selection = { fieldSelector: 'metadata.name=x' };
    expect(await observe(c, { ...selection, resourceVersion: second.resourceVersion })).toEqual(['DELETED x 2']);
    expect(await observe(c, { ...selection, resourceVersion: metadata.resourceVersion })).toEqual([
      'MODIFIED x 1',
      'MODIFIED x 2',
      'DELETED x 2',
    ]);
  });

  test('should observe an object deletion if it stops meeting the requirements of the selector', async () => {
    await using c = await testCluster();
    const relabel = (watch: string, n: string) =>
      c.change(ConfigMap, key('x'), (object) => ({
        ...object,
        metadata: { ...object.metadata, labels: { watch } },
        data: { n },
      }));
    await c.create(ConfigMap, map('x', { labels: { watch: 'a' } }));
    const seen = await observe(c, { labelSelector: 'watch=a' });
    await relabel('b', '1');
    await relabel('b', '2');
    await relabel('a', '3');
    await c.client.delete(ConfigMap, key('x'));
    await c.settle();
    // The last state that met the selector, as clients knew it.
    expect(seen).toEqual(['ADDED x', 'DELETED x', 'ADDED x 3', 'DELETED x 3']);
  });

  test('should receive events on concurrent watches in same order', async () => {
    await using c = await testCluster();
    const first = await observe(c, { resourceVersion: '0' });
    const names = Array.from({ length: 20 }, (_, index) => `m${index % 5}`);
    const watches: string[][] = [];
    for (const [n, name] of names.entries()) {
      await c.client.create(ConfigMap, map(`${name}-${n}`)).catch(() => undefined);
      const { resourceVersion } = (await c.client.list(ConfigMap, { namespace })).metadata;
      watches.push(await observe(c, { resourceVersion }));
      await c.client.patch(ConfigMap, key(`${name}-${n}`), { type: 'merge', body: { data: { n: String(n) } } });
      if (n % 2 === 0) await c.client.delete(ConfigMap, key(`${name}-${n}`));
    }
    await c.settle();
    for (const seen of watches) expect(seen).toEqual(first.slice(first.length - seen.length));
    expect(first).toHaveLength(50);
  });
});

describe('Servers with support for API chunking', () => {
  test('should return chunks of results for list calls', async () => {
    await using c = await testCluster();
    for (let i = 0; i < 40; i++) await c.client.create(ConfigMap, map(`m${String(i).padStart(2, '0')}`));
    const seen: string[] = [];
    let options: { limit: number; continue?: string | undefined } = { limit: 17 };
    let resourceVersion: string | undefined;
    do {
      const page = await c.client.list(ConfigMap, { namespace, ...options });
      resourceVersion ??= page.metadata.resourceVersion;
      expect(page.metadata.resourceVersion).toBe(resourceVersion);
      seen.push(...page.items.map(({ metadata }) => metadata.name));
      if (page.metadata.continue) expect(page.metadata.remainingItemCount).toBe(40 - seen.length);
      // Later changes are not seen, and disturb nothing.
      await c.client.create(ConfigMap, map(`a${seen.length}`));
      options = { limit: 17, continue: page.metadata.continue };
    } while (options.continue !== undefined);
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => `m${String(i).padStart(2, '0')}`));
  });

  test('should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent', async () => {
    await using c = await testCluster();
    for (const name of ['a', 'b', 'c', 'd']) await c.client.create(ConfigMap, map(name));
    const first = await c.client.list(ConfigMap, { namespace, limit: 2 });
    await c.client.create(ConfigMap, map('bb'));
    await c.client.delete(ConfigMap, key('c'));
    await c.server.context.store.compact(c.server.context.caches.revision);
    const next = c.client.list(ConfigMap, { namespace, limit: 2, continue: first.metadata.continue });
    const failure: unknown = await next.catch((error: unknown) => error);
    if (!(failure instanceof StatusError)) throw new Error('the list must have expired');
    // As it arrives at a client.
    const { code, reason, metadata: rest } = StatusError.fromStatus(failure.toStatus());
    expect([code, reason]).toEqual([410, 'Expired']);
    const token = String(rest['continue']);
    const { metadata, items } = await c.client.list(ConfigMap, { namespace, limit: 1, continue: token });
    expect(items.map((item) => item.metadata.name)).toEqual(['bb']);
    expect(Number(metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
    const last = await c.client.list(ConfigMap, { namespace, limit: 5, continue: metadata.continue });
    expect(last.items.map((item) => item.metadata.name)).toEqual(['d']);
    expect(last.metadata.continue).toBeUndefined();
  });
});

describe('Garbage collector', () => {
  const pods = async (c: TestCluster) => (await c.list(Pod)).length;
  const owners = ({ metadata }: { metadata: ObjectMeta }) => metadata.ownerReferences ?? [];

  test('should delete RS created by deployment when not orphaning', async () => {
    await using c = await wholeCluster();
    await c.create(Deployment, deploymentOf({ replicas: 2 }));
    await c.client.delete(Deployment, key('web'), { propagation: 'Background' });
    await c.eventually(async () => expect([await c.list(ReplicaSet), await pods(c)]).toEqual([[], 0]));
  });

  test('should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan', async () => {
    await using c = await wholeCluster();
    await c.create(Deployment, deploymentOf({ replicas: 2 }));
    await c.client.delete(Deployment, key('web'), { propagation: 'Orphan' });
    await c.eventually(async () => expect(await c.find(Deployment, key('web'))).toBeUndefined());
    const [replicaSet] = await c.list(ReplicaSet);
    expect(owners(replicaSet!)).toEqual([]);
    await c.advance('1m');
    expect(await pods(c)).toBe(2);
  });

  test('should keep the owner around until all its pods are deleted if the deleteOptions says so', async () => {
    await using c = await wholeCluster();
    await c.create(Deployment, deploymentOf({ replicas: 2 }));
    const [replicaSet] = await c.list(ReplicaSet);
    for (const { metadata } of await c.list(Pod)) {
      const finalizers = ['example.com/keep'];
      await c.client.patch(Pod, key(metadata.name), { type: 'merge', body: { metadata: { finalizers } } });
    }
    await c.client.delete(ReplicaSet, key(replicaSet!.metadata.name), { propagation: 'Foreground' });
    await c.advance('1m');
    expect((await c.find(replicaSet!))?.metadata.finalizers).toEqual(['foregroundDeletion']);
    for (const { metadata } of await c.list(Pod)) {
      await c.client.patch(Pod, key(metadata.name), { type: 'merge', body: { metadata: { finalizers: null } } });
    }
    await c.eventually(async () => expect(await c.find(replicaSet!)).toBeUndefined());
  });

  test('should not delete dependents that have both valid owner and owner that is waiting for dependents to be deleted', async () => {
    await using c = await wholeCluster();
    const owner = async (name: string) => {
      const { metadata } = await c.create(ConfigMap, map(name));
      return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: metadata.uid, blockOwnerDeletion: true };
    };
    const [gone, stays] = [await owner('gone'), await owner('stays')];
    await c.create(ConfigMap, map('both', { ownerReferences: [gone, stays] }));
    await c.create(ConfigMap, map('one', { ownerReferences: [gone] }));
    await c.client.delete(ConfigMap, key('gone'), { propagation: 'Foreground' });
    await c.eventually(async () => expect(await c.find(ConfigMap, key('gone'))).toBeUndefined());
    expect(owners((await c.find(ConfigMap, key('both')))!)).toEqual([stays]);
    expect(await c.find(ConfigMap, key('one'))).toBeUndefined();
  });

  test('should not be blocked by dependency circle', async () => {
    await using c = await wholeCluster();
    const names = ['a', 'b', 'c'];
    const made = new Map<string, ConfigMap>();
    for (const name of names) made.set(name, await c.create(ConfigMap, map(name)));
    for (const [index, name] of names.entries()) {
      const owner = names[(index + 1) % 3]!;
      const { uid } = made.get(owner)!.metadata;
      const ownerReferences = [
        { apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid, blockOwnerDeletion: true, controller: true },
      ];
      await c.client.patch(ConfigMap, key(name), { type: 'merge', body: { metadata: { ownerReferences } } });
    }
    await c.client.delete(ConfigMap, key('a'), { propagation: 'Foreground' });
    await c.eventually(async () => {
      for (const name of names) expect(await c.find(ConfigMap, key(name))).toBeUndefined();
    });
  });
});

describe('Namespaces', () => {
  const name = 'team';

  test('should apply a finalizer to a Namespace, which keeps it until it is taken away', async () => {
    await using c = await wholeCluster();
    const created = await c.create(Namespace, { metadata: { name } });
    const finalizers = [...(created.spec.finalizers ?? []), 'example.com/f'];
    const finalized = await c.client.update(
      Namespace,
      { ...created, spec: { finalizers } },
      { subresource: 'finalize' },
    );
    expect(finalized.spec.finalizers).toEqual(['kubernetes', 'example.com/f']);
    await c.client.delete(Namespace, { name });
    await c.advance('1m');
    const waiting = await c.find(Namespace, { name });
    expect([waiting?.status.phase, waiting?.spec.finalizers]).toEqual(['Terminating', ['example.com/f']]);
    await c.client.update(Namespace, { ...waiting!, spec: { finalizers: [] } }, { subresource: 'finalize' });
    expect(await c.find(Namespace, { name })).toBeUndefined();
  });

  test('should apply changes to a namespace status, and to what the write says of its metadata', async () => {
    await using c = await wholeCluster();
    await c.create(Namespace, { metadata: { name } });
    const condition = { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'Patched' };
    const patched = await c.client.patch(
      Namespace,
      { name },
      { type: 'merge', body: { metadata: { annotations: { patched: 'true' } }, status: { conditions: [condition] } } },
      status,
    );
    expect(patched.metadata.annotations).toEqual({ patched: 'true' });
    expect(patched.status).toMatchObject({ phase: 'Active', conditions: [condition] });
  });

  test('should patch a Namespace, and an update does not touch its status', async () => {
    await using c = await wholeCluster();
    await c.create(Namespace, { metadata: { name } });
    const body = { metadata: { labels: { testLabel: 'testValue' } }, status: { phase: 'Terminating' } };
    const patched = await c.client.patch(Namespace, { name }, { type: 'strategic', body });
    expect(patched.metadata.labels).toEqual({ testLabel: 'testValue', 'kubernetes.io/metadata.name': name });
    expect(patched.status.phase).toBe('Active');
  });

  test('should ensure that all pods and services are removed when a namespace is deleted', async () => {
    await using c = await wholeCluster();
    await c.create(Namespace, { metadata: { name } });
    const pod = podOf('p');
    await c.create(Pod, { ...pod, metadata: { ...pod.metadata, namespace: name } });
    await c.create(Service, { metadata: { name: 's', namespace: name }, spec: { ports: [{ port: 80 }] } });
    await c.client.delete(Namespace, { name });
    await c.eventually(async () => expect(await c.find(Namespace, { name })).toBeUndefined());
    expect([await c.list(Pod, name), await c.list(Service, name)]).toEqual([[], []]);
    const again = await c.create(Namespace, { metadata: { name } });
    expect(again.status.phase).toBe('Active');
    expect(await c.list(Service, name)).toEqual([]);
  });
});

test('64 writers who try again on conflicts lose nothing', async () => {
  await using c = await testCluster();
  await c.create(ConfigMap, map('counter', {}, { n: '0' }));
  const increment = async (): Promise<void> => {
    for (;;) {
      const current = await c.client.get(ConfigMap, key('counter'));
      const n = String(Number(current.data?.['n']) + 1);
      try {
        await c.client.update(ConfigMap, { ...current, data: { n } });
        return;
      } catch (error) {
        expect(error).toMatchObject({ reason: 'Conflict' });
      }
    }
  };
  await Promise.all(Array.from({ length: 64 }, increment));
  expect((await c.find(ConfigMap, key('counter')))?.data).toEqual({ n: '64' });
});

test('64 patches at once, none of which names a version, all take effect', async () => {
  await using c = await testCluster();
  await c.create(ConfigMap, map('shared'));
  const patch = (n: number) =>
    c.client.patch(ConfigMap, key('shared'), { type: 'merge', body: { data: { [`k${n}`]: 'v' } } });
  await Promise.all(Array.from({ length: 64 }, (_, n) => patch(n)));
  expect(Object.keys((await c.find(ConfigMap, key('shared')))?.data ?? {})).toHaveLength(64);
});
