/** Behaviours that upstream's conformance tests of [sig-apps], [sig-network], [sig-node] and [sig-auth] ask of the API. */
import { describe, expect, test } from 'vitest';
import { Deployment } from '../../api/apps/deployment.ts';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import { TokenRequest } from '../../api/authentication/token-request.ts';
import { TokenReview } from '../../api/authentication/token-review.ts';
import { SubjectAccessReview } from '../../api/authorization/subject-access-review.ts';
import { Lease } from '../../api/coordination/lease.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Event } from '../../api/core/event.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Secret } from '../../api/core/secret.ts';
import { Service } from '../../api/core/service.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { Event as EventsV1Event } from '../../api/events/event.ts';
import type { Json } from '../../base/json.ts';
import { allControllers } from '../../controllers/registry.ts';
import { deploymentOf, podOf, serviceOf } from '../../controllers/testing/workloads.ts';
import type { ObjectKey, Resource } from '../../machinery/resource.ts';
import { fakeKubelet, testNode } from './fake-kubelet.ts';
import { testCluster } from './test-cluster.ts';
import type { TestCluster } from './test-cluster.ts';

const namespace = 'default';
const key = (name: string) => ({ namespace, name });
const web = key('web');

async function wholeCluster(kubelet: Parameters<typeof fakeKubelet>[0] = {}): Promise<TestCluster> {
  const c = await testCluster([
    ...allControllers({ ca: () => 'PEM' }),
    ...fakeKubelet({ takeUnassigned: 'node-1', ...kubelet }),
  ]);
  await c.create(Node, testNode('node-1'));
  return c;
}

function patch<T, D>(c: TestCluster, resource: Resource<T, D>, at: ObjectKey, body: Json, subresource?: string) {
  return c.client.patch(resource, at, { type: 'strategic', body }, { subresource });
}

const note = (value: string) => ({ metadata: { annotations: { patched: value }, labels: { patched: value } } });

describe('status subresources', () => {
  test('of a Deployment: conditions and annotations change, labels and spec do not', async () => {
    await using c = await wholeCluster({ ready: () => false });
    await c.create(Deployment, deploymentOf());
    const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set by a test' };
    const body = { ...note('1'), spec: { replicas: 7 }, status: { conditions: [condition] } };
    const patched = await patch(c, Deployment, web, body, 'status');
    expect([patched.metadata.annotations?.['patched'], patched.metadata.labels]).toEqual(['1', undefined]);
    expect([patched.spec.replicas, patched.metadata.generation]).toEqual([1, 1]);
    expect(patched.status.conditions).toContainEqual(expect.objectContaining(condition));
  });

  test.each([
    ['ReplicaSet', ReplicaSet, { replicas: 7 }],
    ['Service', Service, { sessionAffinity: 'ClientIP' }],
    ['Pod', Pod, { activeDeadlineSeconds: 7 }],
  ])('of a %s: the metadata of the write is kept, and the spec is not touched', async (_, kind, change) => {
    await using c = await testCluster();
    const { spec } = deploymentOf();
    const drafts: Record<string, object> = {
      ReplicaSet: { metadata: web, spec },
      Service: serviceOf(),
      Pod: podOf('web'),
    };
    const created = await c.create({ apiVersion: kind.apiVersion, kind: kind.kind, ...drafts[kind.kind] } as never);
    const patched = await patch(c, kind as Resource, web, { ...note('1'), spec: change }, 'status');
    expect(patched.metadata).toMatchObject(note('1').metadata);
    expect((patched as unknown as Pod).spec).toEqual((created as Pod).spec);
    const plain = await patch(c, kind as Resource, web, { status: { conditions: [{ type: 'X', status: 'True' }] } });
    expect((plain as unknown as Pod).status).toEqual((created as Pod).status);
  });
});

