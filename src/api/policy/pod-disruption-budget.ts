import { Condition, LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, int64, intOrString, list, map, oneOf, struct, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const PodDisruptionBudgetSpec = defineStruct('PodDisruptionBudgetSpec', {
  minAvailable: intOrString(1).optional(),
  selector: struct(2, LabelSelector).patch('replace').optional(),
  maxUnavailable: intOrString(3).optional(),
  unhealthyPodEvictionPolicy: oneOf(4, ['AlwaysAllow', 'IfHealthyBudget']).optional(),
});
export type PodDisruptionBudgetSpec = TypeOf<typeof PodDisruptionBudgetSpec>;

export const PodDisruptionBudgetStatus = defineStruct('PodDisruptionBudgetStatus', {
  observedGeneration: int64(1).omitEmpty(),
  disruptedPods: map(2, time).optional(),
  disruptionsAllowed: int32(3).default(0),
  currentHealthy: int32(4).default(0),
  desiredHealthy: int32(5).default(0),
  expectedPods: int32(6).default(0),
  conditions: list(7, Condition, { type: 'map', keys: ['type'], mergeKey: 'type', patch: 'merge' }).optional(),
});
export type PodDisruptionBudgetStatus = TypeOf<typeof PodDisruptionBudgetStatus>;

const podDisruptionBudgetFields = {
  spec: struct(2, PodDisruptionBudgetSpec).default({}),
  status: struct(3, PodDisruptionBudgetStatus).default({}),
};
/** A PodDisruptionBudget. Source: policy/v1. */
export type PodDisruptionBudget = StoredObject<typeof podDisruptionBudgetFields>;

export const PodDisruptionBudget = defineResource({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  scope: 'Namespaced',
  shortNames: ['pdb'],
  subresources: ['status'],
  fields: podDisruptionBudgetFields,
});
