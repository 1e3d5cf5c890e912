import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import type { Pod as PodObject } from '../../src/api/core/pod.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { Secret } from '../../src/api/core/secret.ts';
import { createLogger, formatKlog } from '../../src/base/logger.ts';
import { systemClock as clock } from '../../src/base/system-clock.ts';
import { systemRandom as random } from '../../src/base/system-random.ts';
import type { RecordedEvent } from '../../src/client/event-recorder.ts';
import {
  type ContainerdFixture,
  containerdFixture,
  testImageCache,
} from '../../src/distro/containerd/containerd-fixture.ts';
import { loadImage } from '../../src/distro/images/node-images.ts';
import { pauseImageName } from '../../src/distro/images/pause-image.ts';
import { buildBusyboxImage, busyboxImageName } from '../../src/distro/images/test-images.ts';
import { createKubelet } from '../../src/kubelet/kubelet.ts';
import type { KubeletConfig } from '../../src/kubelet/kubelet-config.ts';
import { defaultKubeletConfig } from '../../src/kubelet/kubelet-config.ts';
import { systemMounter } from '../../src/kubelet/volume/mounter.ts';
import { FakeApi } from '../../src/kubelet/testing/fake-api.ts';

const nodeName = 'node-1';
const namespace = 'default';

interface RealKubelet extends AsyncDisposable {
  readonly api: FakeApi;
  readonly events: (RecordedEvent & { readonly about: string })[];
  readonly root: string;
  readonly log: string[];
  create(name: string, spec: object, metadata?: object): Promise<PodObject>;
  until(name: string, condition: (pod: PodObject | undefined) => unknown): Promise<PodObject | undefined>;
  /** The output of a command in a running container. */
  output(pod: string, command: readonly string[]): Promise<string>;
}

async function startKubelet(
  node: ContainerdFixture,
  api: FakeApi,
  overrides: Partial<KubeletConfig> = {},
): Promise<RealKubelet> {
  const root = join(node.directory, 'kubelet');
  const events: (RecordedEvent & { readonly about: string })[] = [];
  const log: string[] = [];
  const stop = new AbortController();
  const kubelet = createKubelet({
    config: {
      ...defaultKubeletConfig,
      nodeName,
      nodeIP: '192.0.2.1',
      pauseImage: pauseImageName,
      cgroupRoot: `/${node.cgroup}`,
      clusterDNS: ['10.96.0.10'],
      ...overrides,
    },
    directories: { root, podLogs: join(node.directory, 'pod-logs') },
    client: api,
    runtime: node.client,
    clock,
    random,
    log: createLogger({
      verbosity: 0,
      now: () => clock.now(),
      sink: (entry) => void log.push(formatKlog(entry, { pid: 1, component: 'kubelet' })),
    }),
    events: { record: (about, event) => void events.push({ about: about.metadata.name, ...event }) },
  });
  const done = kubelet.run(stop.signal);
  done.catch(() => undefined);
  const until: RealKubelet['until'] = async (name, condition) => {
    const deadline = clock.monotonic() + 20_000;
    for (;;) {
      const pod = api.peek(Pod, { namespace, name });
      if (condition(pod)) return pod;
      if (clock.monotonic() > deadline) {
        throw new Error(
          `not within 20 s: ${condition.toString()}\n${JSON.stringify(pod?.status, undefined, 1)}\n${log.join('')}\n${JSON.stringify(events)}`,
        );
      }
      await clock.sleep(5);
    }
  };
  return {
    ...{ api, events, root, log, until },
    create: (name, spec, metadata = {}) =>
      api.create(Pod, { metadata: { name, namespace, ...metadata }, spec: { nodeName, ...spec } as never }),
    output: async (name, command) => {
      const id = api.peek(Pod, { namespace, name })?.status.containerStatuses?.[0]?.containerID?.split('://')[1] ?? '';
      return Buffer.from((await node.client.execSync(id, { command })).stdout).toString();
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error('the test is over'));
      await done;
      // A test that failed has pods left.
      for (const point of await systemMounter.mountsBelow(root)) await systemMounter.unmount(point);
    },
  };
}

