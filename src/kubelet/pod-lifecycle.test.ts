import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigMap } from '../api/core/config-map.ts';
import { Pod } from '../api/core/pod.ts';
import type { Pod as PodObject } from '../api/core/pod.ts';
import { Secret } from '../api/core/secret.ts';
import { StatusError } from '../base/errors.ts';
import type { TestKubelet } from './testing/test-kubelet.ts';
import { testKubelet } from './testing/test-kubelet.ts';

const app = { name: 'app', image: 'registry.test/app:1' };
const http = { httpGet: { port: 80 } };
const running = (pod: PodObject | undefined): boolean => pod?.status.phase === 'Running';
const ready = (pod: PodObject | undefined): boolean =>
  pod?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
const said = (kubelet: TestKubelet, about = 'web'): string[] =>
  kubelet.events.filter((event) => event.about === about).map(({ reason, message }) => `${reason}: ${message}`);

test('a container that fails its liveness probe is killed and started again', async () => {
  await using kubelet = await testKubelet();
  kubelet.probes.set('app/liveness', () => ({
    ok: kubelet.pod('web')?.status.containerStatuses?.[0]?.restartCount === 1,
    message: 'HTTP probe failed with statuscode: 500',
  }));
  await kubelet.create({
    name: 'web',
    spec: { containers: [{ ...app, livenessProbe: { ...http, periodSeconds: 1, failureThreshold: 2 } }] },
  });
  await kubelet.until('web', (pod) => pod?.status.containerStatuses?.[0]?.restartCount === 1 && ready(pod), 100);
  expect(said(kubelet)).toContain('Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500');
  expect(said(kubelet)).toContain('Killing: Container app failed liveness probe, will be restarted');
});

test('a pod is not ready before its readiness probe succeeds, and is soon after', async () => {
  await using kubelet = await testKubelet();
  let answers = false;
  kubelet.probes.set('app/readiness', () => ({ ok: answers, message: 'not yet' }));
  await kubelet.create({
    name: 'web',
    spec: { containers: [{ ...app, readinessProbe: { ...http, periodSeconds: 60 } }] },
  });
  const pod = await kubelet.until('web', running);
  expect(pod?.status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [app]',
  });
  answers = true;
  const before = kubelet.clock.now();
  await kubelet.until('web', ready, 50);
  expect(kubelet.clock.now() - before).toBeLessThan(1_000);
});

