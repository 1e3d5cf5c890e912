import { describe, expect, test } from 'vitest';
import { Pod } from '../../api/core/pod.ts';
import type { Pod as PodObject, PodStatus } from '../../api/core/pod.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { JsonObject } from '../../base/json.ts';
import { decodeObject } from '../../machinery/decode.ts';
import { applyStrategicMergePatch } from '../../machinery/patch/strategic-merge-patch.ts';
import { FakeApi } from '../testing/fake-api.ts';
import { podPhase } from './pod-phase.ts';
import { statusPatch } from './status-patch.ts';
import { StatusWriter } from './status-writer.ts';

function podOf(spec: object, status: object = {}): PodObject {
  return decodeObject(Pod, {
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: { containers: [], ...spec },
    status,
  }).object;
}

const running = { running: {} };
const waiting = { waiting: { reason: 'ContainerCreating' } };
const ended = (exitCode: number): object => ({ terminated: { exitCode } });

/** The phase of a pod whose containers are in these states; a pair is a state and the last one. */
function phase(states: readonly (object | readonly [object, object])[], policy = 'Always', terminal = false): string {
  const names = states.map((_, index) => `c${index}`);
  const statuses = states.map((entry, index) => {
    const [state, lastState] = Array.isArray(entry) ? entry : [entry, {}];
    return { name: `c${index}`, state, lastState, ready: false, restartCount: 0, image: '', imageID: '' };
  });
  const pod = podOf({ restartPolicy: policy, containers: names.map((name) => ({ name, image: 'i' })) });
  return podPhase(pod, { init: [], regular: statuses }, terminal);
}

describe('the phase', () => {
  test('is Pending until every container has begun, then Running while one may go on', () => {
    expect(phase([running, waiting])).toBe('Pending');
    expect(phase([running, running])).toBe('Running');
    expect(phase([running, ended(1)], 'Never')).toBe('Running');
    expect(phase([ended(0)])).toBe('Running');
    expect(phase([[{ waiting: { reason: 'CrashLoopBackOff' } }, ended(1)]])).toBe('Running');
    expect(phase([ended(1)], 'OnFailure')).toBe('Running');
  });

  test('is Succeeded or Failed when all have ended for good', () => {
    expect(phase([ended(0), ended(0)], 'OnFailure')).toBe('Succeeded');
    expect(phase([ended(0), ended(1)], 'Never')).toBe('Failed');
    expect(phase([ended(0)], 'Always', true)).toBe('Succeeded');
    expect(phase([ended(137)], 'Always', true)).toBe('Failed');
    expect(phase([ended(0), waiting], 'Always', true)).toBe('Failed');
  });

  test('waits for init containers, and fails with one that is not retried', () => {
    const pod = (restartPolicy: string): PodObject =>
      podOf({ restartPolicy, initContainers: [{ name: 'i', image: 'x' }], containers: [{ name: 'c', image: 'x' }] });
    const status = (name: string, state: object) => ({
      name,
      state,
      lastState: {},
      ready: false,
      restartCount: 0,
      image: '',
      imageID: '',
    });
    const lists = (state: object) => ({ init: [status('i', state)], regular: [status('c', waiting)] });
    expect(podPhase(pod('Always'), lists(running), false)).toBe('Pending');
    expect(podPhase(pod('OnFailure'), lists(ended(1)), false)).toBe('Pending');
    expect(podPhase(pod('Never'), lists(ended(1)), false)).toBe('Failed');
  });
});

describe('a status patch', () => {
  const apply = (from: PodStatus, to: PodStatus): unknown => {
    const patch = statusPatch('u', from, to);
    const patched = applyStrategicMergePatch({ metadata: { uid: 'u' }, status: from }, patch as JsonObject, Pod.schema);
    return patched['status'];
  };

  test('is none when nothing differs', () => {
    expect(
      statusPatch('u', { phase: 'Running', podIPs: [{ ip: 'a' }] }, { podIPs: [{ ip: 'a' }], phase: 'Running' }),
    ).toBeUndefined();
  });

  test('turns one status into the other, and leaves conditions of others alone', () => {
    const foreign = { type: 'lb', status: 'True' };
    const from: PodStatus = {
      phase: 'Pending',
      podIP: '1',
      podIPs: [{ ip: '1' }],
      conditions: [foreign, { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'why' }],
    };
    const to: PodStatus = {
      phase: 'Running',
      podIP: '2',
      podIPs: [{ ip: '2' }],
      conditions: [{ type: 'Ready', status: 'True' }],
    };
    expect(apply(from, to)).toEqual({ ...to, conditions: [foreign, { type: 'Ready', status: 'True' }] });
  });
});

describe('the writer', () => {
  async function setUp() {
    const clock = new FakeClock();
    const api = new FakeApi(clock);
    await api.create(Pod, {
      metadata: { name: 'p', namespace: 'n' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    const pod = api.peek(Pod, { namespace: 'n', name: 'p' })!;
    const current = (): PodObject | undefined => api.peek(Pod, { namespace: 'n', name: 'p' });
    const { signal } = new AbortController();
    const writer = new StatusWriter({
      client: api,
      clock,
      log: silentLogger,
      current,
      written: () => undefined,
      signal,
    });
    return { api, clock, pod, writer, current };
  }

  test('sends only the newest of the statuses that came while it was writing', async () => {
    const { api, pod, writer, current } = await setUp();
    for (const message of ['one', 'two', 'three']) writer.set(pod, { phase: 'Running', message });
    await writer.flush(pod.metadata.uid);
    expect(current()?.status.message).toBe('three');
    expect(api.writes.filter(({ verb }) => verb === 'patch').length).toBeLessThanOrEqual(2);
  });

  test('tries again after a failure', async () => {
    const { api, clock, pod, writer, current } = await setUp();
    const { StatusError } = await import('../../base/errors.ts');
    api.failNext('patch', 'pods/status', new StatusError('ServiceUnavailable', 'away'));
    writer.set(pod, { phase: 'Running' });
    await clock.advance(1_000, () => new Promise((resolve) => setImmediate(resolve)));
    await writer.flush(pod.metadata.uid);
    expect(current()?.status.phase).toBe('Running');
  });

  test('does not send for ever what the server does not take', async () => {
    const { api, pod, writer } = await setUp();
    api.patch = async () => {
      api.writes.push({ verb: 'patch', resource: 'pods/status', key: '', body: {} });
      return pod as never;
    };
    writer.set(pod, { phase: 'Running' });
    await writer.flush(pod.metadata.uid);
    expect(api.writes.filter(({ verb }) => verb === 'patch')).toHaveLength(1);
  });
});
