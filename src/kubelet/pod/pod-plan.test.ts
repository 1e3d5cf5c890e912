import { describe, expect, test } from 'vitest';
import { Pod } from '../../api/core/pod.ts';
import type { Pod as PodObject } from '../../api/core/pod.ts';
import { decodeObject } from '../../machinery/decode.ts';
import { containerHash } from './container-hash.ts';
import type { ObservedContainer, ObservedPod } from './observed-pod.ts';
import type { ProbeVerdicts } from './pod-plan.ts';
import { planPod, stopOrder } from './pod-plan.ts';

const fine: ProbeVerdicts = { failed: () => undefined, started: () => true };

function podOf(spec: object): PodObject {
  return decodeObject(Pod, { metadata: { name: 'p', namespace: 'n', uid: 'u' }, spec }).object;
}

function container(
  name: string,
  state: 'Running' | 'Exited' | 'Created',
  more: Partial<ObservedContainer> = {},
): ObservedContainer {
  const exitCode = more.exitCode ?? 0;
  return {
    id: `${name}-id`,
    name,
    podSandboxId: 's',
    restartCount: 0,
    hash: '',
    metadata: { name, attempt: 0 },
    state,
    createdAt: 1,
    startedAt: 1,
    finishedAt: state === 'Exited' ? 2 : undefined,
    exitCode,
    image: { image: 'i' },
    imageRef: '',
    imageId: '',
    reason: '',
    message: '',
    labels: {},
    annotations: {},
    mounts: [],
    logPath: '',
    resources: undefined,
    user: undefined,
    stopSignal: undefined,
    info: {},
    ...more,
  };
}

function observed(
  containers: readonly ObservedContainer[],
  sandbox: { state?: 'Ready' | 'NotReady'; ip?: string } | undefined = {},
): ObservedPod {
  const { state = 'Ready', ip = '10.0.0.1' } = sandbox ?? {};
  const one = {
    id: 's',
    metadata: { name: 'p', uid: 'u', namespace: 'n', attempt: 2 },
    state,
    createdAt: 0,
    labels: {},
    annotations: {},
    runtimeHandler: '',
    network: { ip, additionalIPs: [] },
    namespaceOptions: undefined,
    containers: [],
    timestamp: undefined,
    info: {},
  };
  return { uid: 'u', sandboxes: sandbox === undefined ? [] : [one], containers };
}

const nothing: ObservedPod = { uid: 'u', sandboxes: [], containers: [] };
const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);

function containersStep(plan: ReturnType<typeof planPod>): { start: string[]; kill: string[] } {
  if (plan.step !== 'containers') throw new Error(`planned ${plan.step}`);
  return { start: names(plan.start), kill: plan.kill.map(({ message }) => message) };
}

describe('sandboxes', () => {
  const pod = podOf({ containers: [{ name: 'a', image: 'i' }] });

  test('a pod without a sandbox gets its first', () => {
    expect(planPod(pod, nothing, fine)).toEqual({ step: 'sandbox', attempt: 0, replaces: undefined });
  });

  test('a sandbox that is not ready, or has lost its address, is replaced by the next attempt', () => {
    expect(planPod(pod, observed([], { state: 'NotReady' }), fine)).toMatchObject({ step: 'sandbox', attempt: 3 });
    expect(planPod(pod, observed([], { ip: '' }), fine)).toMatchObject({ step: 'sandbox', attempt: 3 });
  });

  test('a pod that never restarts gets no second sandbox once a container has run', () => {
    const once = podOf({ restartPolicy: 'Never', containers: [{ name: 'a', image: 'i' }] });
    expect(
      planPod(once, observed([container('a', 'Exited', { exitCode: 137 })], { state: 'NotReady' }), fine).step,
    ).toBe('finish');
    expect(planPod(once, observed([], { state: 'NotReady' }), fine).step).toBe('sandbox');
  });
});

describe('init containers', () => {
  const spec = {
    initContainers: [
      { name: 'one', image: 'i' },
      { name: 'two', image: 'i' },
    ],
    containers: [{ name: 'a', image: 'i' }],
  };

  test('start in order, each after the one before has succeeded', () => {
    const pod = podOf(spec);
    expect(containersStep(planPod(pod, observed([]), fine)).start).toEqual(['one']);
    expect(containersStep(planPod(pod, observed([container('one', 'Running')]), fine)).start).toEqual([]);
    expect(containersStep(planPod(pod, observed([container('one', 'Exited')]), fine)).start).toEqual(['two']);
    expect(
      containersStep(planPod(pod, observed([container('two', 'Exited'), container('one', 'Exited')]), fine)).start,
    ).toEqual(['a']);
  });

  test('are retried when they fail, unless the pod never restarts', () => {
    const failed = observed([container('one', 'Exited', { exitCode: 1 })]);
    expect(containersStep(planPod(podOf(spec), failed, fine)).start).toEqual(['one']);
    expect(planPod(podOf({ ...spec, restartPolicy: 'Never' }), failed, fine).step).toBe('finish');
  });

  test('run again in a new sandbox, though they succeeded in the old one', () => {
    const old = container('one', 'Exited', { podSandboxId: 'old' });
    expect(containersStep(planPod(podOf(spec), observed([old]), fine)).start).toEqual(['one']);
  });

  test('are not asked for any more once the others have begun', () => {
    expect(containersStep(planPod(podOf(spec), observed([container('a', 'Running')]), fine)).start).toEqual([]);
  });
});