test('a pod waits for a config map that is missing, says so, and starts when it is there', async () => {
  await using kubelet = await testKubelet();
  await kubelet.create({
    name: 'web',
    spec: {
      containers: [{ ...app, volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
      volumes: [{ name: 'v', configMap: { name: 'late' } }],
    },
  });
  await kubelet.eventually(() =>
    said(kubelet).includes('FailedMount: MountVolume.SetUp failed for volume "v" : configmap "late" not found'),
  );
  expect(kubelet.pod('web')?.status.containerStatuses?.[0]?.state.waiting?.reason).toBe('ContainerCreating');
  await kubelet.api.create(ConfigMap, { metadata: { name: 'late', namespace: 'default' }, data: { key: 'one' } });
  const pod = await kubelet.until('web', running, 100);
  const file = join(kubelet.folder, 'root/pods', pod?.metadata.uid ?? '', 'volumes/kubernetes.io~configmap/v/key');
  expect(await readFile(file, 'utf8')).toBe('one');
  await kubelet.api.patch(
    ConfigMap,
    { namespace: 'default', name: 'late' },
    { type: 'merge', body: { data: { key: 'two' } } },
  );
  await kubelet.eventually(async () => (await readFile(file, 'utf8')) === 'two', 10);
});

test('a container whose secret is missing has CreateContainerConfigError, and starts as soon as it is there', async () => {
  await using kubelet = await testKubelet();
  await kubelet.create({
    name: 'web',
    spec: { containers: [{ ...app, env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }] },
  });
  const pod = await kubelet.until(
    'web',
    (seen) => seen?.status.containerStatuses?.[0]?.state.waiting?.reason === 'CreateContainerConfigError',
  );
  expect(pod?.status.containerStatuses?.[0]?.state.waiting?.message).toBe('secret "s" not found');
  expect(said(kubelet)).toContain('Failed: Error: secret "s" not found');
  await kubelet.eventually(() => kubelet.events.filter(({ reason }) => reason === 'Failed').length > 4, 1_000);
  await kubelet.api.create(Secret, { metadata: { name: 's', namespace: 'default' }, data: { k: 'dg==' } });
  const before = kubelet.clock.now();
  await kubelet.until('web', running);
  expect(kubelet.clock.now()).toBe(before);
});

test('an image that cannot be pulled ends in ImagePullBackOff, while the other containers run', async () => {
  await using kubelet = await testKubelet();
  await kubelet.create({ name: 'web', spec: { containers: [{ name: 'bad', image: 'registry.test/none:1' }, app] } });
  const pod = await kubelet.until(
    'web',
    (seen) =>
      seen?.status.containerStatuses?.[0]?.state.waiting?.reason === 'ErrImagePull' &&
      seen.status.containerStatuses?.[1]?.state.running,
  );
  expect(pod?.status.phase).toBe('Pending');
  expect(said(kubelet)).toEqual(
    expect.arrayContaining(['Pulling: Pulling image "registry.test/none:1"', 'Failed: Error: ErrImagePull']),
  );
  kubelet.runtime.exit(kubelet.runtime.find('web', 'app')?.id ?? '', { exitCode: 1 });
  await kubelet.until(
    'web',
    (seen) => seen?.status.containerStatuses?.[0]?.state.waiting?.reason === 'ImagePullBackOff',
    100,
  );
  kubelet.runtime.images.offer({ name: 'registry.test/none:1' });
  await kubelet.until('web', running, 250);
});

test('a sandbox that dies is replaced, and the containers with it', async () => {
  await using kubelet = await testKubelet();
  await kubelet.create({ name: 'web', spec: { containers: [app] } });
  const before = await kubelet.until('web', running);
  const [sandbox] = [...kubelet.runtime.sandboxes.all.values()];
  await kubelet.runtime.stopPodSandbox(sandbox?.id ?? '');
  const after = await kubelet.until(
    'web',
    (pod) => pod?.status.containerStatuses?.[0]?.restartCount === 1 && ready(pod),
    100,
  );
  expect(after?.status.podIP).not.toBe(before?.status.podIP);
  expect(after?.status.podIPs).toHaveLength(1);
  expect(said(kubelet)).toContain('SandboxChanged: Pod sandbox changed, it will be killed and re-created.');
});

test('preStop runs before the stop signal, once, and within the grace period', async () => {
  await using kubelet = await testKubelet();
  const order: string[] = [];
  kubelet.runtime.onExec(({ command }) => {
    order.push(command.join(' '));
    return { afterMs: 2_000 };
  });
  kubelet.runtime.intercept('stopContainer', () => void order.push('stop'));
  await kubelet.create({
    name: 'web',
    spec: {
      terminationGracePeriodSeconds: 10,
      containers: [{ ...app, lifecycle: { preStop: { exec: { command: ['drain'] } } } }],
    },
  });
  await kubelet.until('web', running);
  await kubelet.api.delete(Pod, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 10 });
  await kubelet.until('web', (pod) => pod === undefined, 50);
  expect(order).toEqual(['drain', 'stop']);
});

test('a shorter grace period cuts a termination that is under way', async () => {
  await using kubelet = await testKubelet({ endpointWithdrawalTimeout: 0 });
  kubelet.runtime.behave(() => ({ onStop: 'ignored' }));
  await kubelet.create({ name: 'web', spec: { containers: [app] } });
  await kubelet.until('web', running);
  const stops: number[] = [];
  kubelet.runtime.intercept('stopContainer', () => void stops.push(kubelet.clock.now()), 2);
  await kubelet.api.delete(Pod, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 300 });
  await kubelet.eventually(() => stops.length === 1, 20);
  await kubelet.api.delete(Pod, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 1 });
  await kubelet.eventually(() => stops.length === 2);
  await kubelet.eventually(() => kubelet.runtime.find('web', 'app')?.state !== 'Running', 100);
  expect(kubelet.clock.now() - (stops[1] ?? 0)).toBeLessThan(5_000);
  await kubelet.until('web', (pod) => pod === undefined, 100);
});

test('a pod deleted by force is cleaned up on the node', async () => {
  await using kubelet = await testKubelet();
  await kubelet.create({ name: 'web', spec: { containers: [app] } });
  const pod = await kubelet.until('web', running);
  await kubelet.api.delete(Pod, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 });
  await kubelet.eventually(() => kubelet.runtime.sandboxes.all.size === 0, 50);
  await kubelet.eventually(() => !existsSync(join(kubelet.folder, 'root/pods', pod?.metadata.uid ?? '')), 50);
});

test('sandboxes that no source knows are stopped once the sources have been read', async () => {
  await using kubelet = await testKubelet();
  await kubelet.create({ name: 'web', spec: { containers: [app] } });
  await kubelet.until('web', running);
  kubelet.api.failNext('delete', 'pods', new StatusError('InternalError', 'not now'));
  const labels = {
    'io.kubernetes.pod.uid': 'ghost',
    'io.kubernetes.pod.name': 'ghost',
    'io.kubernetes.pod.namespace': 'default',
  };
  await kubelet.runtime.runPodSandbox({
    metadata: { name: 'ghost', namespace: 'default', uid: 'ghost', attempt: 0 },
    labels,
  });
  await kubelet.runtime.runPodSandbox({ metadata: { name: 'foreign', namespace: 'x', uid: 'foreign', attempt: 0 } });
  await kubelet.eventually(
    () => ![...kubelet.runtime.sandboxes.all.values()].some(({ config }) => config.metadata.name === 'ghost'),
    100,
  );
  expect([...kubelet.runtime.sandboxes.all.values()].map(({ config }) => config.metadata.name).sort()).toEqual([
    'foreign',
    'web',
  ]);
});

