import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { seededRandom } from '../../base/random.ts';
import { Deployment } from '../../api/apps/deployment.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { admissionContext } from '../testing/admission-context.ts';
import { requestFor, runPlugin } from '../testing/admission-request.ts';
import { fakeClient } from '../testing/fake-client.ts';
import { createDefaultTolerationSeconds } from './default-toleration-seconds.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { createServiceAccountAdmission } from './service-account.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

const client = fakeClient();
const context = admissionContext(client);
const run = (plugin: AdmissionPlugin, request: AdmissionRequest): Promise<Record<string, unknown>> =>
  runPlugin(plugin, request, context);
const aPod = { metadata: { name: 'p', namespace: 'ns' }, spec: { containers: [{ name: 'c', image: 'i' }] } };

describe('NamespaceLifecycle', () => {
  test('refuses content in namespaces that are missing or terminating', async () => {
    await expect(run(namespaceLifecycle, requestFor(Pod, aPod, { namespace: 'nowhere' }))).rejects.toMatchObject({
      reason: 'NotFound',
      message: 'namespaces "nowhere" not found',
    });
    client.put(Namespace, { metadata: { name: 'going' }, status: { phase: 'Terminating' } });
    const deployment = { metadata: { name: 'd' }, spec: { template: { spec: { containers: [] } } } };
    await expect(
      run(namespaceLifecycle, requestFor(Deployment, deployment, { namespace: 'going' })),
    ).rejects.toMatchObject({
      message:
        'deployments.apps "d" is forbidden: unable to create new content in namespace going because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    });
    client.put(Namespace, { metadata: { name: 'ns' }, status: { phase: 'Active' } });
    await expect(run(namespaceLifecycle, requestFor(Pod, aPod))).resolves.toBeDefined();
  });

  test('keeps the namespaces of the system', async () => {
    const remove = (name: string) =>
      run(namespaceLifecycle, requestFor(Namespace, undefined, { operation: 'DELETE', name }));
    await expect(remove('kube-system')).rejects.toThrow(
      'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    );
    await expect(remove('web')).resolves.toBeDefined();
  });
});

describe('ServiceAccount', () => {
  const clock = new FakeClock();
  const plugin = createServiceAccountAdmission({ clock, random: seededRandom() });

  test('mounts a token into every container that has none', async () => {
    client.put(ServiceAccount, {
      metadata: { name: 'default', namespace: 'ns' },
      imagePullSecrets: [{ name: 'pull' }],
    });
    const own = { name: 'x', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
    const containers = [{ name: 'c' }, { name: 'd', volumeMounts: [own] }];
    const { spec } = (await run(plugin, requestFor(Pod, { ...aPod, spec: { containers } }))) as unknown as Pod;
    const volume = spec.volumes?.[0];
    expect(volume?.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume?.projected?.sources?.map((source) => Object.keys(source)[0])).toEqual([
      'serviceAccountToken',
      'configMap',
      'downwardAPI',
    ]);
    expect(spec.containers[0]?.volumeMounts).toEqual([
      { name: volume?.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ]);
    expect(spec.containers[1]?.volumeMounts).toHaveLength(1);
    expect(spec).toMatchObject({
      serviceAccountName: 'default',
      serviceAccount: 'default',
      imagePullSecrets: [{ name: 'pull' }],
    });
  });

  test('respects automountServiceAccountToken', async () => {
    const spec = { ...aPod.spec, automountServiceAccountToken: false };
    const pod = (await run(plugin, requestFor(Pod, { ...aPod, spec }))) as unknown as Pod;
    expect(pod.spec.volumes).toBeUndefined();
  });

  test('refuses an account that does not exist, and waits for the default one', async () => {
    const spec = { ...aPod.spec, serviceAccountName: 'bot' };
    await expect(run(plugin, requestFor(Pod, { ...aPod, spec }))).rejects.toThrow(
      'pods "p" is forbidden: error looking up service account ns/bot: serviceaccount "bot" not found',
    );
    const waiting = run(plugin, requestFor(Pod, aPod, { namespace: 'new' }));
    client.put(ServiceAccount, { metadata: { name: 'default', namespace: 'new' } });
    await clock.advance(250);
    await expect(waiting).resolves.toBeDefined();
  });

  test('lets a mirror pod have no credentials', async () => {
    const metadata = { ...aPod.metadata, annotations: { 'kubernetes.io/config.mirror': 'x' } };
    const mirror = (await run(plugin, requestFor(Pod, { ...aPod, metadata }))) as unknown as Pod;
    expect(mirror.spec.serviceAccountName).toBeUndefined();
    const volumes = [{ name: 's', secret: { secretName: 's' } }];
    await expect(run(plugin, requestFor(Pod, { metadata, spec: { ...aPod.spec, volumes } }))).rejects.toThrow(
      'a mirror pod may not reference secrets',
    );
  });
});

test('pods tolerate trouble of their node for five minutes', async () => {
  const bare = (await run(createDefaultTolerationSeconds(), requestFor(Pod, aPod))) as unknown as Pod;
  expect(bare.spec.tolerations).toEqual([
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
  ]);
  const spec = { ...aPod.spec, tolerations: [{ operator: 'Exists' }] };
  const tolerant = (await run(createDefaultTolerationSeconds(), requestFor(Pod, { ...aPod, spec }))) as unknown as Pod;
  expect(tolerant.spec.tolerations).toHaveLength(1);
});

test('a new node is not ready', async () => {
  const node = (await run(taintNodesByCondition, requestFor(Node, { metadata: { name: 'n1' } }))) as unknown as Node;
  expect(node.spec.taints).toEqual([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
});
