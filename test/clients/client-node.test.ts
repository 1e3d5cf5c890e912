/** The JavaScript client of the Kubernetes project against our API server. */
import * as k8s from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allControllers } from '../../src/controllers/registry.ts';
import { httpsCluster } from '../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../src/distro/testing/https-cluster.ts';
import { eventually } from '../conformance/api-machinery/conformance.ts';

let cluster: HttpsCluster;
let config: k8s.KubeConfig;
const namespace = 'default';

beforeAll(async () => {
  cluster = await httpsCluster({ controllers: allControllers({ ca: () => 'PEM' }) });
  config = new k8s.KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
});

afterAll(() => cluster[Symbol.asyncDispose]());

test('objects are created, read, listed, replaced, patched and deleted', async () => {
  const core = config.makeApiClient(k8s.CoreV1Api);
  const body = { metadata: { name: 'settings', labels: { app: 'a' } }, data: { key: 'one' } };
  const made = await core.createNamespacedConfigMap({ namespace, body });
  expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date);
  const replaced = await core.replaceNamespacedConfigMap({
    namespace,
    name: 'settings',
    body: { ...made, data: { key: 'two' } },
  });
  expect(replaced.data).toEqual({ key: 'two' });
  // Replacing the old version again is a conflict.
  await expect(core.replaceNamespacedConfigMap({ namespace, name: 'settings', body: made })).rejects.toMatchObject({
    code: 409,
  });
  const patch = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.StrategicMergePatch);
  const patched = await core.patchNamespacedConfigMap(
    { namespace, name: 'settings', body: { data: { more: 'x' } } },
    patch,
  );
  expect(patched.data).toEqual({ key: 'two', more: 'x' });
  const applied = await core.patchNamespacedConfigMap(
    {
      namespace,
      name: 'settings',
      fieldManager: 'client-node',
      force: true,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { applied: 'yes' } },
    },
    k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.ServerSideApply),
  );
  expect(applied.data).toEqual({ key: 'two', more: 'x', applied: 'yes' });
  expect(applied.metadata?.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)).toContain(
    'client-node Apply',
  );
  const list = await core.listNamespacedConfigMap({ namespace, labelSelector: 'app=a' });
  expect(list.items.map(({ metadata }) => metadata?.name)).toEqual(['settings']);
  await core.deleteNamespacedConfigMap({ namespace, name: 'settings' });
  await expect(core.readNamespacedConfigMap({ namespace, name: 'settings' })).rejects.toMatchObject({ code: 404 });
});

test('a workload is scaled through its scale subresource', async () => {
  const apps = config.makeApiClient(k8s.AppsV1Api);
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await apps.createNamespacedDeployment({
    namespace,
    body: { metadata: { name: 'web' }, spec: { replicas: 1, selector: { matchLabels: labels }, template } },
  });
  const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' });
  await apps.replaceNamespacedDeploymentScale({ namespace, name: 'web', body: { ...scale, spec: { replicas: 3 } } });
  expect((await apps.readNamespacedDeployment({ namespace, name: 'web' })).spec?.replicas).toBe(3);
});

test('a watch hears what happens, from a version on', async () => {
  const core = config.makeApiClient(k8s.CoreV1Api);
  const { metadata } = await core.listNamespacedSecret({ namespace });
  const heard: string[] = [];
  const watch = new k8s.Watch(config);
  const ended = Promise.withResolvers<void>();
  const request = await watch.watch(
    `/api/v1/namespaces/${namespace}/secrets`,
    { resourceVersion: metadata?.resourceVersion },
    (phase, object: k8s.V1Secret) => void heard.push(`${phase} ${object.metadata?.name}`),
    () => ended.resolve(),
  );
  await core.createNamespacedSecret({ namespace, body: { metadata: { name: 'watched' }, stringData: { a: 'b' } } });
  await core.deleteNamespacedSecret({ namespace, name: 'watched' });
  await eventually(() => expect(heard).toEqual(['ADDED watched', 'DELETED watched']));
  request.abort();
  await ended.promise;
});

