import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, list, map, oneOf, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const TopologySelectorLabelRequirement = defineStruct('TopologySelectorLabelRequirement', {
  key: text(1),
  values: list(2, text),
});
export type TopologySelectorLabelRequirement = TypeOf<typeof TopologySelectorLabelRequirement>;

export const TopologySelectorTerm = defineStruct(
  'TopologySelectorTerm',
  {
    matchLabelExpressions: list(1, TopologySelectorLabelRequirement).optional(),
  },
  { atomic: true },
);
export type TopologySelectorTerm = TypeOf<typeof TopologySelectorTerm>;

const storageClassFields = {
  provisioner: text(2),
  parameters: map(3, text).optional(),
  reclaimPolicy: oneOf(4, ['Delete', 'Recycle', 'Retain']).default('Delete'),
  mountOptions: list(5, text).optional(),
  allowVolumeExpansion: bool(6).optional(),
  volumeBindingMode: oneOf(7, ['Immediate', 'WaitForFirstConsumer']).default('Immediate'),
  allowedTopologies: list(8, TopologySelectorTerm).optional(),
};
/** A StorageClass. Source: storage.k8s.io/v1. */
export type StorageClass = StoredObject<typeof storageClassFields>;

export const StorageClass = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  scope: 'Cluster',
  shortNames: ['sc'],
  fields: storageClassFields,
});
