import { expect, test } from 'vitest';
import { Deployment } from '../../api/apps/deployment.ts';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { createLogger, formatKlog } from '../../base/logger.ts';
import { allControllers } from '../../controllers/registry.ts';
import { deploymentOf, serviceOf, withImage } from '../../controllers/testing/workloads.ts';
import { runScheduler } from '../../scheduler/run-scheduler.ts';
import { fakeKubelet, testNode } from './fake-kubelet.ts';
import type { FakeKubeletOptions } from './fake-kubelet.ts';
import { testCluster } from './test-cluster.ts';
import type { TestCluster } from './test-cluster.ts';

const schedulerUser = { name: 'system:kube-scheduler', groups: ['system:authenticated'] };

interface ControlPlane extends AsyncDisposable {
  readonly c: TestCluster;
  /** What was logged as an error. */
  readonly errors: readonly string[];
}

/** Everything that a server process runs, and two nodes. */
async function controlPlane(kubelet: FakeKubeletOptions = {}): Promise<ControlPlane> {
  const errors: string[] = [];
  const log = createLogger({
    verbosity: 0,
    now: () => 0,
    sink: (entry) => void (entry.severity === 'E' && errors.push(formatKlog(entry, { pid: 1, component: 'test' }))),
  });
  const controllers = [...allControllers({ ca: () => 'PEM', clusterCIDRs: ['10.42.0.0/16'] }), ...fakeKubelet(kubelet)];
  const c = await testCluster(controllers, {
    log,
    components: ({ client, ...environment }) => [runScheduler({ client: client(schedulerUser), ...environment })],
  });
  for (const name of ['node-1', 'node-2']) await c.create(Node, testNode(name));
  return { c, errors, [Symbol.asyncDispose]: () => c[Symbol.asyncDispose]() };
}

const web = { name: 'web' };

test('from a deployment to ready endpoints on both nodes, and back to nothing, without an error', async () => {
  await using plane = await controlPlane();
  const { c, errors } = plane;
  await c.create(Service, serviceOf({ clusterIP: undefined }));
  await c.create(Deployment, deploymentOf({ replicas: 4 }));
  await c.eventually(async () => expect((await c.find(Deployment, web))?.status.availableReplicas).toBe(4));
  const pods = await c.list(Pod);
  expect(new Set(pods.map(({ spec }) => spec.nodeName))).toEqual(new Set(['node-1', 'node-2']));
  const [slice] = (await c.list(EndpointSlice)).filter(
    ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web',
  );
  expect(slice?.endpoints?.filter(({ conditions }) => conditions.ready)).toHaveLength(4);
  await c.change(Deployment, web, (deployment) => withImage(deployment, 'web:2'));
  await c.eventually(async () =>
    expect((await c.find(Deployment, web))?.status).toMatchObject({
      updatedReplicas: 4,
      availableReplicas: 4,
      replicas: 4,
    }),
  );
  await c.client.delete(Deployment, { namespace: 'default', name: 'web' }, { propagation: 'Foreground' });
  await c.eventually(async () => {
    expect(await c.find(Deployment, web)).toBeUndefined();
    expect(await c.list(ReplicaSet)).toEqual([]);
    expect(await c.list(Pod)).toEqual([]);
  });
  expect(errors).toEqual([]);
});

test('a cluster at rest writes nothing but leases', async () => {
  await using plane = await controlPlane();
  const { c } = plane;
  await c.create(Service, serviceOf({ clusterIP: undefined }));
  await c.create(Deployment, deploymentOf({ replicas: 2 }));
  await c.advance('1m');
  const versions = async (): Promise<readonly string[]> => {
    const kinds = c.server.resources.all().filter(({ verbs, kind }) => verbs.includes('list') && kind !== 'Lease');
    const lists = await Promise.all(kinds.map((kind) => c.list(kind, '')));
    return lists
      .flat()
      .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name} ${metadata.resourceVersion}`);
  };
  const before = await versions();
  await c.advance('3m');
  expect(await versions()).toEqual(before);
});

test('a whole namespace goes, its deployment included, and nothing is made anew in it', async () => {
  await using plane = await controlPlane({ stopAfter: 3000 });
  const { c } = plane;
  await c.create(Namespace, { metadata: { name: 'team' } });
  const draft = deploymentOf({ replicas: 3 });
  await c.create(Deployment, { ...draft, metadata: { name: 'web', namespace: 'team' } });
  expect(await c.list(Pod, 'team')).toHaveLength(3);
  expect(await c.find(ServiceAccount, { namespace: 'team', name: 'default' })).toBeDefined();
  expect(await c.find(ConfigMap, { namespace: 'team', name: 'kube-root-ca.crt' })).toBeDefined();
  await c.client.delete(Namespace, { name: 'team' });
  await c.eventually(async () => expect(await c.find(Namespace, { name: 'team' })).toBeUndefined(), '1m');
  expect(await c.list(Pod, 'team')).toEqual([]);
});

test('pods of a node that dies are replaced on the other', async () => {
  const silent = new Set<string>();
  await using plane = await controlPlane({ silent });
  const { c } = plane;
  await c.create(Deployment, deploymentOf({ replicas: 4 }));
  silent.add('node-2');
  // 40 s until the node counts as silent, 300 s that pods tolerate it, then new ones.
  await c.advance('6m');
  const pods = (await c.list(Pod)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  expect(pods.map(({ spec }) => spec.nodeName)).toEqual(['node-1', 'node-1', 'node-1', 'node-1']);
  expect((await c.find(Deployment, web))?.status.availableReplicas).toBe(4);
});
