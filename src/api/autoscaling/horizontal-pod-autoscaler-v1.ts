/** HorizontalPodAutoscaler as it was first: by the use of the CPU alone. Source: autoscaling/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf, StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, int64, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { toV1, toV2 } from './hpa-conversion.ts';
import { autoscalerColumns } from './horizontal-pod-autoscaler-columns.ts';
import { autoscalerErrors } from './horizontal-pod-autoscaler-validation.ts';
import { HorizontalPodAutoscaler as Stored } from './horizontal-pod-autoscaler.ts';

export const CrossVersionObjectReference = defineStruct(
  'CrossVersionObjectReference',
  {
    kind: text(1),
    name: text(2),
    apiVersion: text(3).omitEmpty(),
  },
  { atomic: true },
);
export type CrossVersionObjectReference = TypeOf<typeof CrossVersionObjectReference>;

export const HorizontalPodAutoscalerSpec = defineStruct('HorizontalPodAutoscalerSpec', {
  scaleTargetRef: struct(1, CrossVersionObjectReference),
  minReplicas: int32(2).optional(),
  maxReplicas: int32(3),
  targetCPUUtilizationPercentage: int32(4).optional(),
});
export type HorizontalPodAutoscalerSpec = TypeOf<typeof HorizontalPodAutoscalerSpec>;

export const HorizontalPodAutoscalerStatus = defineStruct('HorizontalPodAutoscalerStatus', {
  observedGeneration: int64(1).optional(),
  lastScaleTime: time(2).optional(),
  currentReplicas: int32(3),
  desiredReplicas: int32(4),
  currentCPUUtilizationPercentage: int32(5).optional(),
});
export type HorizontalPodAutoscalerStatus = TypeOf<typeof HorizontalPodAutoscalerStatus>;

const horizontalPodAutoscalerFields = {
  spec: struct(2, HorizontalPodAutoscalerSpec),
  status: struct(3, HorizontalPodAutoscalerStatus).default({}),
};
export type HorizontalPodAutoscaler = StoredObject<typeof horizontalPodAutoscalerFields>;

export const HorizontalPodAutoscaler = defineResource({
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  scope: 'Namespaced',
  shortNames: ['hpa'],
  categories: ['all'],
  subresources: ['status'],
  countsGeneration: false,
  storedAs: { resource: Stored, toStored: toV2, fromStored: (object) => toV1(object as ObjectOf<typeof Stored>) },
  fields: horizontalPodAutoscalerFields,
  columns: Object.fromEntries(
    Object.entries(autoscalerColumns).map(([name, column]) => [
      name,
      (object: HorizontalPodAutoscaler, now: number) =>
        typeof column === 'function' ? column(toV2(object), now) : column.value(toV2(object), now),
    ]),
  ),
  defaults({ spec }) {
    spec.minReplicas ??= 1;
  },
  validate: (object, { old, subresource }) => autoscalerErrors(toV2(object), { old: old && toV2(old), subresource }),
});
