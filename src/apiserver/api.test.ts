import { describe, expect, test } from 'vitest';
import { Deployment } from '../api/apps/deployment.ts';
import { Scale } from '../api/autoscaling/scale.ts';
import { Binding } from '../api/core/binding.ts';
import { ConfigMap } from '../api/core/config-map.ts';
import { Event } from '../api/core/event.ts';
import { Namespace } from '../api/core/namespace.ts';
import { Pod } from '../api/core/pod.ts';
import { Event as EventsV1Event } from '../api/events/event.ts';
import { Eviction } from '../api/policy/eviction.ts';
import type { WatchEvent } from '../client/client.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { testServer } from './testing/test-server.ts';

const namespace = 'default';
const named = (name: string, more: object = {}) => ({ metadata: { name, namespace, ...more } });
const pod = (name: string, spec: object = {}) => ({
  ...named(name),
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});
const deployment = (name: string) => ({
  ...named(name),
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
});

describe('create', () => {
  test('sets what belongs to the system and stores the object', async () => {
    await using server = await testServer();
    const created = await server.client.create(ConfigMap, { ...named('a', { uid: 'mine' }), data: { k: 'v' } });
    expect(created.metadata).toMatchObject({ name: 'a', namespace, creationTimestamp: '2026-01-01T00:00:00Z' });
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number(created.metadata.resourceVersion)).toBeGreaterThan(0);
    expect(await server.client.get(ConfigMap, { namespace, name: 'a' })).toEqual(created);
    expect(Object.isFrozen(created.metadata)).toBe(true);
  });

  test('a second one of the same name already exists', async () => {
    await using server = await testServer();
    await server.client.create(ConfigMap, named('a'));
    await expect(server.client.create(ConfigMap, named('a'))).rejects.toMatchObject({
      reason: 'AlreadyExists',
      message: 'configmaps "a" already exists',
      details: { name: 'a', kind: 'configmaps' },
    });
  });

  test('generateName makes a name, and metadata is validated', async () => {
    await using server = await testServer();
    const made = await server.client.create(ConfigMap, { metadata: { generateName: 'x-', namespace } });
    expect(made.metadata.name).toMatch(/^x-[a-z0-9]{5}$/);
    await expect(server.client.create(ConfigMap, named('A_b'))).rejects.toMatchObject({
      reason: 'Invalid',
      code: 422,
      message: expect.stringMatching(
        /^ConfigMap "A_b" is invalid: metadata.name: Invalid value: "A_b": a lowercase RFC 1123/,
      ),
    });
    await expect(server.client.create(ConfigMap, { metadata: { namespace } })).rejects.toThrow(
      'metadata.name: Required value: name or generateName is required',
    );
  });

  test('a dry run is answered like a real one and stores nothing', async () => {
    await using server = await testServer();
    const made = await server.client.create(ConfigMap, named('a'), { dryRun: true });
    expect(made.metadata.uid).toBeDefined();
    await expect(server.client.get(ConfigMap, { namespace, name: 'a' })).rejects.toMatchObject({ reason: 'NotFound' });
  });
});

