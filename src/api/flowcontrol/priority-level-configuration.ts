/** PriorityLevelConfiguration: how many requests of a level run at once, and what becomes of the others. Source: flowcontrol.apiserver.k8s.io/v1. */
import { defineResource, statusMetadata } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, list, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { priorityLevelErrors } from './priority-level-validation.ts';

/** A level without limit, and what it lends to others. */
export const ExemptPriorityLevelConfiguration = defineStruct('ExemptPriorityLevelConfiguration', {
  nominalConcurrencyShares: int32(1).default(0),
  lendablePercent: int32(2).default(0),
});
export type ExemptPriorityLevelConfiguration = TypeOf<typeof ExemptPriorityLevelConfiguration>;

/** Queues, and how many of them a flow's requests may go to. */
export const QueuingConfiguration = defineStruct('QueuingConfiguration', {
  queues: int32(1).default(64).omitEmpty(),
  handSize: int32(2).default(8).omitEmpty(),
  queueLengthLimit: int32(3).default(50).omitEmpty(),
});
export type QueuingConfiguration = TypeOf<typeof QueuingConfiguration>;

/** What becomes of requests over the limit: `Queue` or `Reject`. */
export const LimitResponse = defineStruct('LimitResponse', {
  type: text(1),
  queuing: struct(2, QueuingConfiguration).optional(),
});
export type LimitResponse = TypeOf<typeof LimitResponse>;

/** A level's share of the requests that the server runs at once. */
export const LimitedPriorityLevelConfiguration = defineStruct('LimitedPriorityLevelConfiguration', {
  nominalConcurrencyShares: int32(1).default(30),
  limitResponse: struct(2, LimitResponse).default({}),
  lendablePercent: int32(3).default(0),
  borrowingLimitPercent: int32(4).optional(),
});
export type LimitedPriorityLevelConfiguration = TypeOf<typeof LimitedPriorityLevelConfiguration>;

/** Limited or exempt; the member that `type` names is set. */
export const PriorityLevelConfigurationSpec = defineStruct('PriorityLevelConfigurationSpec', {
  type: text(1),
  limited: struct(2, LimitedPriorityLevelConfiguration).optional(),
  exempt: struct(3, ExemptPriorityLevelConfiguration).optional(),
});
export type PriorityLevelConfigurationSpec = TypeOf<typeof PriorityLevelConfigurationSpec>;

/** One aspect of a level's state. */
export const PriorityLevelConfigurationCondition = defineStruct('PriorityLevelConfigurationCondition', {
  type: text(1).omitEmpty(),
  status: text(2).omitEmpty(),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});
export type PriorityLevelConfigurationCondition = TypeOf<typeof PriorityLevelConfigurationCondition>;

/** What the server found of the level. */
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
export type PriorityLevelConfiguration = StoredObject<typeof priorityLevelConfigurationFields>;

/** A class of requests that share a limit. */
export const PriorityLevelConfiguration = defineResource({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  scope: 'Cluster',
  subresources: ['status'],
  fields: priorityLevelConfigurationFields,
  keptFromStatus: statusMetadata,
  columns: {
    Type: ({ spec }) => spec.type,
    NominalConcurrencyShares: ({ spec }) => spec.limited?.nominalConcurrencyShares ?? '<none>',
    Queues: ({ spec }) => spec.limited?.limitResponse.queuing?.queues ?? '<none>',
    HandSize: ({ spec }) => spec.limited?.limitResponse.queuing?.handSize ?? '<none>',
    QueueLengthLimit: ({ spec }) => spec.limited?.limitResponse.queuing?.queueLengthLimit ?? '<none>',
  },
  validate: priorityLevelErrors,
});
