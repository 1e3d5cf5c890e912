/** StorageClass: how volumes are provisioned for claims that name it. Source: storage.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, list, map, oneOf, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { ageColumn, classNameCell } from './default-class.ts';
import { storageClassErrors } from './storage-class-validation.ts';

/** A label of nodes and the values that are allowed. */
export const TopologySelectorLabelRequirement = defineStruct('TopologySelectorLabelRequirement', {
  key: text(1),
  values: list(2, text),
});
export type TopologySelectorLabelRequirement = TypeOf<typeof TopologySelectorLabelRequirement>;

/** Nodes that volumes may be provisioned for. */
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
export type StorageClass = StoredObject<typeof storageClassFields>;

/** A way to provision volumes, by name. */
export const StorageClass = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  scope: 'Cluster',
  answersWithDeleted: true,
  shortNames: ['sc'],
  fields: storageClassFields,
  columns: {
    Name: classNameCell,
    Provisioner: ({ provisioner }) => provisioner,
    ReclaimPolicy: ({ reclaimPolicy }) => reclaimPolicy,
    VolumeBindingMode: ({ volumeBindingMode }) => volumeBindingMode,
    AllowVolumeExpansion: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
    Age: ageColumn,
  },
  immutable: ['volumeBindingMode'],
  validate: storageClassErrors,
});