describe('update', () => {
  test('an old resourceVersion is a conflict, none at all overwrites', async () => {
    await using server = await testServer();
    const first = await server.client.create(ConfigMap, named('a'));
    await server.client.update(ConfigMap, { ...first, data: { k: '1' } });
    await expect(server.client.update(ConfigMap, { ...first, data: { k: '2' } })).rejects.toMatchObject({
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    });
    const { data } = await server.client.update(ConfigMap, { ...named('a'), data: { k: '3' } });
    expect(data).toEqual({ k: '3' });
  });

  test('an update that changes nothing makes no new version', async () => {
    await using server = await testServer();
    const first = await server.client.create(Deployment, deployment('a'));
    const second = await server.client.update(Deployment, { ...first });
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test('the generation counts changes of the spec, not of metadata or status', async () => {
    await using server = await testServer();
    const first = await server.client.create(Deployment, deployment('a'));
    expect(first.metadata.generation).toBe(1);
    const labelled = await server.client.update(Deployment, {
      ...first,
      metadata: { ...first.metadata, labels: { a: 'b' } },
    });
    expect(labelled.metadata.generation).toBe(1);
    const scaled = await server.client.update(Deployment, { ...labelled, spec: { ...labelled.spec, replicas: 3 } });
    expect(scaled.metadata.generation).toBe(2);
    const reported = await server.client.update(
      Deployment,
      { ...scaled, status: { replicas: 3 } },
      { subresource: 'status' },
    );
    expect(reported.metadata.generation).toBe(2);
    expect(reported.status.replicas).toBe(3);
  });

  test('spec and status are each written through their own path only', async () => {
    await using server = await testServer();
    const first = await server.client.create(Deployment, deployment('a'));
    const viaSpec = await server.client.update(Deployment, {
      ...first,
      status: { replicas: 9 },
      spec: { ...first.spec, replicas: 2 },
    });
    expect(viaSpec.status.replicas).toBeUndefined();
    const viaStatus = await server.client.update(
      Deployment,
      { ...viaSpec, status: { replicas: 2 }, spec: { ...first.spec, replicas: 7 } },
      { subresource: 'status' },
    );
    expect(viaStatus.spec.replicas).toBe(2);
    expect(viaStatus.status.replicas).toBe(2);
  });

  test('concurrent patches of one object all arrive', async () => {
    await using server = await testServer();
    await server.client.create(ConfigMap, named('a'));
    const key = { namespace, name: 'a' };
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
    await Promise.all(
      keys.map((k) => server.client.patch(ConfigMap, key, { type: 'merge', body: { data: { [k]: 'v' } } })),
    );
    const { data = {} } = await server.client.get(ConfigMap, key);
    expect(Object.keys(data)).toHaveLength(20);
  });

  test('a strategic patch merges containers by name', async () => {
    await using server = await testServer();
    await server.client.create(Deployment, deployment('a'));
    const body = {
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'c', image: 'j' },
              { name: 'd', image: 'k' },
            ],
          },
        },
      },
    };
    const patched = await server.client.patch(Deployment, { namespace, name: 'a' }, { type: 'strategic', body });
    expect(patched.spec.template.spec.containers.map(({ name, image }) => [name, image])).toEqual([
      ['c', 'j'],
      ['d', 'k'],
    ]);
  });
});