async function busyboxNode(): Promise<ContainerdFixture> {
  const { archive } = await buildBusyboxImage(testImageCache);
  const node = await containerdFixture({ bridged: true });
  await loadImage([node.containerd], archive, { clock });
  return node;
}

const isReady = (pod: PodObject | undefined): boolean =>
  pod?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('a pod with volumes, environment, limits and probes runs as its spec says, and leaves nothing behind', async () => {
  await using node = await busyboxNode();
  const api = new FakeApi(clock);
  await using kubelet = await startKubelet(node, api);
  await api.create(ConfigMap, {
    metadata: { name: 'settings', namespace },
    data: { colour: 'blue', 'app.conf': 'a=1' },
  });
  await api.create(Secret, { metadata: { name: 'key', namespace }, data: { token: base64('s3cret') } });
  const { metadata } = await kubelet.create(
    'web',
    {
      terminationGracePeriodSeconds: 5,
      hostname: 'box',
      subdomain: 'boxes',
      securityContext: { fsGroup: 2000 },
      initContainers: [
        {
          name: 'prepare',
          image: busyboxImageName,
          command: ['sh', '-c', 'echo made > /work/made'],
          resources: { limits: { cpu: '500m', memory: '64Mi' } },
          volumeMounts: [{ name: 'work', mountPath: '/work' }],
        },
      ],
      containers: [
        {
          name: 'app',
          image: busyboxImageName,
          command: [
            'sh',
            '-c',
            'trap "exit 0" TERM; echo "hello $(GREETED)"; touch /tmp/up; while true; do sleep 0.1; done',
          ],
          env: [
            { name: 'GREETED', value: 'world' },
            { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } },
            { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'key', key: 'token' } } },
            { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
          ],
          resources: { limits: { cpu: '500m', memory: '64Mi' } },
          securityContext: { runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          readinessProbe: { exec: { command: ['test', '-f', '/tmp/up'] }, periodSeconds: 10 },
          lifecycle: { preStop: { exec: { command: ['sh', '-c', 'echo stopping > /work/stopping'] } } },
          volumeMounts: [
            { name: 'work', mountPath: '/work' },
            { name: 'memory', mountPath: '/memory' },
            { name: 'settings', mountPath: '/settings' },
            { name: 'settings', mountPath: '/etc/app.conf', subPath: 'app.conf' },
            { name: 'key', mountPath: '/key' },
            { name: 'access', mountPath: '/access' },
          ],
        },
      ],
      volumes: [
        { name: 'work', emptyDir: {} },
        { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } },
        { name: 'settings', configMap: { name: 'settings' } },
        { name: 'key', secret: { secretName: 'key', defaultMode: 0o400 } },
        {
          name: 'access',
          projected: {
            sources: [
              { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
              { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
            ],
          },
        },
      ],
    },
    { labels: { app: 'web' } },
  );
  const pod = await kubelet.until('web', isReady);
  const sh = (script: string): Promise<string> => kubelet.output('web', ['sh', '-c', script]);
  expect(await sh('echo $COLOUR $TOKEN $LIMIT $POD_IP; id -u; id -G')).toBe(
    `blue s3cret 64 ${pod?.status.podIP}\n1000\n0 2000\n`,
  );
  expect(await sh('cat /work/made /settings/colour /etc/app.conf /key/token /access/name; cat /access/token')).toMatch(
    /^made\nbluea=1s3cretwebtoken-\d+$/,
  );
  expect(await sh('grep -c " /memory " /proc/mounts; cat /etc/hosts | tail -1; cat /etc/resolv.conf')).toBe(
    `1\n${pod?.status.podIP}\tbox.boxes.default.svc.cluster.local\tbox\nsearch default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n`.replace(
      'cluster.local\nnameserver',
      `cluster.local${hostSearches()}\nnameserver`,
    ),
  );
  const memoryLimit = `/sys/fs/cgroup/memory/${node.cgroup}/kubepods/pod${metadata.uid}/memory.limit_in_bytes`;
  if (existsSync('/sys/fs/cgroup/memory'))
    expect(readFileSync(memoryLimit, 'utf8').trim()).toBe(String(64 * 1024 * 1024));
  expect(pod?.status.qosClass).toBe('Guaranteed');

  await api.patch(ConfigMap, { namespace, name: 'settings' }, { type: 'merge', body: { data: { colour: 'red' } } });
  await kubelet.until(
    'web',
    () =>
      readFileSync(
        join(kubelet.root, 'pods', metadata.uid, 'volumes/kubernetes.io~configmap/settings/colour'),
        'utf8',
      ) === 'red',
  );
  expect(await sh('cat /settings/colour')).toBe('red');

  await api.delete(Pod, { namespace, name: 'web' }, { gracePeriodSeconds: 5 });
  await api.patch(
    Pod,
    { namespace, name: 'web' },
    { type: 'strategic', body: { status: { conditions: [{ type: 'kubets.io/EndpointsWithdrawn', status: 'True' }] } } },
  );
  await kubelet.until('web', (seen) => seen === undefined);
  expect(existsSync(join(kubelet.root, 'pods', metadata.uid))).toBe(false);
  expect(existsSync(memoryLimit)).toBe(false);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(metadata.uid);
  expect(await node.client.listPodSandboxes()).toEqual([]);
});

