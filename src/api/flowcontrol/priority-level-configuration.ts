import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, list, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const ExemptPriorityLevelConfiguration = defineStruct('ExemptPriorityLevelConfiguration', {
  nominalConcurrencyShares: int32(1).optional(),
  lendablePercent: int32(2).optional(),
});
export type ExemptPriorityLevelConfiguration = TypeOf<typeof ExemptPriorityLevelConfiguration>;

export const QueuingConfiguration = defineStruct('QueuingConfiguration', {
  queues: int32(1).default(0),
  handSize: int32(2).default(0),
  queueLengthLimit: int32(3).default(0),
});
export type QueuingConfiguration = TypeOf<typeof QueuingConfiguration>;

export const LimitResponse = defineStruct('LimitResponse', {
  type: text(1),
  queuing: struct(2, QueuingConfiguration).optional(),
});
export type LimitResponse = TypeOf<typeof LimitResponse>;

export const LimitedPriorityLevelConfiguration = defineStruct('LimitedPriorityLevelConfiguration', {
  nominalConcurrencyShares: int32(1).optional(),
  limitResponse: struct(2, LimitResponse).default({}),
  lendablePercent: int32(3).optional(),
  borrowingLimitPercent: int32(4).optional(),
});
export type LimitedPriorityLevelConfiguration = TypeOf<typeof LimitedPriorityLevelConfiguration>;

export const PriorityLevelConfigurationSpec = defineStruct('PriorityLevelConfigurationSpec', {
  type: text(1),
  limited: struct(2, LimitedPriorityLevelConfiguration).optional(),
  exempt: struct(3, ExemptPriorityLevelConfiguration).optional(),
});
export type PriorityLevelConfigurationSpec = TypeOf<typeof PriorityLevelConfigurationSpec>;

export const PriorityLevelConfigurationCondition = defineStruct('PriorityLevelConfigurationCondition', {
  type: text(1).omitEmpty(),
  status: text(2).omitEmpty(),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});
export type PriorityLevelConfigurationCondition = TypeOf<typeof PriorityLevelConfigurationCondition>;

export const PriorityLevelConfigurationStatus = defineStruct('PriorityLevelConfigurationStatus', {
  conditions: list(1, PriorityLevelConfigurationCondition, {
    type: 'map',
    keys: ['type'],
    mergeKey: 'type',
    patch: 'merge',
  }).optional(),
});
export type PriorityLevelConfigurationStatus = TypeOf<typeof PriorityLevelConfigurationStatus>;

const priorityLevelConfigurationFields = {
  spec: struct(2, PriorityLevelConfigurationSpec).default({}),
  status: struct(3, PriorityLevelConfigurationStatus).default({}),
};
/** A PriorityLevelConfiguration. Source: flowcontrol.apiserver.k8s.io/v1. */
export type PriorityLevelConfiguration = StoredObject<typeof priorityLevelConfigurationFields>;

export const PriorityLevelConfiguration = defineResource({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  scope: 'Cluster',
  subresources: ['status'],
  fields: priorityLevelConfigurationFields,
});