describe('scale', () => {
  test('reads and writes the replicas', async () => {
    await using server = await testServer();
    await server.client.create(Deployment, deployment('a'));
    const { api } = server.server;
    const user = { name: 'x', groups: [] };
    const call = { user, resource: Deployment, namespace, name: 'a', subresource: 'scale' };
    expect(await api.get(call)).toMatchObject({ kind: 'Scale', spec: { replicas: 1 }, status: { selector: 'app=a' } });
    await api.patch(call, { type: 'merge', body: { spec: { replicas: 4 } } });
    expect((await server.client.get(Deployment, { namespace, name: 'a' })).spec.replicas).toBe(4);
    await expect(api.patch(call, { type: 'merge', body: { spec: { replicas: -1 } } })).rejects.toThrow(
      'Scale.autoscaling "a" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
    expect(Scale.kind).toBe('Scale');
  });
});

describe('delete', () => {
  const key = { namespace, name: 'a' };

  test('an object without finalizers goes at once', async () => {
    await using server = await testServer();
    await server.client.create(ConfigMap, named('a'));
    await server.client.delete(ConfigMap, key);
    await expect(server.client.get(ConfigMap, key)).rejects.toMatchObject({ message: 'configmaps "a" not found' });
  });

  test('finalizers keep an object until they are gone, and none may be added', async () => {
    await using server = await testServer();
    await server.client.create(ConfigMap, named('a', { finalizers: ['example.com/x'] }));
    await server.client.delete(ConfigMap, key);
    const going = await server.client.get(ConfigMap, key);
    expect(going.metadata.deletionTimestamp).toBe('2026-01-01T00:00:00Z');
    const patch = (finalizers: string[] | null) =>
      server.client.patch(ConfigMap, key, { type: 'merge', body: { metadata: { finalizers } } });
    await expect(patch(['example.com/x', 'example.com/y'])).rejects.toThrow('no new finalizers can be added');
    await patch(null);
    await expect(server.client.get(ConfigMap, key)).rejects.toMatchObject({ reason: 'NotFound' });
  });

  test('a pod that runs gets its grace period, and goes when the kubelet says zero', async () => {
    await using server = await testServer();
    await server.client.create(Pod, pod('a', { nodeName: 'n', terminationGracePeriodSeconds: 20 }));
    await server.client.delete(Pod, key);
    const going = await server.client.get(Pod, key);
    expect(going.metadata).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:20Z', deletionGracePeriodSeconds: 20 });
    await server.client.delete(Pod, key, { gracePeriodSeconds: 5 });
    expect((await server.client.get(Pod, key)).metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:05Z',
      deletionGracePeriodSeconds: 5,
    });
    await server.client.delete(Pod, key, { gracePeriodSeconds: 0 });
    await expect(server.client.get(Pod, key)).rejects.toMatchObject({ reason: 'NotFound' });
  });

  test('a pod that nobody runs goes at once', async () => {
    await using server = await testServer();
    await server.client.create(Pod, pod('a'));
    await server.client.delete(Pod, key);
    await expect(server.client.get(Pod, key)).rejects.toMatchObject({ reason: 'NotFound' });
  });

  test('preconditions that do not hold are conflicts', async () => {
    await using server = await testServer();
    const { metadata } = await server.client.create(ConfigMap, named('a'));
    const attempt = (preconditions: { uid?: string; resourceVersion?: string }) =>
      server.client.delete(ConfigMap, key, { preconditions });
    await expect(attempt({ uid: 'other' })).rejects.toMatchObject({ reason: 'Conflict' });
    await expect(attempt({ resourceVersion: '1' })).rejects.toMatchObject({ reason: 'Conflict' });
    await attempt({ uid: metadata.uid, resourceVersion: metadata.resourceVersion });
  });

  test('foreground deletion waits for the garbage collector', async () => {
    await using server = await testServer();
    await server.client.create(Deployment, deployment('a'));
    await server.client.delete(Deployment, key, { propagation: 'Foreground' });
    const { metadata } = await server.client.get(Deployment, key);
    expect(metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(metadata.deletionTimestamp).toBeDefined();
  });

  test('a namespace is Terminating until it is finalized', async () => {
    await using server = await testServer();
    const made = await server.client.create(Namespace, { metadata: { name: 'n' } });
    expect(made.spec.finalizers).toEqual(['kubernetes']);
    await server.client.delete(Namespace, { name: 'n' });
    const going = await server.client.get(Namespace, { name: 'n' });
    expect(going.status.phase).toBe('Terminating');
    await expect(server.client.delete(Namespace, { name: 'n' })).rejects.toMatchObject({ reason: 'Conflict' });
    await server.client.update(Namespace, { ...going, spec: { finalizers: [] } }, { subresource: 'finalize' });
    await expect(server.client.get(Namespace, { name: 'n' })).rejects.toMatchObject({ reason: 'NotFound' });
  });

  test('a collection is deleted by selector', async () => {
    await using server = await testServer();
    for (const name of ['a', 'b', 'c']) await server.client.create(ConfigMap, named(name, { labels: { l: name } }));
    await server.client.deleteCollection(ConfigMap, { namespace, labelSelector: 'l in (a,b)' });
    const { items } = await server.client.list(ConfigMap, { namespace });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['c']);
  });
});

