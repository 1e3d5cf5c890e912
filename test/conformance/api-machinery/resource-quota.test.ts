import { afterAll, expect } from 'vitest';
import { ReplicaSet } from '../../../src/api/apps/replica-set.ts';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ReplicationController } from '../../../src/api/core/replication-controller.ts';
import { ResourceQuota } from '../../../src/api/core/resource-quota.ts';
import { Secret } from '../../../src/api/core/secret.ts';
import { Service } from '../../../src/api/core/service.ts';
import { conformance, eventually, stopCluster } from './conformance.ts';
import type { Conformance } from './conformance.ts';

afterAll(stopCluster);

const name = 'test-quota';

async function quota(
  { client, namespace }: Conformance,
  hard: Record<string, string>,
  more: object = {},
): Promise<void> {
  await client.create(ResourceQuota, { metadata: { name, namespace }, spec: { hard, ...more } });
  await eventually(async () => {
    const { status } = await client.get(ResourceQuota, { namespace, name });
    expect(Object.keys(status.hard ?? {}).toSorted()).toEqual(Object.keys(hard).toSorted());
  });
}

/** Waits until the quota counts this. */
function used({ client, namespace }: Conformance, wanted: Record<string, string>, of = name): Promise<void> {
  return eventually(async () => {
    const { status } = await client.get(ResourceQuota, { namespace, name: of });
    expect(status.used).toMatchObject(wanted);
  });
}

const pod = (podName: string, namespace: string, requests?: Record<string, string>, spec: object = {}) => ({
  metadata: { name: podName, namespace },
  spec: {
    containers: [{ name: 'pause', image: 'pause', ...(requests ? { resources: { requests, limits: requests } } : {}) }],
    ...spec,
  },
});

/** Pods need their account, which comes soon after the namespace. */
function createPod({ client }: Conformance, draft: ReturnType<typeof pod>): Promise<Pod> {
  return eventually(() => client.create(Pod, draft));
}

conformance(
  'ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated.',
  async (context) => {
    await quota(context, { pods: '5', services: '10', 'count/replicasets.apps': '5', 'requests.cpu': '1' });
    await used(context, { pods: '0', services: '0', 'count/replicasets.apps': '0', 'requests.cpu': '0' });
  },
);

conformance('ResourceQuota should create a ResourceQuota and capture the life of a configMap.', async (context) => {
  const { client, namespace } = context;
  // The root certificate comes by itself.
  await eventually(() => client.get(ConfigMap, { namespace, name: 'kube-root-ca.crt' }));
  await quota(context, { configmaps: '2' });
  await used(context, { configmaps: '1' });
  await client.create(ConfigMap, { metadata: { name: 'test-configmap', namespace } });
  await used(context, { configmaps: '2' });
  const more = client.create(ConfigMap, { metadata: { name: 'more', namespace } });
  await expect(more).rejects.toMatchObject({ reason: 'Forbidden' });
  await client.delete(ConfigMap, { namespace, name: 'test-configmap' });
  await used(context, { configmaps: '1' });
});

conformance('ResourceQuota should create a ResourceQuota and capture the life of a secret.', async (context) => {
  const { client, namespace } = context;
  await quota(context, { secrets: '5' });
  await client.create(Secret, { metadata: { name: 'test-secret', namespace } });
  await used(context, { secrets: '1' });
  await client.delete(Secret, { namespace, name: 'test-secret' });
  await used(context, { secrets: '0' });
});

