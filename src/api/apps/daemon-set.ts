/** DaemonSet: a pod on each node that fits. Source: apps/v1. */
import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, int64, intOrString, list, oneOf, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { equalitySelector } from '../../machinery/selector.ts';
import { defaultPodSpec } from '../core/pod-defaults.ts';
import { PodTemplateSpec } from '../core/pod-spec.ts';
import { workloadColumns } from '../core/workload-columns.ts';
import { daemonSetErrors } from './daemon-set-validation.ts';
import { workloadWarnings } from '../core/workload-warnings.ts';

export const RollingUpdateDaemonSet = defineStruct('RollingUpdateDaemonSet', {
  maxUnavailable: intOrString(1).optional(),
  maxSurge: intOrString(2).optional(),
});
export type RollingUpdateDaemonSet = TypeOf<typeof RollingUpdateDaemonSet>;

export const DaemonSetUpdateStrategy = defineStruct('DaemonSetUpdateStrategy', {
  type: oneOf(1, ['OnDelete', 'RollingUpdate']).omitEmpty(),
  rollingUpdate: struct(2, RollingUpdateDaemonSet).optional(),
});
export type DaemonSetUpdateStrategy = TypeOf<typeof DaemonSetUpdateStrategy>;

export const DaemonSetSpec = defineStruct('DaemonSetSpec', {
  selector: struct(1, LabelSelector),
  template: struct(2, PodTemplateSpec),
  updateStrategy: struct(3, DaemonSetUpdateStrategy).default({}),
  minReadySeconds: int32(4).omitEmpty(),
  revisionHistoryLimit: int32(6).default(10),
});
export type DaemonSetSpec = TypeOf<typeof DaemonSetSpec>;

export const DaemonSetCondition = defineStruct('DaemonSetCondition', {
  type: text(1),
  status: text(2),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});
export type DaemonSetCondition = TypeOf<typeof DaemonSetCondition>;

export const DaemonSetStatus = defineStruct('DaemonSetStatus', {
  currentNumberScheduled: int32(1),
  numberMisscheduled: int32(2),
  desiredNumberScheduled: int32(3),
  numberReady: int32(4),
  observedGeneration: int64(5).omitEmpty(),
  updatedNumberScheduled: int32(6).omitEmpty(),
  numberAvailable: int32(7).omitEmpty(),
  numberUnavailable: int32(8).omitEmpty(),
  collisionCount: int32(9).optional(),
  conditions: list(10, DaemonSetCondition, {
    type: 'map',
    keys: ['type'],
    mergeKey: 'type',
    patch: 'merge',
  }).optional(),
});
export type DaemonSetStatus = TypeOf<typeof DaemonSetStatus>;

const daemonSetFields = {
  spec: struct(2, DaemonSetSpec).default({}),
  status: struct(3, DaemonSetStatus).default({}),
};
export type DaemonSet = StoredObject<typeof daemonSetFields>;

export const DaemonSet = defineResource({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  scope: 'Namespaced',
  shortNames: ['ds'],
  categories: ['all'],
  subresources: ['status'],
  fields: daemonSetFields,
  immutable: ['spec.selector'],
  columns: {
    Desired: { type: 'integer', value: ({ status }) => status.desiredNumberScheduled },
    Current: { type: 'integer', value: ({ status }) => status.currentNumberScheduled },
    Ready: { type: 'integer', value: ({ status }) => status.numberReady },
    'Up-to-date': { type: 'integer', value: ({ status }) => status.updatedNumberScheduled ?? 0 },
    Available: { type: 'integer', value: ({ status }) => status.numberAvailable ?? 0 },
    'Node Selector': ({ spec }) => equalitySelector(spec.template.spec.nodeSelector ?? {}) || '<none>',
    ...workloadColumns,
  },
  validate: daemonSetErrors,
  warnings: workloadWarnings,
  defaults({ spec }) {
    defaultPodSpec(spec.template.spec);
    spec.updateStrategy.type ||= 'RollingUpdate';
    if (spec.updateStrategy.type !== 'RollingUpdate') return;
    spec.updateStrategy.rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...spec.updateStrategy.rollingUpdate };
  },
});
