/** ReplicationController: a number of equal pods, as it was stated before ReplicaSets. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, int64, list, map, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { equalitySelector } from '../../machinery/selector.ts';
import { defaultPodSpec } from './pod-defaults.ts';
import { PodTemplateSpec } from './pod-spec.ts';
import { replicationControllerErrors } from './replication-controller-validation.ts';
import { containerImages, containerNames, workloadColumns } from './workload-columns.ts';
import { namingWorkloadWarnings } from './workload-warnings.ts';

export const ReplicationControllerSpec = defineStruct('ReplicationControllerSpec', {
  replicas: int32(1).default(1),
  selector: map(2, text, { atomic: true }).optional(),
  template: struct(3, PodTemplateSpec).optional(),
  minReadySeconds: int32(4).omitEmpty(),
});
export type ReplicationControllerSpec = TypeOf<typeof ReplicationControllerSpec>;

export const ReplicationControllerCondition = defineStruct('ReplicationControllerCondition', {
  type: text(1),
  status: text(2),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});
export type ReplicationControllerCondition = TypeOf<typeof ReplicationControllerCondition>;

export const ReplicationControllerStatus = defineStruct('ReplicationControllerStatus', {
  replicas: int32(1),
  fullyLabeledReplicas: int32(2).omitEmpty(),
  observedGeneration: int64(3).omitEmpty(),
  readyReplicas: int32(4).omitEmpty(),
  availableReplicas: int32(5).omitEmpty(),
  conditions: list(6, ReplicationControllerCondition, {
    type: 'map',
    keys: ['type'],
    mergeKey: 'type',
    patch: 'merge',
  }).optional(),
});
export type ReplicationControllerStatus = TypeOf<typeof ReplicationControllerStatus>;

const replicationControllerFields = {
  spec: struct(2, ReplicationControllerSpec).default({}),
  status: struct(3, ReplicationControllerStatus).default({}),
};
export type ReplicationController = StoredObject<typeof replicationControllerFields>;

export const ReplicationController = defineResource({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  scope: 'Namespaced',
  shortNames: ['rc'],
  categories: ['all'],
  subresources: ['status', 'scale'],
  fields: replicationControllerFields,
  orphansDependents: {},
  scale: {
    replicas: ({ spec }) => spec.replicas,
    statusReplicas: ({ status }) => status.replicas,
    selector: ({ spec }) => equalitySelector(spec.selector ?? {}),
  },
  columns: {
    Desired: { type: 'integer', value: ({ spec }) => spec.replicas },
    Current: { type: 'integer', value: ({ status }) => status.replicas },
    Ready: { type: 'integer', value: ({ status }) => status.readyReplicas ?? 0 },
    Containers: { ...workloadColumns.Containers, value: ({ spec }) => containerNames(spec.template) },
    Images: { ...workloadColumns.Images, value: ({ spec }) => containerImages(spec.template) },
    Selector: { wide: true, value: ({ spec }) => equalitySelector(spec.selector ?? {}) || '<none>' },
  },
  selectableFields: { 'status.replicas': ({ status }) => String(status.replicas) },
  validate: replicationControllerErrors,
  warnings: namingWorkloadWarnings,
  defaults({ metadata, spec }) {
    if (!spec.template) return;
    defaultPodSpec(spec.template.spec);
    const { labels } = spec.template.metadata;
    if (!labels) return;
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  },
});
