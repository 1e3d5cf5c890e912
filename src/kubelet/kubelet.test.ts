import { expect, test } from 'vitest';
import { Lease } from '../api/coordination/lease.ts';
import { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import { testKubelet } from './testing/test-kubelet.ts';

const app = { name: 'app', image: 'registry.test/app:1' };

test('a kubelet registers its node as Ready and renews its lease', async () => {
  await using kubelet = await testKubelet({ nodeLabels: { zone: 'a' } });
  const node = await kubelet.eventually(() => kubelet.api.peek(Node, { name: 'node-1' }));
  expect(node?.metadata.labels).toMatchObject({
    'kubernetes.io/hostname': 'node-1',
    'kubernetes.io/os': 'linux',
    zone: 'a',
  });
  expect(node?.status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'True',
    reason: 'KubeletReady',
  });
  expect(node?.status.nodeInfo.containerRuntimeVersion).toBe('fake://1.0.0');
  const lease = (): string | undefined =>
    kubelet.api.peek(Lease, { namespace: 'kube-node-lease', name: 'node-1' })?.spec.renewTime;
  const first = await kubelet.eventually(lease);
  await kubelet.eventually(() => lease() !== first, 1_000);
});

test('a node is not Ready, and says why, while the runtime has no network', async () => {
  await using kubelet = await testKubelet();
  kubelet.runtime.conditions[1] = {
    type: 'NetworkReady',
    status: false,
    reason: 'NetworkPluginNotReady',
    message: 'cni plugin not initialized',
  };
  const ready = () =>
    kubelet.api.peek(Node, { name: 'node-1' })?.status.conditions?.find(({ type }) => type === 'Ready');
  await kubelet.eventually(() => ready()?.status === 'False', 1_000);
  expect(ready()?.message).toContain(
    'NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not initialized',
  );
  kubelet.runtime.conditions[1] = { type: 'NetworkReady', status: true, reason: '', message: '' };
  await kubelet.eventually(() => ready()?.status === 'True', 100);
});

