import { describe, expect, test } from 'vitest';
import { cells, decoded, problems, statusProblems } from '../testing/kind-problems.ts';
import { ControllerRevision } from './controller-revision.ts';
import { DaemonSet } from './daemon-set.ts';
import { Deployment } from './deployment.ts';
import { ReplicaSet } from './replica-set.ts';
import { StatefulSet } from './stateful-set.ts';

const selector = { matchLabels: { app: 'web' } };
const container = { name: 'c', image: 'i:1' };
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } };
const spec = { selector, template };

describe('daemon sets', () => {
  test('replace one pod after the other unless told otherwise, and show their state', () => {
    expect(decoded(DaemonSet, { spec }).spec).toMatchObject({
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
    });
    const nodeSelector = { disk: 'ssd', arch: 'arm' };
    const pod = { ...template, spec: { ...template.spec, nodeSelector } };
    const status = { desiredNumberScheduled: 3, currentNumberScheduled: 2, numberReady: 1 };
    expect(cells(DaemonSet, { spec: { selector, template: pod }, status })).toEqual({
      Desired: 3,
      Current: 2,
      Ready: 1,
      'Up-to-date': 0,
      Available: 0,
      'Node Selector': 'arch=arm,disk=ssd',
      Containers: 'c',
      Images: 'i:1',
      Selector: 'app=web',
    });
  });

  test.each<[string, object, string]>([
    [
      'no selector',
      { template },
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      'an empty selector',
      { selector: {}, template },
      'spec.selector: Invalid value: {}: empty selector is invalid for daemonset',
    ],
    [
      'surge and unavailability at once',
      { ...spec, updateStrategy: { rollingUpdate: { maxSurge: 1 } } },
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
    ],
    [
      'neither of them',
      { ...spec, updateStrategy: { rollingUpdate: { maxUnavailable: '0%' } } },
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
    ],
    [
      'more than all',
      { ...spec, updateStrategy: { rollingUpdate: { maxUnavailable: '101%' } } },
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
    [
      'a deadline',
      { selector, template: { ...template, spec: { ...template.spec, activeDeadlineSeconds: 1 } } },
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
    ],
  ])('%s is refused', (_name, wrong, sentence) => {
    expect(problems(DaemonSet, { spec: wrong })).toEqual([sentence]);
  });
});

describe('stateful sets', () => {
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };

  test('start in order, keep their claims, and mount them by name', () => {
    const mounts = [{ ...container, volumeMounts: [{ name: 'data', mountPath: '/data' }] }];
    const set = { selector, template: { ...template, spec: { containers: mounts } }, volumeClaimTemplates: [claim] };
    expect(problems(StatefulSet, { spec: set })).toEqual([]);
    expect(decoded(StatefulSet, { spec: set }).spec).toMatchObject({
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          spec: { volumeMode: 'Filesystem' },
          status: { phase: 'Pending' },
        },
      ],
    });
    expect(cells(StatefulSet, { spec: { ...spec, replicas: 3 }, status: { readyReplicas: 1 } })).toEqual({
      Ready: '1/3',
      Containers: 'c',
      Images: 'i:1',
    });
  });

  test.each<[string, object, string]>([
    [
      'a strategy that has no steps',
      { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
      'spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy \'RollingUpdate\'',
    ],
    [
      'a step of nothing',
      { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
    ],
    [
      'an unknown retention',
      { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Keep' } },
      'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Retain", "Delete"',
    ],
    [
      'a negative first ordinal',
      { ordinals: { start: -1 } },
      'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'a claim without a size',
      { volumeClaimTemplates: [{ ...claim, spec: { accessModes: ['ReadWriteOnce'] } }] },
      'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
    ],
    [
      'a service name with dots',
      { serviceName: 'a.b' },
      'spec.serviceName: Invalid value: "a.b": must not contain dots',
    ],
  ])('%s is refused', (_name, wrong, sentence) => {
    expect(problems(StatefulSet, { spec: { ...spec, ...wrong } })).toEqual([sentence]);
  });

  test('updates change only what running pods can follow', () => {
    const old = { spec: { ...spec, serviceName: 'web', volumeClaimTemplates: [claim] } };
    expect(problems(StatefulSet, { spec: { ...old.spec, replicas: 5, minReadySeconds: 3 } }, old)).toEqual([]);
    expect(problems(StatefulSet, { spec: { ...old.spec, serviceName: 'other' } }, old)).toEqual([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
  });

  test('replicas are counted among all', () => {
    const status = { replicas: 1, readyReplicas: 2, availableReplicas: 3 };
    expect(statusProblems(StatefulSet, { spec, status })).toEqual([
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.readyReplicas',
    ]);
  });
});

test('statuses of deployments and replica sets add up', () => {
  expect(
    statusProblems(
      Deployment,
      { spec, status: { updatedReplicas: 1, collisionCount: 1 } },
      { spec, status: { collisionCount: 2 } },
    ),
  ).toEqual([
    'status.updatedReplicas: Invalid value: 1: cannot be greater than status.replicas',
    'status.collisionCount: Invalid value: 1: cannot be decremented',
  ]);
  expect(
    statusProblems(ReplicaSet, { spec, status: { replicas: 0, availableReplicas: 1, readyReplicas: -1 } }),
  ).toEqual([
    'status.readyReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.availableReplicas: Invalid value: 1: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas',
  ]);
});

test('controller revisions say whose they are and never change', () => {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true }];
  const revision = { metadata: { name: 'web-1', ownerReferences }, revision: 2, data: { spec: {} } };
  expect(cells(ControllerRevision, revision)).toEqual({ Controller: 'statefulset.apps/web', Revision: 2 });
  expect(problems(ControllerRevision, { revision: -1 })).toEqual([
    'revision: Invalid value: -1: must be greater than or equal to 0',
    'data: Required value: data is mandatory',
  ]);
  expect(problems(ControllerRevision, { ...revision, data: {} }, revision)).toEqual([
    'data: Invalid value: {}: field is immutable',
  ]);
});
