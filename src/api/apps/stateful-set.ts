/** StatefulSet: pods with names and volumes of their own, one after the other. Source: apps/v1. */
import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource, embedded } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, int64, intOrString, list, oneOf, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf, Writable } from '../../machinery/schema.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts';
import { defaultPodSpec } from '../core/pod-defaults.ts';
import { PodTemplateSpec } from '../core/pod-spec.ts';
import { workloadColumns } from '../core/workload-columns.ts';
import { statefulSetErrors } from './stateful-set-validation.ts';
import { workloadWarnings } from '../core/workload-warnings.ts';

export const StatefulSetOrdinals = defineStruct('StatefulSetOrdinals', {
  start: int32(1).default(0),
});
export type StatefulSetOrdinals = TypeOf<typeof StatefulSetOrdinals>;

export const StatefulSetPersistentVolumeClaimRetentionPolicy = defineStruct(
  'StatefulSetPersistentVolumeClaimRetentionPolicy',
  {
    whenDeleted: text(1).omitEmpty(),
    whenScaled: text(2).omitEmpty(),
  },
);
export type StatefulSetPersistentVolumeClaimRetentionPolicy = TypeOf<
  typeof StatefulSetPersistentVolumeClaimRetentionPolicy
>;

export const RollingUpdateStatefulSetStrategy = defineStruct('RollingUpdateStatefulSetStrategy', {
  partition: int32(1).optional(),
  maxUnavailable: intOrString(2).optional(),
});
export type RollingUpdateStatefulSetStrategy = TypeOf<typeof RollingUpdateStatefulSetStrategy>;

export const StatefulSetUpdateStrategy = defineStruct('StatefulSetUpdateStrategy', {
  type: oneOf(1, ['OnDelete', 'RollingUpdate']).omitEmpty(),
  rollingUpdate: struct(2, RollingUpdateStatefulSetStrategy).optional(),
});
export type StatefulSetUpdateStrategy = TypeOf<typeof StatefulSetUpdateStrategy>;

export const StatefulSetSpec = defineStruct('StatefulSetSpec', {
  replicas: int32(1).default(1),
  selector: struct(2, LabelSelector),
  template: struct(3, PodTemplateSpec),
  volumeClaimTemplates: list(4, embedded(PersistentVolumeClaim)).optional(),
  serviceName: text(5).default(''),
  podManagementPolicy: oneOf(6, ['OrderedReady', 'Parallel']).default('OrderedReady').omitEmpty(),
  updateStrategy: struct(7, StatefulSetUpdateStrategy).default({}),
  revisionHistoryLimit: int32(8).default(10),
  minReadySeconds: int32(9).omitEmpty(),
  persistentVolumeClaimRetentionPolicy: struct(10, StatefulSetPersistentVolumeClaimRetentionPolicy).optional(),
  ordinals: struct(11, StatefulSetOrdinals).optional(),
});
export type StatefulSetSpec = TypeOf<typeof StatefulSetSpec>;

export const StatefulSetCondition = defineStruct('StatefulSetCondition', {
  type: text(1),
  status: text(2),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});
export type StatefulSetCondition = TypeOf<typeof StatefulSetCondition>;

export const StatefulSetStatus = defineStruct('StatefulSetStatus', {
  observedGeneration: int64(1).omitEmpty(),
  replicas: int32(2),
  readyReplicas: int32(3).omitEmpty(),
  currentReplicas: int32(4).omitEmpty(),
  updatedReplicas: int32(5).omitEmpty(),
  currentRevision: text(6).omitEmpty(),
  updateRevision: text(7).omitEmpty(),
  collisionCount: int32(9).optional(),
  conditions: list(10, StatefulSetCondition, {
    type: 'map',
    keys: ['type'],
    mergeKey: 'type',
    patch: 'merge',
  }).optional(),
  availableReplicas: int32(11).default(0),
});
export type StatefulSetStatus = TypeOf<typeof StatefulSetStatus>;

const statefulSetFields = {
  spec: struct(2, StatefulSetSpec).default({}),
  status: struct(3, StatefulSetStatus).default({}),
};
export type StatefulSet = StoredObject<typeof statefulSetFields>;

export const StatefulSet = defineResource({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  scope: 'Namespaced',
  shortNames: ['sts'],
  categories: ['all'],
  subresources: ['status', 'scale'],
  fields: statefulSetFields,
  nameFormat: 'label',
  scale: {
    replicas: ({ spec }) => spec.replicas,
    statusReplicas: ({ status }) => status.replicas,
    selector: ({ spec }) => formatLabelSelector(spec.selector),
  },
  columns: {
    Ready: {
      description: 'Number of the pod with ready state',
      value: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas}`,
    },
    Containers: workloadColumns.Containers,
    Images: workloadColumns.Images,
  },
  validate: statefulSetErrors,
  warnings: workloadWarnings,
  defaults: ({ spec }) => defaultStatefulSet(spec),
});

function defaultStatefulSet(spec: Writable<StatefulSetSpec>): void {
  defaultPodSpec(spec.template.spec);
  const { updateStrategy: strategy } = spec;
  // A strategy without a type is a rolling one from the first replica on.
  if (!strategy.type) {
    strategy.type = 'RollingUpdate';
    strategy.rollingUpdate = { partition: 0, ...strategy.rollingUpdate };
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) {
    strategy.rollingUpdate.partition ??= 0;
    strategy.rollingUpdate.maxUnavailable ??= 1;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain';
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain';
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion = PersistentVolumeClaim.apiVersion;
    claim.kind = PersistentVolumeClaim.kind;
  }
}
