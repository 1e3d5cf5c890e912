/** The parts of objects that every kind shares. Source: meta/v1. */
import { bool, defineStruct, int64, json, list, map, oneOf, struct, text, time } from './schema.ts';
import type { TypeOf } from './schema.ts';

/** Says who owns an object; the garbage collector follows it. */
export const OwnerReference = defineStruct(
  'OwnerReference',
  {
    apiVersion: text(5),
    kind: text(1),
    name: text(3),
    uid: text(4),
    controller: bool(6).optional(),
    blockOwnerDeletion: bool(7).optional(),
  },
  { atomic: true },
);
export type OwnerReference = TypeOf<typeof OwnerReference>;

/** Which fields a field manager set, and when. */
export const ManagedFieldsEntry = defineStruct('ManagedFieldsEntry', {
  manager: text(1).omitEmpty(),
  operation: text(2).omitEmpty(),
  apiVersion: text(3).omitEmpty(),
  time: time(4).optional(),
  fieldsType: text(6).omitEmpty(),
  fieldsV1: json(7).optional(),
  subresource: text(8).omitEmpty(),
});
export type ManagedFieldsEntry = TypeOf<typeof ManagedFieldsEntry>;

const metaFields = {
  generateName: text(2).omitEmpty(),
  namespace: text(3).omitEmpty(),
  selfLink: text(4).omitEmpty(),
  generation: int64(7).omitEmpty(),
  deletionTimestamp: time(9).optional(),
  deletionGracePeriodSeconds: int64(10).optional(),
  labels: map(11, text).optional(),
  annotations: map(12, text).optional(),
  ownerReferences: list(13, OwnerReference, { type: 'map', keys: ['uid'], mergeKey: 'uid', patch: 'merge' }).optional(),
  finalizers: list(14, text, { type: 'set', patch: 'merge' }).optional(),
  managedFields: list(17, ManagedFieldsEntry).optional(),
};

/** Metadata of a stored object: name, uid, version and creation time are always there. */
export const ObjectMeta = defineStruct('ObjectMeta', {
  name: text(1),
  uid: text(5),
  resourceVersion: text(6),
  creationTimestamp: time(8),
  ...metaFields,
});
export type ObjectMeta = TypeOf<typeof ObjectMeta>;

/** Metadata as clients send it, and of pod templates: everything may be absent. */
export const DraftMeta = defineStruct('ObjectMeta', {
  name: text(1).omitEmpty(),
  uid: text(5).omitEmpty(),
  resourceVersion: text(6).omitEmpty(),
  creationTimestamp: time(8).omitEmpty(),
  ...metaFields,
});
export type DraftMeta = TypeOf<typeof DraftMeta>;

const ShardInfo = defineStruct('ShardInfo', { selector: text(1) });

/** Metadata of a list. */
export const ListMeta = defineStruct('ListMeta', {
  selfLink: text(1).omitEmpty(),
  resourceVersion: text(2).omitEmpty(),
  continue: text(3).omitEmpty(),
  remainingItemCount: int64(4).optional(),
  shardInfo: struct(5, ShardInfo).optional(),
});
export type ListMeta = TypeOf<typeof ListMeta>;

/** One requirement of a label selector. */
export const LabelSelectorRequirement = defineStruct('LabelSelectorRequirement', {
  key: text(1),
  operator: text(2),
  values: list(3, text).optional(),
});
export type LabelSelectorRequirement = TypeOf<typeof LabelSelectorRequirement>;

/** Selects objects by label; empty selects all, absent selects none. */
export const LabelSelector = defineStruct(
  'LabelSelector',
  {
    matchLabels: map(1, text).optional(),
    matchExpressions: list(2, LabelSelectorRequirement).optional(),
  },
  { atomic: true },
);
export type LabelSelector = TypeOf<typeof LabelSelector>;

/** One aspect of an object's state. */
export const Condition = defineStruct('Condition', {
  type: text(1),
  status: oneOf(2, ['True', 'False', 'Unknown']),
  observedGeneration: int64(3).omitEmpty(),
  lastTransitionTime: time(4),
  reason: text(5),
  message: text(6),
});
export type Condition = TypeOf<typeof Condition>;

/** Preconditions of a delete. */
export const Preconditions = defineStruct('Preconditions', {
  uid: text(1).optional(),
  resourceVersion: text(2).optional(),
});
export type Preconditions = TypeOf<typeof Preconditions>;

/** The body of a delete request. */
export const DeleteOptions = defineStruct('DeleteOptions', {
  gracePeriodSeconds: int64(1).optional(),
  preconditions: struct(2, Preconditions).optional(),
  orphanDependents: bool(3).optional(),
  propagationPolicy: oneOf(4, ['Orphan', 'Background', 'Foreground']).optional(),
  dryRun: list(5, text).optional(),
  ignoreStoreReadErrorWithClusterBreakingPotential: bool(6).optional(),
});
export type DeleteOptions = TypeOf<typeof DeleteOptions>;

/** A group, version and kind. */
export const GroupVersionKind = defineStruct('GroupVersionKind', { group: text(1), version: text(2), kind: text(3) });
export type GroupVersionKind = TypeOf<typeof GroupVersionKind>;