test('a pod that sets a kernel parameter of the whole machine is rejected, and nothing of it runs', async () => {
  await using kubelet = await testKubelet();
  const sysctls = [{ name: 'kernel.msgmax', value: '1' }];
  await kubelet.create({ name: 'web', spec: { securityContext: { sysctls }, containers: [app] } });
  const pod = await kubelet.until('web', (seen) => seen?.status.phase === 'Failed', 100);
  const message = 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted';
  expect(pod?.status).toMatchObject({ reason: 'SysctlForbidden', message });
  expect(pod?.status.containerStatuses).toBeUndefined();
  expect([...kubelet.runtime.sandboxes.all.values()]).toEqual([]);
});

test('a pod past its active deadline fails with DeadlineExceeded', async () => {
  await using kubelet = await testKubelet();
  await kubelet.create({ name: 'web', spec: { activeDeadlineSeconds: 5, containers: [app] } });
  await kubelet.until('web', running);
  const pod = await kubelet.until('web', (seen) => seen?.status.phase === 'Failed', 100);
  expect(pod?.status).toMatchObject({
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
  });
  expect(kubelet.runtime.find('web', 'app')?.state).toBe('Exited');
});

test('a static pod runs without the API’s doing, shows a mirror, and goes with its file', async () => {
  await using kubelet = await testKubelet();
  const manifest = join(kubelet.folder, 'manifests/proxy.yaml');
  await mkdir(join(kubelet.folder, 'manifests'), { recursive: true });
  await writeFile(
    manifest,
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: proxy\nspec:\n  containers:\n  - name: app\n    image: registry.test/app:1\n',
  );
  const mirror = await kubelet.until('proxy-node-1', running, 100);
  expect(mirror?.metadata.annotations).toMatchObject({
    'kubernetes.io/config.source': 'file',
    'kubernetes.io/config.mirror': mirror?.metadata.annotations?.['kubernetes.io/config.hash'],
  });
  expect(mirror?.metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: 'node-1', controller: true }]);
  await kubelet.api.delete(Pod, { namespace: 'default', name: 'proxy-node-1' }, { gracePeriodSeconds: 0 });
  await kubelet.until('proxy-node-1', running, 100);
  await rm(manifest);
  await kubelet.until('proxy-node-1', (pod) => pod === undefined, 500);
  await kubelet.eventually(() => kubelet.runtime.sandboxes.all.size === 0, 500);
});

test('conditions of others stay, and a readiness gate holds a pod back until its condition is true', async () => {
  await using kubelet = await testKubelet();
  await kubelet.create({
    name: 'web',
    spec: { readinessGates: [{ conditionType: 'lb.io/ready' }], containers: [app] },
  });
  const held = await kubelet.until('web', running);
  expect(held?.status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ReadinessGatesNotReady',
  });
  const body = { status: { conditions: [{ type: 'lb.io/ready', status: 'True' }] } };
  await kubelet.api.patch(
    Pod,
    { namespace: 'default', name: 'web' },
    { type: 'strategic', body },
    { subresource: 'status' },
  );
  const pod = await kubelet.until('web', ready);
  expect(pod?.status.conditions?.map(({ type }) => type)).toContain('lb.io/ready');
});

test('a runtime that goes away and comes back costs no container', async () => {
  await using kubelet = await testKubelet();
  await kubelet.create({ name: 'web', spec: { containers: [app] } });
  const before = await kubelet.until('web', ready);
  kubelet.runtime.intercept(
    'listPodSandboxes',
    () => {
      throw new Error('connection refused');
    },
    3,
  );
  await kubelet.create({ name: 'next', spec: { containers: [app] } });
  const next = await kubelet.until('next', ready, 250);
  expect(next?.status.phase).toBe('Running');
  expect(kubelet.pod('web')?.status.containerStatuses).toEqual(before?.status.containerStatuses);
});

test('a container that the kernel killed for want of memory says so, also when the runtime missed it', async () => {
  await using kubelet = await testKubelet();
  const spec = { containers: [app, { ...app, name: 'other' }], restartPolicy: 'Never' as const };
  await kubelet.create({ name: 'web', spec });
  await kubelet.until('web', running);
  const [greedy = '', other = ''] = ['app', 'other'].map((name) => kubelet.runtime.find('web', name)?.id ?? '');
  kubelet.oomKilled.add(greedy);
  kubelet.runtime.exit(greedy, { exitCode: 137 });
  kubelet.runtime.exit(other, { exitCode: 137 });
  const pod = await kubelet.until('web', (seen) => seen?.status.phase === 'Failed', 100);
  expect(pod?.status.containerStatuses?.map(({ name, state }) => [name, state.terminated?.reason])).toEqual([
    ['app', 'OOMKilled'],
    ['other', 'Error'],
  ]);
});