conformance('ResourceQuota should create a ResourceQuota and capture the life of a service.', async (context) => {
  const { client, namespace } = context;
  await quota(context, { services: '3', 'services.nodeports': '1', 'services.loadbalancers': '1' });
  const service = (serviceName: string, type: 'ClusterIP' | 'NodePort' | 'LoadBalancer') =>
    client.create(Service, {
      metadata: { name: serviceName, namespace },
      spec: {
        type,
        ports: [{ port: 80 }],
        ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: false } : {}),
      },
    });
  await service('test-service', 'ClusterIP');
  await service('test-service-np', 'NodePort');
  await expect(service('test-service-lb-with-np', 'NodePort')).rejects.toMatchObject({ reason: 'Forbidden' });
  await used(context, { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' });
  await service('test-service-lb', 'LoadBalancer');
  await used(context, { services: '3', 'services.loadbalancers': '1' });
  for (const one of ['test-service', 'test-service-np', 'test-service-lb']) {
    await client.delete(Service, { namespace, name: one });
  }
  await used(context, { services: '0', 'services.nodeports': '0', 'services.loadbalancers': '0' });
});

conformance('ResourceQuota should create a ResourceQuota and capture the life of a replica set.', async (context) => {
  const { client, namespace } = context;
  await quota(context, { 'count/replicasets.apps': '5' });
  const labels = { app: 'none' };
  await client.create(ReplicaSet, {
    metadata: { name: 'test-rs', namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  });
  await used(context, { 'count/replicasets.apps': '1' });
  await client.delete(ReplicaSet, { namespace, name: 'test-rs' });
  await used(context, { 'count/replicasets.apps': '0' });
});

conformance(
  'ResourceQuota should create a ResourceQuota and capture the life of a replication controller.',
  async (context) => {
    const { client, namespace } = context;
    await quota(context, { replicationcontrollers: '2' });
    const labels = { app: 'none' };
    await client.create(ReplicationController, {
      metadata: { name: 'test-rc', namespace },
      spec: {
        replicas: 0,
        selector: labels,
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    });
    await used(context, { replicationcontrollers: '1' });
    await client.delete(ReplicationController, { namespace, name: 'test-rc' });
    await used(context, { replicationcontrollers: '0' });
  },
);

conformance('ResourceQuota should create a ResourceQuota and capture the life of a pod.', async (context) => {
  const { client, namespace } = context;
  await quota(context, { pods: '5', cpu: '1', memory: '500Mi' });
  const fitting = await createPod(context, pod('test-pod', namespace, { cpu: '500m', memory: '252Mi' }));
  await used(context, { pods: '1', cpu: '500m', memory: '252Mi' });
  const greedy = pod('fail-pod', namespace, { cpu: '600m', memory: '100Mi' });
  await expect(client.create(Pod, greedy)).rejects.toMatchObject({ reason: 'Forbidden' });
  await client.patch(
    Pod,
    { namespace, name: fitting.metadata.name },
    { type: 'merge', body: { metadata: { labels: { a: 'b' } } } },
  );
  await used(context, { pods: '1', cpu: '500m', memory: '252Mi' });
  await client.delete(Pod, { namespace, name: 'test-pod' }, { gracePeriodSeconds: 0 });
  await used(context, { pods: '0', cpu: '0', memory: '0' });
});

conformance('ResourceQuota should verify ResourceQuota with terminating scopes.', async (context) => {
  const { client, namespace } = context;
  const of = (scope: string): string => `quota-${scope.toLowerCase()}`;
  for (const scope of ['Terminating', 'NotTerminating']) {
    await client.create(ResourceQuota, {
      metadata: { name: of(scope), namespace },
      spec: { hard: { pods: '5' }, scopes: [scope] },
    });
    await used(context, { pods: '0' }, of(scope));
  }
  await createPod(context, pod('test-pod', namespace));
  await used(context, { pods: '1' }, of('NotTerminating'));
  await used(context, { pods: '0' }, of('Terminating'));
  await client.delete(Pod, { namespace, name: 'test-pod' }, { gracePeriodSeconds: 0 });
  await used(context, { pods: '0' }, of('NotTerminating'));
  await createPod(context, pod('terminating-pod', namespace, undefined, { activeDeadlineSeconds: 3600 }));
  await used(context, { pods: '1' }, of('Terminating'));
  await used(context, { pods: '0' }, of('NotTerminating'));
});

conformance('ResourceQuota should verify ResourceQuota with best effort scope.', async (context) => {
  const { namespace, client } = context;
  const of = (scope: string): string => `quota-${scope.toLowerCase()}`;
  for (const scope of ['BestEffort', 'NotBestEffort']) {
    await client.create(ResourceQuota, {
      metadata: { name: of(scope), namespace },
      spec: { hard: { pods: '5' }, scopes: [scope] },
    });
    await used(context, { pods: '0' }, of(scope));
  }
  await createPod(context, pod('besteffort-pod', namespace));
  await used(context, { pods: '1' }, of('BestEffort'));
  await used(context, { pods: '0' }, of('NotBestEffort'));
  await createPod(context, pod('burstable-pod', namespace, { cpu: '100m' }));
  await used(context, { pods: '1' }, of('BestEffort'));
  await used(context, { pods: '1' }, of('NotBestEffort'));
});

conformance('ResourceQuota should be able to update and delete ResourceQuota.', async (context) => {
  const { client, namespace } = context;
  await client.create(ResourceQuota, { metadata: { name, namespace }, spec: { hard: { cpu: '1', memory: '500Mi' } } });
  const made = await eventually(() => client.get(ResourceQuota, { namespace, name }));
  const hard = { ...made.spec.hard, cpu: '2', memory: '1Gi' };
  const updated = await eventually(async () =>
    client.update(ResourceQuota, { ...(await client.get(ResourceQuota, { namespace, name })), spec: { hard } }),
  );
  expect(updated.spec.hard).toEqual(hard);
  await client.delete(ResourceQuota, { namespace, name });
  await expect(client.get(ResourceQuota, { namespace, name })).rejects.toMatchObject({ code: 404 });
});

conformance('ResourceQuota should manage the lifecycle of a ResourceQuota', async (context) => {
  const { client, namespace } = context;
  const labels = { 'e2e-test': namespace };
  await client.create(ResourceQuota, {
    metadata: { name, namespace, labels },
    spec: { hard: { cpu: '1', memory: '500Mi' } },
  });
  const body = { metadata: { labels: { patched: 'yes' } }, spec: { hard: { memory: '750Mi' } } };
  const patched = await client.patch(ResourceQuota, { namespace, name }, { type: 'strategic', body });
  expect(patched.spec.hard).toEqual({ cpu: '1', memory: '750Mi' });
  const labelSelector = `e2e-test=${namespace}`;
  expect((await client.list(ResourceQuota, { namespace: '', labelSelector })).items).toHaveLength(1);
  await client.deleteCollection(ResourceQuota, { namespace, labelSelector });
  expect((await client.list(ResourceQuota, { namespace: '', labelSelector })).items).toEqual([]);
});

conformance('ResourceQuota should apply changes to a resourcequota status', async (context) => {
  const { client, namespace } = context;
  await quota(context, { cpu: '1', memory: '500Mi' });
  const status = { subresource: 'status' };
  const found = await eventually(async () => {
    const current = await client.get(ResourceQuota, { namespace, name });
    const changed = { ...current, status: { hard: { cpu: '2', memory: '1Gi' }, used: { cpu: '0', memory: '0' } } };
    return client.update(ResourceQuota, changed, status);
  });
  expect(found.status.hard).toEqual({ cpu: '2', memory: '1Gi' });
  const body = { metadata: { annotations: { e2e: 'patched' } }, status: { used: { cpu: '0', memory: '0' } } };
  const patched = await client.patch(ResourceQuota, { namespace, name }, { type: 'merge', body }, status);
  expect(patched.spec.hard).toEqual({ cpu: '1', memory: '500Mi' });
  // The controller puts the status right again.
  await eventually(async () => {
    const { status: now } = await client.get(ResourceQuota, { namespace, name });
    expect(now.hard).toEqual({ cpu: '1', memory: '500Mi' });
  });
});