test('a job that fails says its last words; one that never restarts stays with its log', async () => {
  await using node = await busyboxNode();
  const api = new FakeApi(clock);
  await using kubelet = await startKubelet(node, api);
  const container = {
    name: 'app',
    image: busyboxImageName,
    command: ['sh', '-c', 'echo out; echo last words > /dev/termination-log; exit 7'],
  };
  const silent = {
    ...container,
    command: ['sh', '-c', 'echo only the log knows; exit 1'],
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
  await kubelet.create('job', { restartPolicy: 'Never', containers: [container] });
  await kubelet.create('log', { restartPolicy: 'Never', containers: [silent] });
  await kubelet.create('bad', {
    restartPolicy: 'Never',
    containers: [{ ...container, command: ['/no/such/program'] }],
  });
  const job = await kubelet.until('job', (pod) => pod?.status.phase === 'Failed');
  expect(job?.status.containerStatuses?.[0]?.state.terminated).toMatchObject({
    exitCode: 7,
    reason: 'Error',
    message: 'last words\n',
  });
  const log = await kubelet.until('log', (pod) => pod?.status.phase === 'Failed');
  expect(log?.status.containerStatuses?.[0]?.state.terminated?.message).toBe('only the log knows\n');
  const bad = await kubelet.until('bad', (pod) => pod?.status.phase === 'Failed');
  expect(bad?.status.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
});

test('a second kubelet adopts what the first has started; a pod that loses its sandbox gets another', async () => {
  await using node = await busyboxNode();
  const api = new FakeApi(clock);
  const first = await startKubelet(node, api);
  await first.create('web', { containers: [{ name: 'app', image: busyboxImageName, command: ['sleep', '3600'] }] });
  const before = await first.until('web', isReady);
  await first[Symbol.asyncDispose]();
  await using second = await startKubelet(node, api);
  await second.until('web', () => second.log.some((line) => line.includes('previously registered')));
  const after = await second.until('web', isReady);
  expect(after?.status.containerStatuses?.[0]).toMatchObject({
    containerID: before?.status.containerStatuses?.[0]?.containerID,
    restartCount: 0,
  });
  const [sandbox] = await node.client.listPodSandboxes();
  const ended = await node.client.execSync(after?.status.containerStatuses?.[0]?.containerID?.split('://')[1] ?? '', {
    command: ['true'],
  });
  expect([sandbox?.state, ended.exitCode]).toEqual(['Ready', 0]);
  await node.client.stopPodSandbox(sandbox?.id ?? '');
  const changed = await second.until(
    'web',
    (pod) => isReady(pod) && pod?.status.containerStatuses?.[0]?.restartCount === 1,
  );
  expect(changed?.status.podIP).toBeDefined();
  expect(second.events.map(({ reason }) => reason)).toContain('SandboxChanged');
});

function hostSearches(): string {
  const search = /^search (.*)$/m.exec(readFileSync('/etc/resolv.conf', 'utf8'))?.[1];
  return search ? ` ${search.trim()}` : '';
}