describe('Deployment', () => {
  test('Deployment should have a working scale subresource', async () => {
    await using c = await wholeCluster();
    await c.create(Deployment, deploymentOf());
    await patch(c, Deployment, web, { spec: { replicas: 3 } }, 'scale');
    await c.eventually(async () => expect((await c.find(Deployment, web))?.status.readyReplicas).toBe(3));
  });

  test('deployment should delete old replica sets', async () => {
    await using c = await wholeCluster();
    await c.create(Deployment, deploymentOf({ spec: { revisionHistoryLimit: 0 } }));
    await patch(c, Deployment, web, {
      spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } } },
    });
    await c.eventually(async () => expect(await c.list(ReplicaSet)).toHaveLength(1));
  });

  test('RecreateDeployment should delete old pods and create new ones', async () => {
    await using c = await wholeCluster({ stopAfter: 5000 });
    await c.create(Deployment, deploymentOf({ replicas: 2, strategy: { type: 'Recreate' } }));
    await patch(c, Deployment, web, {
      spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } } },
    });
    await c.settle();
    expect((await c.list(Pod)).every(({ metadata }) => metadata.deletionTimestamp !== undefined)).toBe(true);
    await c.eventually(async () => {
      const images = (await c.list(Pod)).map(({ spec }) => spec.containers[0]?.image);
      expect(images).toEqual(['web:2', 'web:2']);
    });
  });

  test('should run the lifecycle of a Deployment, and delete a collection of them', async () => {
    await using c = await wholeCluster();
    await c.create(Deployment, { ...deploymentOf(), metadata: { ...web, labels: { e2e: 'yes' } } });
    const replaced = await c.change(Deployment, web, (d) => ({ ...d, spec: { ...d.spec, replicas: 2 } }));
    expect(replaced.metadata.generation).toBe(2);
    const { items } = await c.client.list(Deployment, { labelSelector: 'e2e=yes' });
    expect(items).toHaveLength(1);
    await c.client.deleteCollection(Deployment, { namespace, labelSelector: 'e2e=yes' });
    await c.eventually(async () => expect(await c.list(Pod)).toEqual([]));
  });
});

