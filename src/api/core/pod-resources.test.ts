import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../machinery/decode.ts';
import { containersTotal, exactly, inNumbers, podTotal } from './pod-resources.ts';
import type { CountedPod } from './pod-resources.ts';
import { Pod } from './pod.ts';

const asks = (requests: object, limits: object = {}) => ({ resources: { requests, limits } });
const sidecar = { restartPolicy: 'Always' };

function total(pod: object, part: 'requests' | 'limits' = 'requests', status?: 'counted') {
  return podTotal(pod as CountedPod, { part, reckoning: exactly, status });
}

describe('the total of a pod', () => {
  test('is the sum of its containers, resource by resource and without loss', () => {
    const containers = [asks({ cpu: '100m', memory: '1Gi' }), asks({ cpu: '1', 'example.com/gpu': '1' }), {}];
    expect(total({ spec: { containers } })).toEqual({ cpu: '1100m', memory: '1Gi', 'example.com/gpu': '1' });
  });

  test('is what the greediest init container asks for where that is more', () => {
    const containers = [asks({ cpu: '1', memory: '1Gi' })];
    const initContainers = [asks({ cpu: '2' }), asks({ cpu: '500m', memory: '512Mi' })];
    expect(total({ spec: { containers, initContainers } })).toEqual({ cpu: '2', memory: '1Gi' });
  });

  test('has sidecars among the containers, and beside the init containers that follow them', () => {
    const early = { ...sidecar, ...asks({ cpu: '300m' }) };
    const late = { ...sidecar, ...asks({ cpu: '100m' }) };
    const containers = [asks({ cpu: '1' })];
    const order = (...initContainers: object[]) => total({ spec: { containers, initContainers } })['cpu'];
    expect(order(early, late)).toBe('1400m');
    expect(order(early, asks({ cpu: '2' }), late)).toBe('2300m');
    expect(order(asks({ cpu: '2' }), early, late)).toBe('2');
  });

  test('is what the pod states as a whole, for the resources that it can state', () => {
    const resources = { requests: { cpu: '3', 'hugepages-2Mi': '4Mi', 'example.com/gpu': '9' } };
    const containers = [asks({ cpu: '1', memory: '1Gi', 'example.com/gpu': '1' })];
    const wanted = { cpu: '3', memory: '1Gi', 'hugepages-2Mi': '4Mi', 'example.com/gpu': '1' };
    expect(total({ spec: { containers, resources } })).toEqual(wanted);
  });

  test('has overhead on top, in limits only of what is limited', () => {
    const overhead = { cpu: '250m', memory: '64Mi' };
    const containers = [asks({ cpu: '1' }, { cpu: '2', memory: '0' })];
    expect(total({ spec: { containers, overhead } })).toEqual({ cpu: '1250m', memory: '64Mi' });
    expect(total({ spec: { containers, overhead } }, 'limits')).toEqual({ cpu: '2250m', memory: '0' });
    const resources = { requests: { cpu: '4' } };
    expect(total({ spec: { containers, overhead, resources } })).toMatchObject({ cpu: '4250m' });
  });

  test('is the same in numbers: thousandths of cores, bytes, pieces', () => {
    const containers = [asks({ cpu: '0.1', memory: '1Ki', 'example.com/gpu': '1' })];
    const initContainers = [asks({ cpu: '200m' })];
    const pod = { spec: { containers, initContainers, overhead: { memory: '1' } } } as unknown as CountedPod;
    const wanted = { cpu: 200, memory: 1025, 'example.com/gpu': 1 };
    expect(podTotal(pod, { part: 'requests', reckoning: inNumbers })).toEqual(wanted);
  });

  test('counts a given amount for what a container does not mention', () => {
    const containers = [{}, asks({ cpu: '0' }), asks({ cpu: '1' })];
    const pod = { spec: { containers } } as unknown as CountedPod;
    const missing = { cpu: 100, memory: 7 };
    expect(podTotal(pod, { part: 'requests', reckoning: inNumbers, missing })).toEqual({ cpu: 1100, memory: 21 });
  });
});

describe('while a pod is resized', () => {
  const container = (name: string, cpu: string, more: object = {}) => ({ name, ...asks({ cpu }, { cpu }), ...more });
  const running = (name: string, cpu: string, allocated = cpu) => ({
    name,
    ...asks({ cpu }, { cpu }),
    allocatedResources: { cpu: allocated },
  });
  const spec = {
    containers: [container('a', '1'), container('b', '1')],
    initContainers: [container('s', '1', sidecar), container('i', '1')],
  };

  test('the most of what is wanted, allocated and in effect counts, container by container', () => {
    const status = { containerStatuses: [running('a', '500m', '3'), running('b', '2')] };
    expect(total({ spec, status })).toEqual({ cpu: '3' });
    expect(total({ spec, status }, 'requests', 'counted')).toEqual({ cpu: '6' });
    expect(total({ spec, status }, 'limits', 'counted')).toEqual({ cpu: '4' });
  });

  test('sidecars are resized, other init containers are not', () => {
    const status = { initContainerStatuses: [running('s', '4'), running('i', '50')] };
    expect(total({ spec, status }, 'requests', 'counted')).toEqual({ cpu: '6' });
  });

  test('what can not be is not counted as if it would be', () => {
    const conditions = [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }];
    const large = { containers: [container('a', '100'), container('b', '1')] };
    const containerStatuses = [running('a', '2')];
    const counted = (reason: string, part: 'requests' | 'limits') =>
      total(
        { spec: large, status: { containerStatuses, conditions: [{ ...conditions[0], reason }] } },
        part,
        'counted',
      );
    expect(counted('Infeasible', 'requests')).toEqual({ cpu: '3' });
    expect(counted('Infeasible', 'limits')).toEqual({ cpu: '3' });
    expect(counted('Deferred', 'requests')).toEqual({ cpu: '101' });
  });

  test('a container of which nothing is known yet counts with what it wants', () => {
    const status = { containerStatuses: [{ name: 'a' }] };
    expect(total({ spec, status }, 'requests', 'counted')).toEqual({ cpu: '3' });
  });
});

test('a pod that is limited as a whole asks for what its containers do, else for its limit', () => {
  const containers = [{ name: 'a', image: 'i', resources: { requests: { cpu: '1' } } }];
  const resources = { limits: { cpu: '2', memory: '1Gi' } };
  const sent = { metadata: { name: 'p' }, spec: { containers, resources } };
  const { spec } = decodeObject(Pod, sent).object;
  expect(spec.resources?.requests).toEqual({ cpu: '1', memory: '1Gi' });
  expect(containersTotal({ spec }, { part: 'requests', reckoning: exactly })).toEqual({ cpu: '1' });
});
