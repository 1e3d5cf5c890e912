import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../machinery/decode.ts';
import { isLatest } from './pod-defaults.ts';
import { podSummary } from './pod-status-text.ts';
import { Pod } from './pod.ts';
import { qosClass } from './qos-class.ts';

const now = Date.parse('2026-01-01T01:00:00Z');

function pod(spec: object, status: object = {}, metadata: object = {}): Pod {
  const containers = [{ name: 'a', image: 'web' }];
  return decodeObject(Pod, { metadata: { name: 'p', ...metadata }, spec: { containers, ...spec }, status }).object;
}

describe('the STATUS column', () => {
  const running = { name: 'a', ready: true, restartCount: 0, state: { running: {} } };
  const waiting = (reason: string) => ({ name: 'a', ready: false, restartCount: 3, state: { waiting: { reason } } });
  const exited = (exitCode: number, more: object = {}) => ({ state: { terminated: { exitCode, ...more } } });

  test.each<[string, object, object, string]>([
    ['shows the phase of a new pod', {}, { phase: 'Pending' }, 'Pending'],
    ['shows Running', {}, { phase: 'Running', containerStatuses: [running] }, 'Running'],
    [
      'shows why a container waits',
      {},
      { phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] },
      'CrashLoopBackOff',
    ],
    [
      'shows why a container ended',
      {},
      { phase: 'Failed', containerStatuses: [{ name: 'a', ...exited(1, { reason: 'Error' }) }] },
      'Error',
    ],
    ['shows a bare exit code', {}, { phase: 'Failed', containerStatuses: [{ name: 'a', ...exited(3) }] }, 'ExitCode:3'],
    [
      'stays Running while one container still runs',
      { containers: [{ name: 'a' }, { name: 'b' }] },
      {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [{ name: 'b', ...exited(0, { reason: 'Completed' }) }, running],
      },
      'Running',
    ],
    [
      'says NotReady when the rest is not ready',
      { containers: [{ name: 'a' }, { name: 'b' }] },
      { phase: 'Running', containerStatuses: [{ name: 'b', ...exited(0, { reason: 'Completed' }) }, running] },
      'NotReady',
    ],
    [
      'counts init containers',
      { initContainers: [{ name: 'i' }, { name: 'j' }] },
      {
        phase: 'Pending',
        initContainerStatuses: [
          { name: 'i', ...exited(0) },
          { name: 'j', state: { running: {} } },
        ],
      },
      'Init:1/2',
    ],
    [
      'shows a failed init container',
      { initContainers: [{ name: 'i' }] },
      { phase: 'Pending', initContainerStatuses: [{ name: 'i', ...exited(1, { reason: 'Error' }) }] },
      'Init:Error',
    ],
    [
      'shows an init container that crashes again and again',
      { initContainers: [{ name: 'i' }] },
      { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
      'Init:CrashLoopBackOff',
    ],
    [
      'shows PodInitializing of the main container once the init containers are done',
      { initContainers: [{ name: 'i' }] },
      {
        phase: 'Pending',
        initContainerStatuses: [{ name: 'i', ...exited(0) }],
        containerStatuses: [waiting('PodInitializing')],
      },
      'PodInitializing',
    ],
    [
      'shows scheduling gates',
      {},
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
      'SchedulingGated',
    ],
    ['shows the reason of an eviction', {}, { phase: 'Failed', reason: 'Evicted' }, 'Evicted'],
  ])('%s', (_, spec, status, expected) => {
    expect(podSummary(pod(spec, status), now).status).toBe(expected);
  });

  test('says Terminating of a pod that is being deleted, unless it is over', () => {
    const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z' };
    expect(podSummary(pod({}, { phase: 'Running', containerStatuses: [running] }, metadata), now).status).toBe(
      'Terminating',
    );
    expect(podSummary(pod({}, { phase: 'Succeeded' }, metadata), now).status).toBe('Succeeded');
  });

  test('restarts say when the last one was', () => {
    const lastState = { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:55:00Z' } };
    const summary = podSummary(
      pod({}, { phase: 'Running', containerStatuses: [{ ...running, restartCount: 2, lastState }] }),
      now,
    );
    expect(summary).toMatchObject({ restarts: '2 (5m ago)', ready: 1, total: 1 });
  });

  test('a sidecar counts among the containers', () => {
    const spec = { initContainers: [{ name: 's', restartPolicy: 'Always' }] };
    const sidecar = { name: 's', ready: true, started: true, restartCount: 1, state: { running: {} } };
    const status = { phase: 'Running', initContainerStatuses: [sidecar], containerStatuses: [running] };
    expect(podSummary(pod(spec, status), now)).toMatchObject({ status: 'Running', ready: 2, total: 2, restarts: '1' });
  });
});

test('images without a tag, or with the tag latest, are always pulled', () => {
  expect(isLatest('web')).toBe(true);
  expect(isLatest('registry:5000/web')).toBe(true);
  expect(isLatest('registry:5000/web:latest')).toBe(true);
  expect(isLatest('registry:5000/web:1')).toBe(false);
  expect(isLatest('web@sha256:abc')).toBe(false);
  expect(pod({}).spec.containers[0]?.imagePullPolicy).toBe('Always');
});

test('requests default to limits, and host ports to container ports with host network', () => {
  const resources = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } };
  const containers = [{ name: 'a', image: 'x:1', resources, ports: [{ containerPort: 80 }] }];
  const { spec } = pod({ containers, hostNetwork: true });
  expect(spec.containers[0]?.resources.requests).toEqual({ cpu: '500m', memory: '1Gi' });
  expect(spec.containers[0]?.ports?.[0]?.hostPort).toBe(80);
});

test('the two names of the service account say the same, and a volume without a source is an emptyDir', () => {
  const { spec } = pod({ serviceAccount: 'bot', volumes: [{ name: 'v' }] });
  expect(spec.serviceAccountName).toBe('bot');
  expect(spec.volumes).toEqual([{ name: 'v', emptyDir: {} }]);
});

test('a new pod is Pending, whatever status it came with', () => {
  const created = decodeObject(Pod, {
    spec: { containers: [{ name: 'a' }], schedulingGates: [{ name: 'g' }] },
    status: { phase: 'Running' },
  }).object;
  Pod.prepareForCreate?.(created, { user: { name: 'ann', groups: [] } });
  expect(created.status).toMatchObject({ phase: 'Pending', qosClass: 'BestEffort' });
  expect(created.status.conditions?.[0]).toMatchObject({ reason: 'SchedulingGated' });
});

test.each([
  ['Guaranteed', [{ limits: { cpu: '1', memory: '1Gi' } }, { limits: { cpu: '500m', memory: '1Gi' } }]],
  ['Burstable', [{ limits: { cpu: '1', memory: '1Gi' } }, {}]],
  ['Burstable', [{ requests: { cpu: '1' } }]],
  ['BestEffort', [{}, { requests: { cpu: '0' } }]],
])('a pod is %s when its resources say so', (expected, resources) => {
  const containers = resources.map((own, index) => ({ name: `c${index}`, resources: own }));
  expect(qosClass(pod({ containers }).spec)).toBe(expected);
});
