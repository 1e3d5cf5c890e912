import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { quantity, struct, text } from '../../machinery/schema.ts';

const csiStorageCapacityFields = {
  nodeTopology: struct(2, LabelSelector).optional(),
  storageClassName: text(3),
  capacity: quantity(4).optional(),
  maximumVolumeSize: quantity(5).optional(),
};
/** A CSIStorageCapacity. Source: storage.k8s.io/v1. */
export type CSIStorageCapacity = StoredObject<typeof csiStorageCapacityFields>;

export const CSIStorageCapacity = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  scope: 'Namespaced',
  fields: csiStorageCapacityFields,
});