test('an informer keeps a copy of a kind', async () => {
  const core = config.makeApiClient(k8s.CoreV1Api);
  const labelSelector = 'informed=yes';
  const informer = k8s.makeInformer(
    config,
    `/api/v1/namespaces/${namespace}/configmaps`,
    () => core.listNamespacedConfigMap({ namespace, labelSelector }),
    labelSelector,
  );
  const seen: string[] = [];
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata, data }) => void seen.push(`${verb} ${metadata?.name} ${data?.['n']}`));
  }
  const body = { metadata: { name: 'informed', labels: { informed: 'yes' } }, data: { n: '1' } };
  await core.createNamespacedConfigMap({ namespace, body });
  await informer.start();
  await eventually(() => expect(informer.get('informed', namespace)?.data).toEqual({ n: '1' }));
  await core.replaceNamespacedConfigMap({ namespace, name: 'informed', body: { ...body, data: { n: '2' } } });
  await eventually(() => expect(informer.get('informed', namespace)?.data).toEqual({ n: '2' }));
  await core.deleteNamespacedConfigMap({ namespace, name: 'informed' });
  await eventually(() => expect(informer.list()).toEqual([]));
  expect(seen).toEqual(['add informed 1', 'update informed 2', 'delete informed 2']);
  await informer.stop();
});

test('of candidates for a lease one leads; another takes over when it lets go', async () => {
  const coordination = config.makeApiClient(k8s.CoordinationV1Api);
  const name = 'leader';
  /** Takes or keeps the lease; false when somebody else has it. Conflicts are lost races. */
  const tryToLead = async (identity: string): Promise<boolean> => {
    const held = { holderIdentity: identity, leaseDurationSeconds: 15, renewTime: new k8s.V1MicroTime(Date.now()) };
    try {
      const lease = await coordination.readNamespacedLease({ namespace, name }).catch((error: { code?: number }) => {
        if (error.code !== 404) throw error;
      });
      if (!lease) {
        await coordination.createNamespacedLease({ namespace, body: { metadata: { name }, spec: held } });
        return true;
      }
      const holder = lease.spec?.holderIdentity ?? '';
      if (holder !== '' && holder !== identity) return false;
      await coordination.replaceNamespacedLease({
        namespace,
        name,
        body: { ...lease, spec: { ...lease.spec, ...held } },
      });
      return true;
    } catch (error) {
      if ((error as { code?: number }).code === 409) return false;
      throw error;
    }
  };
  const candidates = Array.from({ length: 8 }, (_, i) => `candidate-${i}`);
  const first = await Promise.all(candidates.map(tryToLead));
  expect(first.filter(Boolean)).toHaveLength(1);
  const leader = candidates[first.indexOf(true)]!;
  expect(await tryToLead(leader)).toBe(true);
  const lease = await coordination.readNamespacedLease({ namespace, name });
  await coordination.replaceNamespacedLease({
    namespace,
    name,
    body: { ...lease, spec: { leaseDurationSeconds: 1 } },
  });
  const second = await Promise.all(candidates.filter((one) => one !== leader).map(tryToLead));
  expect(second.filter(Boolean)).toHaveLength(1);
});

test('custom kinds are served to clients that know no types', async () => {
  const extensions = config.makeApiClient(k8s.ApiextensionsV1Api);
  const schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
  };
  await extensions.createCustomResourceDefinition({
    body: {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    },
  });
  const objects = k8s.KubernetesObjectApi.makeApiClient(config);
  const widget = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', namespace },
    spec: { size: 3 },
  };
  await eventually(() => objects.create(widget));
  expect(await objects.read({ ...widget, metadata: { name: 'w', namespace } })).toMatchObject({ spec: { size: 3 } });
  await expect(
    objects.create({ ...widget, metadata: { name: 'bad' }, spec: { size: 'big' } } as never),
  ).rejects.toMatchObject({ code: 422 });
  await objects.delete(widget);
});