describe('pods', () => {
  test('a binding gives a pod its node once', async () => {
    await using server = await testServer();
    await server.client.create(Pod, pod('a'));
    const bind = (name: string) =>
      server.client.createSubresource(
        Pod,
        { namespace, name: 'a' },
        { subresource: 'binding', kind: Binding, object: { metadata: { name: 'a' }, target: { kind: 'Node', name } } },
      );
    await bind('n1');
    const bound = await server.client.get(Pod, { namespace, name: 'a' });
    expect(bound.spec.nodeName).toBe('n1');
    expect(bound.status.conditions).toContainEqual({
      type: 'PodScheduled',
      status: 'True',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
    await expect(bind('n2')).rejects.toThrow(
      'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"',
    );
    const { items } = await server.client.list(Pod, { fieldSelector: 'spec.nodeName=n1' });
    expect(items).toHaveLength(1);
  });

  test('an eviction deletes with the grace period', async () => {
    await using server = await testServer();
    await server.client.create(Pod, pod('a', { nodeName: 'n' }));
    const key = { namespace, name: 'a' };
    const object = { metadata: { name: 'a', namespace } };
    await server.client.createSubresource(Pod, key, { subresource: 'eviction', kind: Eviction, object });
    expect((await server.client.get(Pod, key)).metadata.deletionGracePeriodSeconds).toBe(30);
  });
});

describe('list', () => {
  test('pages are one consistent snapshot', async () => {
    await using server = await testServer();
    for (let i = 0; i < 7; i++) await server.client.create(ConfigMap, named(`c${i}`));
    const first = await server.client.list(ConfigMap, { namespace, limit: 3 });
    expect(first.metadata.remainingItemCount).toBe(4);
    await server.client.delete(ConfigMap, { namespace, name: 'c4' });
    await server.client.create(ConfigMap, named('c3a'));
    const names = first.items.map(({ metadata }) => metadata.name);
    for (let next = first.metadata.continue; next;) {
      const page = await server.client.list(ConfigMap, { namespace, limit: 3, continue: next });
      expect(page.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      names.push(...page.items.map(({ metadata }) => metadata.name));
      next = page.metadata.continue;
    }
    expect(names).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
  });

  test('a page after a compaction is Expired', async () => {
    const store = new MemoryStore();
    await using server = await testServer({ store });
    for (let i = 0; i < 4; i++) await server.client.create(ConfigMap, named(`c${i}`));
    const first = await server.client.list(ConfigMap, { limit: 2 });
    await server.client.create(ConfigMap, named('more'));
    await store.compact(store.revision());
    const rest = server.client.list(ConfigMap, { limit: 2, continue: first.metadata.continue });
    await expect(rest).rejects.toMatchObject({ reason: 'Expired', code: 410 });
  });

  test('selectors choose, and unknown fields are refused', async () => {
    await using server = await testServer();
    for (const name of ['a', 'b']) await server.client.create(ConfigMap, named(name, { labels: { l: name } }));
    const namesOf = async (selection: object) =>
      (await server.client.list(ConfigMap, selection)).items.map(({ metadata }) => metadata.name);
    expect(await namesOf({ labelSelector: 'l!=a' })).toEqual(['b']);
    expect(await namesOf({ fieldSelector: 'metadata.name=a' })).toEqual(['a']);
    expect(await namesOf({ fieldSelector: 'metadata.name!=a' })).toEqual(['b']);
    expect(await namesOf({ namespace: 'other' })).toEqual([]);
    await expect(namesOf({ fieldSelector: 'data.x=1' })).rejects.toThrow(
      '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    await expect(server.client.list(Pod, { fieldSelector: 'spec.x=1' })).rejects.toThrow(
      'field label not supported: spec.x',
    );
  });
});

describe('watch', () => {
  const collect = async <T>(events: AsyncIterable<WatchEvent<T>>, count: number): Promise<string[]> => {
    const seen: string[] = [];
    for await (const event of events) {
      const name = event.type === 'BOOKMARK' ? '' : (event.object as { metadata: { name: string } }).metadata.name;
      seen.push(`${event.type} ${name}`.trim());
      if (seen.length === count) break;
    }
    return seen;
  };

  test('without a version: what is there, then what happens', async () => {
    await using server = await testServer();
    await server.client.create(ConfigMap, named('a'));
    const seen = collect(server.client.watch(ConfigMap, { namespace }), 4);
    await server.client.create(ConfigMap, named('b'));
    await server.client.patch(ConfigMap, { namespace, name: 'b' }, { type: 'merge', body: { data: { k: 'v' } } });
    await server.client.delete(ConfigMap, { namespace, name: 'a' });
    expect(await seen).toEqual(['ADDED a', 'ADDED b', 'MODIFIED b', 'DELETED a']);
  });

  test('from a version: what came after it', async () => {
    await using server = await testServer();
    const { metadata } = await server.client.create(ConfigMap, named('a'));
    await server.client.create(ConfigMap, named('b'));
    const { resourceVersion } = metadata;
    expect(await collect(server.client.watch(ConfigMap, { namespace, resourceVersion }), 1)).toEqual(['ADDED b']);
  });

  test('an object that enters or leaves the selection is added or deleted', async () => {
    await using server = await testServer();
    const { metadata } = await server.client.list(ConfigMap);
    const { resourceVersion } = metadata;
    const seen = collect(server.client.watch(ConfigMap, { labelSelector: 'on=1', resourceVersion }), 3);
    await server.client.create(ConfigMap, named('a'));
    const label = (on: string) =>
      server.client.patch(
        ConfigMap,
        { namespace, name: 'a' },
        { type: 'merge', body: { metadata: { labels: { on } } } },
      );
    await label('1');
    await server.client.patch(ConfigMap, { namespace, name: 'a' }, { type: 'merge', body: { data: { k: 'v' } } });
    await label('0');
    expect(await seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
  });

  test('pods of a node are routed by their node, also when they come to it', async () => {
    await using server = await testServer();
    const seen = collect(server.client.watch(Pod, { fieldSelector: 'spec.nodeName=n1' }), 2);
    await server.client.create(Pod, pod('a'));
    await server.client.create(Pod, pod('b', { nodeName: 'n2' }));
    const target = { kind: 'Node', name: 'n1' };
    await server.client.createSubresource(
      Pod,
      { namespace, name: 'a' },
      { subresource: 'binding', kind: Binding, object: { metadata: { name: 'a' }, target } },
    );
    await server.client.delete(Pod, { namespace, name: 'a' }, { gracePeriodSeconds: 0 });
    expect(await seen).toEqual(['ADDED a', 'DELETED a']);
  });

  test('however many objects there are, a watch that begins with all of them goes on', async () => {
    await using server = await testServer();
    const count = 10_500;
    for (let index = 0; index < count; index++) await server.client.create(ConfigMap, named(`m${index}`));
    const abort = new AbortController();
    let seen = 0;
    for await (const { type } of server.client.watch(ConfigMap, { namespace, signal: abort.signal })) {
      if (seen++ === 0) await server.client.create(ConfigMap, named('late'));
      if (seen <= count) continue;
      expect(type).toBe('ADDED');
      abort.abort();
    }
    expect(seen).toBe(count + 1);
  });

  test('a version that is forgotten is Expired', async () => {
    const store = new MemoryStore();
    for (let i = 0; i < 5; i++) await store.create(`/registry/other/x/${i}`, Buffer.from('{}'));
    await using server = await testServer({ store });
    await expect(collect(server.client.watch(ConfigMap, { resourceVersion: '1' }), 1)).rejects.toMatchObject({
      reason: 'Expired',
      message: expect.stringContaining('too old resource version: 1'),
    });
  });

  test('bookmarks come to those who want them, and the server ends watches when it stops', async () => {
    const server = await testServer();
    const { metadata } = await server.client.list(ConfigMap);
    const { resourceVersion } = metadata;
    const seen = collect(server.client.watch(ConfigMap, { resourceVersion, allowWatchBookmarks: true }), 1);
    await server.clock.advance(0);
    await server.clock.advance(60_000);
    expect(await seen).toEqual(['BOOKMARK']);
    const rest = collect(server.client.watch(ConfigMap, { resourceVersion }), 99);
    await server.clock.advance(0);
    await server[Symbol.asyncDispose]();
    expect(await rest).toEqual([]);
  });
});

test('a server that is not allowed to the user refuses in upstream words', async () => {
  await using server = await testServer({
    parts: () => ({ authorizer: { authorize: () => ({ allowed: false, reason: 'no' }) } }),
  });
  const client = server.server.client({ name: 'eve', groups: [] });
  await expect(client.list(ConfigMap, { namespace })).rejects.toThrow(
    'configmaps is forbidden: User "eve" cannot list resource "configmaps" in API group "" in the namespace "default": no',
  );
});

test('the four namespaces exist from the start', async () => {
  await using server = await testServer();
  const { items } = await server.client.list(Namespace);
  expect(items.map(({ metadata }) => metadata.name)).toEqual([
    'default',
    'kube-node-lease',
    'kube-public',
    'kube-system',
  ]);
});

test('an event is one object with a face in each of its two groups', async () => {
  await using server = await testServer();
  const involvedObject = { kind: 'Pod', name: 'p', namespace };
  await server.client.create(Event, { ...named('e'), involvedObject, reason: 'Started', message: 'Started it' });
  const seen = await server.client.get(EventsV1Event, { namespace, name: 'e' });
  expect(seen).toMatchObject({ apiVersion: 'events.k8s.io/v1', regarding: involvedObject, note: 'Started it' });
  await server.client.create(EventsV1Event, {
    ...named('f'),
    eventTime: '2026-01-01T00:00:00.000000Z',
    regarding: involvedObject,
    action: 'Binding',
    reason: 'Scheduled',
    note: 'Placed it',
    type: 'Normal',
    reportingController: 'example.com/scheduler',
    reportingInstance: 'one',
  });
  const { items } = await server.client.list(Event, { namespace });
  expect(items.map(({ message, apiVersion }) => [message, apiVersion])).toEqual([
    ['Started it', 'v1'],
    ['Placed it', 'v1'],
  ]);
  await server.client.delete(EventsV1Event, { namespace, name: 'e' });
  await expect(server.client.get(Event, { namespace, name: 'e' })).rejects.toMatchObject({ reason: 'NotFound' });
});
