/** PodDisruptionBudget: how many pods may be missing on purpose at a time. Source: policy/v1. */
import { Condition, LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, int64, intOrString, list, map, oneOf, struct, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { disruptionBudgetErrors } from './pod-disruption-budget-validation.ts';

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
  columns: {
    'Min Available': {
      description: 'The minimum number of pods that must be available.',
      value: ({ spec }) => String(spec.minAvailable ?? 'N/A'),
    },
    'Max Unavailable': {
      description: 'The maximum number of pods that may be unavailable.',
      value: ({ spec }) => String(spec.maxUnavailable ?? 'N/A'),
    },
    'Allowed Disruptions': {
      type: 'integer',
      description: 'Calculated number of pods that may be disrupted at this time.',
      value: ({ status }) => status.disruptionsAllowed,
    },
  },
  validate: disruptionBudgetErrors,
});
