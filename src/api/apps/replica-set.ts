/** ReplicaSet: a number of equal pods. Source: apps/v1. */
import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, int64, list, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { PodTemplateSpec } from '../core/pod-spec.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import { defaultPodSpec } from '../core/pod-defaults.ts';
import { workloadColumns } from '../core/workload-columns.ts';
import { replicaSetErrors } from './replica-set-validation.ts';
import { namingWorkloadWarnings } from '../core/workload-warnings.ts';

export const ReplicaSetSpec = defineStruct('ReplicaSetSpec', {
  replicas: int32(1).default(1),
  selector: struct(2, LabelSelector),
  template: struct(3, PodTemplateSpec).default({}),
  minReadySeconds: int32(4).omitEmpty(),
});
export type ReplicaSetSpec = TypeOf<typeof ReplicaSetSpec>;

export const ReplicaSetCondition = defineStruct('ReplicaSetCondition', {
  type: text(1),
  status: text(2),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});
export type ReplicaSetCondition = TypeOf<typeof ReplicaSetCondition>;

export const ReplicaSetStatus = defineStruct('ReplicaSetStatus', {
  replicas: int32(1),
  fullyLabeledReplicas: int32(2).omitEmpty(),
  observedGeneration: int64(3).omitEmpty(),
  readyReplicas: int32(4).omitEmpty(),
  availableReplicas: int32(5).omitEmpty(),
  conditions: list(6, ReplicaSetCondition, {
    type: 'map',
    keys: ['type'],
    mergeKey: 'type',
    patch: 'merge',
  }).optional(),
  terminatingReplicas: int32(7).optional(),
});
export type ReplicaSetStatus = TypeOf<typeof ReplicaSetStatus>;

const replicaSetFields = {
  spec: struct(2, ReplicaSetSpec).default({}),
  status: struct(3, ReplicaSetStatus).default({}),
};
export type ReplicaSet = StoredObject<typeof replicaSetFields>;

export const ReplicaSet = defineResource({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  scope: 'Namespaced',
  shortNames: ['rs'],
  categories: ['all'],
  subresources: ['status', 'scale'],
  fields: replicaSetFields,
  scale: {
    replicas: ({ spec }) => spec.replicas,
    statusReplicas: ({ status }) => status.replicas,
    selector: ({ spec }) => formatLabelSelector(spec.selector),
  },
  columns: {
    Desired: { type: 'integer', value: ({ spec }) => spec.replicas },
    Current: { type: 'integer', value: ({ status }) => status.replicas },
    Ready: { type: 'integer', value: ({ status }) => status.readyReplicas ?? 0 },
    ...workloadColumns,
  },
  immutable: ['spec.selector'],
  validate: replicaSetErrors,
  warnings: namingWorkloadWarnings,
  selectableFields: { 'status.replicas': ({ status }) => String(status.replicas) },
  defaults: ({ spec }) => defaultPodSpec(spec.template.spec),
});