describe('sidecars', () => {
  const pod = podOf({
    initContainers: [
      { name: 'side', image: 'i', restartPolicy: 'Always', startupProbe: { tcpSocket: { port: 1 } } },
      { name: 'one', image: 'i' },
    ],
    containers: [{ name: 'a', image: 'i' }],
  });

  test('hold back what follows until they have started', () => {
    const running = observed([container('side', 'Running')]);
    expect(containersStep(planPod(pod, running, { ...fine, started: () => false })).start).toEqual([]);
    expect(containersStep(planPod(pod, running, fine)).start).toEqual(['one']);
  });

  test('are restarted beside the running containers, whatever the pod’s policy', () => {
    const state = observed([container('a', 'Running'), container('one', 'Exited'), container('side', 'Exited')]);
    expect(
      containersStep(planPod({ ...pod, spec: { ...pod.spec, restartPolicy: 'Never' } }, state, fine)).start,
    ).toEqual(['side']);
  });

  test('are stopped after the others, the last one first', () => {
    const two = podOf({
      initContainers: [
        { name: 's1', image: 'i', restartPolicy: 'Always' },
        { name: 's2', image: 'i', restartPolicy: 'Always' },
      ],
      containers: [
        { name: 'a', image: 'i' },
        { name: 'b', image: 'i' },
      ],
    });
    const live = observed(['s1', 's2', 'a', 'b'].map((name) => container(name, 'Running')));
    expect(stopOrder(two, live).map(names)).toEqual([['a', 'b'], ['s2'], ['s1']]);
  });

  test('do not keep a pod alive whose containers have ended', () => {
    const state = observed([container('a', 'Exited'), container('one', 'Exited'), container('side', 'Running')]);
    expect(planPod({ ...pod, spec: { ...pod.spec, restartPolicy: 'OnFailure' } }, state, fine).step).toBe('finish');
  });
});

describe('regular containers', () => {
  test('are started again as the restart policy says', () => {
    const spec = {
      containers: [
        { name: 'good', image: 'i' },
        { name: 'bad', image: 'i' },
      ],
    };
    const state = observed([container('good', 'Exited'), container('bad', 'Exited', { exitCode: 1 })]);
    expect(containersStep(planPod(podOf(spec), state, fine)).start).toEqual(['good', 'bad']);
    expect(containersStep(planPod(podOf({ ...spec, restartPolicy: 'OnFailure' }), state, fine)).start).toEqual(['bad']);
    expect(planPod(podOf({ ...spec, restartPolicy: 'Never' }), state, fine).step).toBe('finish');
  });

  test('follow their own restart rules before the pod’s policy', () => {
    const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
    const pod = podOf({
      restartPolicy: 'Never',
      containers: [{ name: 'a', image: 'i', restartPolicy: 'Never', restartPolicyRules: rules }],
    });
    expect(containersStep(planPod(pod, observed([container('a', 'Exited', { exitCode: 42 })]), fine)).start).toEqual([
      'a',
    ]);
    expect(planPod(pod, observed([container('a', 'Exited', { exitCode: 1 })]), fine).step).toBe('finish');
  });

  test('are killed when a probe has given up on them, and when their image changes', () => {
    const pod = podOf({ containers: [{ name: 'a', image: 'new' }] });
    const [spec] = pod.spec.containers;
    const running = observed([container('a', 'Running', { hash: containerHash(spec!) })]);
    expect(containersStep(planPod(pod, running, fine))).toEqual({ start: [], kill: [] });
    const failed = planPod(pod, running, { ...fine, failed: () => 'liveness' });
    expect(containersStep(failed).kill).toEqual(['Container a failed liveness probe, will be restarted']);
    const changed = planPod(
      pod,
      observed([container('a', 'Running', { hash: containerHash({ ...spec!, image: 'old' }) })]),
      fine,
    );
    expect(containersStep(changed).kill).toEqual(['Container a definition changed, will be restarted']);
  });

  test('that were made but never started are made anew', () => {
    expect(
      containersStep(
        planPod(podOf({ containers: [{ name: 'a', image: 'i' }] }), observed([container('a', 'Created')]), fine),
      ).start,
    ).toEqual(['a']);
  });
});

test('an ephemeral container is started once, also while init containers run', () => {
  const pod = podOf({
    initContainers: [{ name: 'one', image: 'i' }],
    containers: [{ name: 'a', image: 'i' }],
    ephemeralContainers: [{ name: 'debug', image: 'i' }],
  });
  expect(containersStep(planPod(pod, observed([container('one', 'Running')]), fine)).start).toEqual(['debug']);
  expect(
    containersStep(
      planPod(pod, observed([container('debug', 'Exited', { exitCode: 1 }), container('one', 'Running')]), fine),
    ).start,
  ).toEqual([]);
});