test('a pod runs, and its status says so in full', async () => {
  await using kubelet = await testKubelet();
  await kubelet.create({ name: 'web', spec: { containers: [app] } });
  const pod = await kubelet.until('web', (seen) => seen?.status.phase === 'Running');
  const [status] = pod?.status.containerStatuses ?? [];
  expect(status).toMatchObject({ name: 'app', ready: true, started: true, restartCount: 0, lastState: {} });
  expect(status?.containerID).toMatch(/^fake:\/\//);
  expect(pod?.status).toMatchObject({
    hostIP: '192.0.2.10',
    qosClass: 'BestEffort',
    podIP: '10.88.0.2',
    podIPs: [{ ip: '10.88.0.2' }],
  });
  expect(pod?.status.conditions?.map(({ type, status: is }) => `${type}=${is}`)).toEqual([
    'PodReadyToStartContainers=True',
    'Initialized=True',
    'Ready=True',
    'ContainersReady=True',
    'PodScheduled=True',
  ]);
  const seen = kubelet.events
    .filter(({ about }) => about === 'web')
    .map(({ reason, message }) => `${reason}: ${message}`);
  expect(seen).toEqual([
    'Pulled: Container image "registry.test/app:1" already present on machine',
    'Created: Container created',
    'Started: Container started',
  ]);
});

test('init containers run one after the other before the others start', async () => {
  await using kubelet = await testKubelet();
  kubelet.runtime.behave(({ metadata: { name } }) => (name.startsWith('init') ? { exitAfterMs: 1_000 } : undefined));
  await kubelet.create({
    name: 'web',
    spec: {
      initContainers: [
        { ...app, name: 'init-a' },
        { ...app, name: 'init-b' },
      ],
      containers: [app],
    },
  });
  await kubelet.until('web', (pod) => pod?.status.initContainerStatuses?.[0]?.state.running);
  expect(kubelet.pod('web')?.status.containerStatuses?.[0]?.state.waiting?.reason).toBe('PodInitializing');
  expect(kubelet.runtime.find('web', 'init-b')).toBeUndefined();
  await kubelet.until('web', (pod) => pod?.status.phase === 'Running', 100);
  expect(kubelet.pod('web')?.status.initContainerStatuses?.map(({ ready }) => ready)).toEqual([true, true]);
});

test('a crashing container is restarted with growing delays, and CrashLoopBackOff says so', async () => {
  await using kubelet = await testKubelet();
  kubelet.runtime.behave(() => ({ exitAfterMs: 100, exitCode: 3 }));
  const { metadata } = await kubelet.create({ name: 'web', spec: { containers: [app] } });
  const pod = await kubelet.until(
    'web',
    (seen) => seen?.status.containerStatuses?.[0]?.state.waiting?.reason === 'CrashLoopBackOff',
    100,
  );
  const [status] = pod?.status.containerStatuses ?? [];
  expect(status?.restartCount).toBe(1);
  expect(status?.state.waiting?.message).toBe(
    `back-off 10s restarting failed container=app pod=web_default(${metadata.uid})`,
  );
  expect(status?.lastState.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
  expect(pod?.status.phase).toBe('Running');
  const before = kubelet.clock.now();
  await kubelet.until('web', (seen) => seen?.status.containerStatuses?.[0]?.restartCount === 2, 250);
  expect(kubelet.clock.now() - before).toBeGreaterThan(8_000);
  const next = await kubelet.until('web', (seen) => seen?.status.containerStatuses?.[0]?.state.waiting, 100);
  expect(next?.status.containerStatuses?.[0]?.state.waiting?.message).toContain('back-off 20s');
});

test('a pod that never restarts ends as Succeeded or Failed by its exit codes', async () => {
  await using kubelet = await testKubelet();
  kubelet.runtime.behave(({ image }) => ({
    exitAfterMs: 500,
    exitCode: image.userSpecifiedImage === 'registry.test/bad:1' ? 1 : 0,
  }));
  kubelet.runtime.images.load({ name: 'registry.test/bad:1' });
  await kubelet.create({ name: 'good', spec: { restartPolicy: 'Never', containers: [app] } });
  await kubelet.create({
    name: 'bad',
    spec: { restartPolicy: 'Never', containers: [{ ...app, image: 'registry.test/bad:1' }] },
  });
  const good = await kubelet.until('good', (pod) => pod?.status.phase === 'Succeeded', 100);
  expect(good?.status.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
  expect(good?.status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'False',
    reason: 'PodCompleted',
  });
  await kubelet.until('bad', (pod) => pod?.status.phase === 'Failed', 100);
});

test('a deleted pod gets its grace period and is then gone everywhere', async () => {
  await using kubelet = await testKubelet();
  kubelet.runtime.behave(() => ({ onStop: { afterMs: 3_000 } }));
  await kubelet.create({ name: 'web', spec: { containers: [app], volumes: [{ name: 'data', emptyDir: {} }] } });
  await kubelet.until('web', (pod) => pod?.status.phase === 'Running');
  await kubelet.api.delete(Pod, { namespace: 'default', name: 'web' });
  const before = kubelet.clock.now();
  await kubelet.until('web', (pod) => pod === undefined, 100);
  expect(kubelet.clock.now() - before).toBeGreaterThanOrEqual(3_000);
  expect(kubelet.runtime.sandboxes.all.size).toBe(0);
  expect(kubelet.runtime.containers.all.size).toBe(0);
  expect(kubelet.events.map(({ reason, message }) => `${reason}: ${message}`)).toContain(
    'Killing: Stopping container app',
  );
});

test('a deleted pod is not told to stop before its endpoints are withdrawn, and not later than the limit', async () => {
  await using kubelet = await testKubelet({ endpointWithdrawalTimeout: 5_000, drainPeriod: 200 });
  for (const name of ['confirmed', 'silent']) await kubelet.create({ name, spec: { containers: [app] } });
  for (const name of ['confirmed', 'silent'])
    await kubelet.until(name, (pod) =>
      pod?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
  const start = kubelet.clock.now();
  const stopped = new Map<unknown, number>();
  kubelet.runtime.intercept('stopContainer', (id) => void stopped.set(id, kubelet.clock.now() - start), 2);
  const [confirmed, silent] = ['confirmed', 'silent'].map((name) => kubelet.runtime.find(name, 'app')?.id);
  for (const name of ['confirmed', 'silent']) await kubelet.api.delete(Pod, { namespace: 'default', name });
  await kubelet.clock.advance(1_000, () => new Promise((resolve) => setImmediate(resolve)));
  expect(kubelet.runtime.find('confirmed', 'app')?.state).toBe('Running');
  const condition = { type: 'kubets.io/EndpointsWithdrawn', status: 'True' };
  await kubelet.api.patch(
    Pod,
    { namespace: 'default', name: 'confirmed' },
    { type: 'strategic', body: { status: { conditions: [condition] } } },
    { subresource: 'status' },
  );
  await kubelet.eventually(() => stopped.has(confirmed), 50);
  expect(stopped.get(confirmed)).toBeLessThan(3_000);
  await kubelet.eventually(() => stopped.has(silent), 50);
  expect(stopped.get(silent)).toBeGreaterThanOrEqual(5_200);
});

test('a pause image that cannot be had is explained, and a kubelet with the right one starts the pod', async () => {
  await using kubelet = await testKubelet({ pauseImage: '127.0.0.1:9/pause:3.0' });
  kubelet.runtime.intercept(
    'pullImage',
    () => {
      throw new Error(
        'failed to do request: Head "https://127.0.0.1:9/v2/pause/manifests/3.0": dial tcp 127.0.0.1:9: connect: connection refused',
      );
    },
    1_000,
  );
  await kubelet.create({ name: 'web', spec: { containers: [app] } });
  const event = await kubelet.eventually(() =>
    kubelet.events.find(({ reason }) => reason === 'FailedCreatePodSandBox'),
  );
  const expected =
    'Failed to create pod sandbox: the pause image "127.0.0.1:9/pause:3.0" (set by the kubelet\'s --pod-infra-container-image) can\'t be pulled: 127.0.0.1:9 refused the connection; ';
  expect(event?.message).toContain(expected);
  expect(
    kubelet.log.some(
      ({ severity, message }) => severity === 'E' && message.includes('127.0.0.1:9 refused the connection'),
    ),
  ).toBe(true);
  expect(kubelet.pod('web')?.status.phase).toBe('Pending');
  await kubelet.restart({ pauseImage: 'registry.test/pause:1' });
  await kubelet.until('web', (pod) => pod?.status.phase === 'Running', 100);
});

test('a restarted kubelet adopts what runs and restarts nothing', async () => {
  await using kubelet = await testKubelet();
  await kubelet.create({
    name: 'web',
    spec: { containers: [{ ...app, readinessProbe: { tcpSocket: { port: 80 } } }] },
  });
  const before = await kubelet.until('web', (pod) => pod?.status.containerStatuses?.[0]?.ready);
  const created = kubelet.runtime.calls.filter(({ method }) => method === 'createContainer').length;
  kubelet.probes.set('app/readiness', () => ({ ok: false, message: 'not asked yet' }));
  const writes = kubelet.api.writes.length;
  await kubelet.restart();
  await kubelet.eventually(() => kubelet.runtime.calls.filter(({ method }) => method === 'version').length >= 2, 100);
  await kubelet.clock.advance(2_000, () => new Promise((resolve) => setImmediate(resolve)));
  expect(kubelet.runtime.calls.filter(({ method }) => method === 'createContainer').length).toBe(created);
  expect(kubelet.pod('web')?.status.containerStatuses?.[0]?.containerID).toBe(
    before?.status.containerStatuses?.[0]?.containerID,
  );
  const patches = kubelet.api.writes.slice(writes).filter(({ resource }) => resource === 'pods/status');
  expect(patches).toEqual([]);
});
