import { describe, expect, test } from 'vitest';
import { decoded, problemsOf, statusProblems } from '../testing/kind-problems.ts';
import { Namespace } from './namespace.ts';
import { Pod } from './pod.ts';

const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } };
const pod = { spec: { containers: [{ name: 'c', image: 'i', resources }] }, status: { qosClass: 'Burstable' } };

describe('resize', () => {
  /** What becomes of the pod when a client sends these containers to its resize path. */
  function resized(containers: readonly object[], spec: object = {}): object {
    const sent = decoded(Pod, { ...pod, spec: { containers, ...spec } });
    const current = decoded(Pod, pod);
    return { ...pod, spec: Pod.specSubresources?.['resize']?.(sent, current) };
  }
  const refused = (object: object): string[] => problemsOf(Pod, { object, old: pod, subresource: 'resize' });

  test('changes resources and nothing else', () => {
    const more = { requests: { cpu: '1500m', memory: '1Gi' }, limits: { cpu: '2', memory: '1500Mi' } };
    const object = resized([{ name: 'c', image: 'other', resources: more }], { nodeName: 'n2' });
    expect(object).toMatchObject({ spec: { containers: [{ name: 'c', image: 'i', resources: more }] } });
    expect(object).not.toHaveProperty('spec.nodeName');
    expect(refused(object)).toEqual([]);
  });

  test.each<[string, object, string]>([
    [
      'a limit that goes',
      { requests: resources.requests, limits: { cpu: '2' } },
      'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
    ],
    [
      'another class',
      { requests: resources.limits, limits: resources.limits },
      'spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing',
    ],
    [
      'other resources',
      { requests: { ...resources.requests, 'ephemeral-storage': '1Gi' }, limits: resources.limits },
      'spec: Forbidden: only cpu and memory resources are mutable',
    ],
    [
      'more than the limit',
      { requests: { cpu: '3', memory: '1Gi' }, limits: resources.limits },
      'spec.containers[0].resources.requests: Invalid value: "3": must be less than or equal to cpu limit of 2',
    ],
  ])('%s is refused', (_name, wanted, sentence) => {
    expect(refused(resized([{ name: 'c', image: 'i', resources: wanted }]))).toContain(sentence);
  });
});

describe('statuses of pods', () => {
  const once = { spec: { ...pod.spec, restartPolicy: 'Never' } };
  const status = (state: object): object => ({
    ...once,
    status: { containerStatuses: [{ name: 'c', state, ready: false, restartCount: 0, image: 'i', imageID: '' }] },
  });

  test('containers that ended for good stay ended', () => {
    expect(statusProblems(Pod, status({ running: {} }), status({ terminated: { exitCode: 0 } }))).toEqual([
      'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
    ]);
    expect(statusProblems(Pod, status({ terminated: { exitCode: 1 } }), status({ running: {} }))).toEqual([]);
  });

  test('the quality of service stays, and each family has one address', () => {
    expect(statusProblems(Pod, { ...pod, status: { qosClass: 'Guaranteed' } }, pod)).toEqual([
      'status.qosClass: Invalid value: "Guaranteed": field is immutable',
    ]);
    const podIPs = [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }];
    expect(statusProblems(Pod, { ...pod, status: { ...pod.status, podIPs } }, pod)).toEqual([
      'status.podIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family',
    ]);
  });
});

test('a namespace is active until it is deleted, and its finalizers are names', () => {
  const going = { metadata: { name: 'x', deletionTimestamp: '2026-01-01T00:00:00Z' }, status: { phase: 'Active' } };
  expect(statusProblems(Namespace, going)).toEqual([
    'status.Phase: Invalid value: "Active": may only be \'Terminating\' if `deletionTimestamp` is not empty',
  ]);
  const object = { spec: { finalizers: ['kubernetes', 'mine'] } };
  expect(problemsOf(Namespace, { object, old: object, subresource: 'finalize' })).toEqual([
    'spec.finalizers[1]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ]);
});