describe('Services', () => {
  const at = { namespace, name: 'web' };
  const ports = [{ port: 80 }];

  test('should be able to change the type between ClusterIP, ExternalName and NodePort', async () => {
    await using c = await testCluster();
    await c.create(Service, { metadata: at, spec: { type: 'ExternalName', externalName: 'a.example.com' } });
    const inside = await patch(c, Service, at, { spec: { type: 'ClusterIP', externalName: null, ports } });
    expect(inside.spec.clusterIP).toMatch(/^10\./);
    const outside = await patch(c, Service, at, { spec: { type: 'ExternalName', externalName: 'b.example.com' } });
    expect([outside.spec.clusterIP, outside.spec.clusterIPs]).toEqual([undefined, undefined]);
    const node = await patch(c, Service, at, { spec: { type: 'NodePort', externalName: null } });
    expect(node.spec.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
    const back = await patch(c, Service, at, { spec: { type: 'ExternalName', externalName: 'c.example.com' } });
    expect(back.spec.ports?.[0]?.nodePort).toBeUndefined();
  });

  test('should delete a collection of services, and find those of all namespaces', async () => {
    await using c = await testCluster();
    for (const name of ['a', 'b', 'c']) {
      await c.create(Service, {
        metadata: { ...key(name), labels: { set: name === 'c' ? '2' : '1' } },
        spec: { ports },
      });
    }
    await c.client.deleteCollection(Service, { namespace, labelSelector: 'set=1' });
    expect((await c.client.list(Service)).items.map(({ metadata }) => metadata.name)).toEqual(['c']);
  });

  test('should serve multiport endpoints from pods', async () => {
    await using c = await wholeCluster();
    const named = [
      { name: 'http', port: 80, targetPort: 'http' },
      { name: 'dns', port: 53, targetPort: 5353, protocol: 'UDP' as const },
    ];
    await c.create(Service, serviceOf({ ports: named, clusterIP: undefined } as never));
    await c.create(Pod, podOf('p'));
    await c.eventually(async () => {
      const [slice] = await c.list(EndpointSlice);
      expect(slice?.endpoints).toHaveLength(1);
      expect(slice?.ports?.map(({ name, port, protocol }) => [name, port, protocol]).toSorted()).toEqual([
        ['dns', 5353, 'UDP'],
        ['http', 8080, 'TCP'],
      ]);
    });
  });
});

describe('Pods', () => {
  test('generation starts at 1, whatever the client says, is not raised by the binding, and counts the deletion', async () => {
    await using c = await wholeCluster({ stopAfter: 10_000 });
    const pod = podOf('p');
    const created = await c.create(Pod, { ...pod, metadata: { ...pod.metadata, generation: 100 } });
    expect(created.metadata.generation).toBe(1);
    const running = await c.find(Pod, key('p'));
    expect([running?.spec.nodeName, running?.metadata.generation]).toEqual(['node-1', 1]);
    const changed = await patch(c, Pod, key('p'), { spec: { containers: [{ name: 'c', image: 'i:2' }] } });
    expect(changed.metadata.generation).toBe(2);
    const labelled = await patch(c, Pod, key('p'), note('1'));
    expect(labelled.metadata.generation).toBe(2);
    await c.client.delete(Pod, key('p'));
    expect((await c.find(Pod, key('p')))?.metadata).toMatchObject({ generation: 3, deletionGracePeriodSeconds: 30 });
  });

  test('should allow activeDeadlineSeconds to be updated, downwards only', async () => {
    await using c = await testCluster();
    await c.create(Pod, podOf('p'));
    const set = (seconds: number) => patch(c, Pod, key('p'), { spec: { activeDeadlineSeconds: seconds } });
    expect((await set(30)).spec.activeDeadlineSeconds).toBe(30);
    expect((await set(5)).spec.activeDeadlineSeconds).toBe(5);
    await expect(set(10)).rejects.toThrow('must be less than or equal to previous value');
  });

  test('get their QOS class from requests and limits of cpu and memory', async () => {
    await using c = await testCluster();
    const same = { cpu: '100m', memory: '100Mi' };
    const containers = [{ name: 'c', image: 'i', resources: { requests: same, limits: same } }];
    const created = await c.create(Pod, { metadata: key('p'), spec: { containers } });
    expect(created.status.qosClass).toBe('Guaranteed');
  });

  test('should delete a collection of pods', async () => {
    await using c = await testCluster();
    for (const name of ['a', 'b', 'c']) await c.create(Pod, podOf(name, { labels: { type: 'Testing' } }));
    await c.client.deleteCollection(Pod, { namespace, labelSelector: 'type=Testing' });
    expect(await c.list(Pod)).toEqual([]);
  });

  test('ephemeral containers can be added, not removed', async () => {
    await using c = await testCluster();
    await c.create(Pod, podOf('p'));
    const debug = { name: 'debugger', image: 'i' };
    const more = await patch(c, Pod, key('p'), { spec: { ephemeralContainers: [debug] } }, 'ephemeralcontainers');
    expect(more.spec.ephemeralContainers).toMatchObject([debug]);
    const without = { ...more, spec: { ...more.spec, ephemeralContainers: [] } };
    await expect(c.client.update(Pod, without, { subresource: 'ephemeralcontainers' })).rejects.toThrow(
      'existing ephemeral containers "debugger" may not be removed',
    );
  });
});

describe('ConfigMaps, Secrets, Leases and Events', () => {
  test.each(['ConfigMap', 'Secret'])('%s should fail to be created with an empty key', async (kind) => {
    await using c = await testCluster();
    const draft = { apiVersion: 'v1', kind, metadata: key('a'), data: { '': 'dmFsdWU=' } };
    await expect(c.create(draft as never)).rejects.toMatchObject({ reason: 'Invalid' });
  });

  test('ConfigMap should run through its lifecycle, and an immutable one stays as it is', async () => {
    await using c = await testCluster();
    await c.create(ConfigMap, { metadata: { ...key('a'), labels: { test: 'yes' } }, data: { valueName: 'value' } });
    await patch(c, ConfigMap, key('a'), { metadata: { labels: { patched: 'yes' } }, data: { valueName: 'value1' } });
    const { items } = await c.client.list(ConfigMap, { labelSelector: 'test=yes,patched' });
    expect(items[0]?.data).toEqual({ valueName: 'value1' });
    await patch(c, ConfigMap, key('a'), { immutable: true });
    await expect(patch(c, ConfigMap, key('a'), { data: { valueName: '2' } })).rejects.toThrow('field is immutable');
    await expect(patch(c, ConfigMap, key('a'), { immutable: false })).rejects.toThrow('field is immutable');
  });

  test('Secret: stringData is written as data, and the type does not change', async () => {
    await using c = await testCluster();
    const created = await c.create(Secret, { metadata: key('s'), stringData: { user: 'admin' } });
    expect([created.data, created.type]).toEqual([{ user: 'YWRtaW4=' }, 'Opaque']);
    await expect(patch(c, Secret, key('s'), { type: 'example.com/x' })).rejects.toThrow('field is immutable');
  });

  test('lease API should be available', async () => {
    await using c = await testCluster();
    const spec = { holderIdentity: 'me', leaseDurationSeconds: 30, renewTime: '2026-01-01T00:00:00.000000Z' };
    await c.create(Lease, { metadata: key('l'), spec });
    const updated = await c.change(Lease, key('l'), (lease) => ({ ...lease, spec: { ...spec, leaseTransitions: 1 } }));
    expect(updated.spec).toEqual({ ...spec, leaseTransitions: 1 });
    const patched = await patch(c, Lease, key('l'), { spec: { holderIdentity: 'you' } });
    expect(patched.spec).toEqual({ ...spec, leaseTransitions: 1, holderIdentity: 'you' });
    await c.client.deleteCollection(Lease, { namespace });
    expect(await c.list(Lease)).toEqual([]);
  });

  test('replacing a lease that is not there makes it, unless the client has seen one', async () => {
    await using c = await testCluster();
    const lease = { metadata: key('l'), spec: { holderIdentity: 'me' } };
    const made = await c.client.update(Lease, lease);
    expect(made.metadata.uid).toBeTruthy();
    await c.client.delete(Lease, key('l'));
    await expect(c.client.update(Lease, made)).rejects.toMatchObject({ reason: 'NotFound' });
    await expect(c.client.update(ConfigMap, { metadata: key('a') })).rejects.toMatchObject({ reason: 'NotFound' });
  });

  test('events should manage their lifecycle in both of their groups', async () => {
    await using c = await testCluster();
    const involvedObject = { kind: 'Pod', name: 'p', namespace };
    await c.create(Event, { metadata: key('e'), involvedObject, reason: 'Test', message: 'one', type: 'Normal' });
    const { items } = await c.client.list(EventsV1Event, { fieldSelector: 'reason=Test' });
    expect(items).toMatchObject([{ kind: 'Event', apiVersion: 'events.k8s.io/v1', note: 'one' }]);
    await patch(c, Event, key('e'), { message: 'two' });
    expect((await c.find(EventsV1Event, key('e')))?.note).toBe('two');
    await c.client.deleteCollection(EventsV1Event, { namespace });
    expect(await c.list(Event)).toEqual([]);
  });
});

describe('ServiceAccounts', () => {
  test('default exists in every namespace, comes back, and its tokens say who they are until it goes', async () => {
    await using c = await wholeCluster();
    const account = await c.find(ServiceAccount, key('default'));
    const draft = { metadata: {}, spec: { audiences: [] } };
    const request = { subresource: 'token', kind: TokenRequest, object: draft as never };
    const { status } = await c.client.createSubresource(ServiceAccount, key('default'), request);
    const review = () => c.client.create(TokenReview, { metadata: {}, spec: { token: status.token } } as never);
    expect((await review()).status).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:default:default', uid: account?.metadata.uid },
    });
    await c.client.delete(ServiceAccount, key('default'));
    await c.eventually(async () => expect(await c.find(ServiceAccount, key('default'))).toBeDefined());
    expect((await review()).status.authenticated).not.toBe(true);
  });

  test('SubjectAccessReview tells what an account may do', async () => {
    await using c = await testCluster(allControllers({ ca: () => 'PEM' }));
    const resourceAttributes = { namespace, verb: 'delete', resource: 'pods' };
    const ask = (user: string, groups: string[]) =>
      c.client.create(SubjectAccessReview, { metadata: {}, spec: { user, groups, resourceAttributes } });
    expect((await ask('system:serviceaccount:default:default', [])).status.allowed).toBe(false);
    expect((await ask('root', ['system:masters'])).status.allowed).toBe(true);
  });
});
