import { expect, test } from 'vitest';
import type { Deployment, DeploymentStrategy } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { metaOf } from '../testing/workloads.ts';
import { boundsOf, currentSize, rescale, shrinkOld } from './sizes.ts';

function deployment(replicas: number, strategy: DeploymentStrategy = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metaOf('web'),
    spec: {
      replicas,
      selector: {},
      template: { metadata: {}, spec: {} },
      strategy,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: {},
  } as unknown as Deployment;
}

function set(
  name: string,
  replicas: number,
  options: { available?: number; max?: number; desired?: number } = {},
): ReplicaSet {
  const { available = replicas, max, desired } = options;
  const annotations = {
    ...(max === undefined ? {} : { 'deployment.kubernetes.io/max-replicas': String(max) }),
    ...(desired === undefined ? {} : { 'deployment.kubernetes.io/desired-replicas': String(desired) }),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: metaOf(name, { annotations }),
    spec: { replicas },
    status: { replicas, availableReplicas: available },
  } as unknown as ReplicaSet;
}

const rolling = (maxSurge: number | string, maxUnavailable: number | string): DeploymentStrategy => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge, maxUnavailable },
});

test('surge rounds up and unavailability down', () => {
  expect(boundsOf(deployment(10, rolling('25%', '25%')))).toEqual({ surge: 3, unavailable: 2 });
});

test('if both bounds come out as zero, one pod may be unavailable', () => {
  expect(boundsOf(deployment(3, rolling(0, '10%')))).toEqual({ surge: 0, unavailable: 1 });
});

test('the current replica set grows into the surge and no further', () => {
  const d = deployment(10, rolling(3, 2));
  expect(currentSize(d, 0, [set('old', 10)])).toBe(3);
  expect(currentSize(d, 3, [set('old', 8)])).toBe(5);
  expect(currentSize(d, 9, [set('old', 1)])).toBe(10);
  expect(currentSize(d, 12, [])).toBe(10);
});

test('old replica sets shrink by what availability allows', () => {
  const d = deployment(10, rolling(3, 2));
  const old = set('old', 10);
  const shrunk = shrinkOld(d, { current: set('new', 3, { available: 0 }), old: [old] });
  expect(shrunk).toEqual([{ replicaSet: old, replicas: 8 }]);
});

test('unhealthy old pods go first, for their loss costs nothing', () => {
  const d = deployment(10, rolling(2, 0));
  const [sick, well] = [set('a-sick', 4, { available: 1 }), set('b-well', 6)];
  const shrunk = shrinkOld(d, { current: set('new', 2), old: [sick, well] });
  expect(shrunk).toEqual([{ replicaSet: sick, replicas: 2 }]);
});

test('nothing shrinks while the new pods are not available and none may miss', () => {
  const d = deployment(4, rolling(1, 0));
  expect(shrinkOld(d, { current: set('new', 1, { available: 0 }), old: [set('old', 4)] })).toEqual([]);
});

test('scaling in the middle of a rollout is spread in proportion', () => {
  const d = deployment(20, rolling(2, 0));
  const sized = { max: 12, desired: 10 };
  const resizes = rescale(d, { current: set('new', 4, sized), old: [set('old', 8, sized)] });
  expect(resizes.map(({ replicaSet, replicas }) => [replicaSet.metadata.name, replicas])).toEqual([
    ['old', 15],
    ['new', 7],
  ]);
  expect(resizes.reduce((sum, { replicas }) => sum + replicas, 0)).toBe(22);
});

test('scaling to zero in the middle of a rollout empties all', () => {
  const d = deployment(0, rolling(2, 0));
  const sized = { max: 12, desired: 10 };
  const resizes = rescale(d, { current: set('new', 4, sized), old: [set('old', 8, sized)] });
  expect(resizes.map(({ replicas }) => replicas)).toEqual([0, 0]);
});
