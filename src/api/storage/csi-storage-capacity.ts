/** CSIStorageCapacity: how much a driver can still provision, for a class and a part of the cluster. Source: storage.k8s.io/v1. */
import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { quantity, struct, text } from '../../machinery/schema.ts';
import { invalid } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors, negativeError } from '../../machinery/formats.ts';
import { labelSelectorErrors } from '../../machinery/label-validation.ts';
import { compareQuantities } from '../../machinery/quantity.ts';

const csiStorageCapacityFields = {
  nodeTopology: struct(2, LabelSelector).optional(),
  storageClassName: text(3),
  capacity: quantity(4).optional(),
  maximumVolumeSize: quantity(5).optional(),
};
export type CSIStorageCapacity = StoredObject<typeof csiStorageCapacityFields>;

/** What can still be provisioned for a storage class on the nodes that a selector names. */
export const CSIStorageCapacity = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  scope: 'Namespaced',
  fields: csiStorageCapacityFields,
  columns: {
    Name: ({ metadata }) => metadata.name,
    StorageClassName: ({ storageClassName }) => storageClassName,
    Capacity: ({ capacity }) => capacity ?? '<unset>',
  },
  immutable: ['nodeTopology', 'storageClassName'],
  validate({ nodeTopology, storageClassName, capacity }, { old }) {
    if (old) return [];
    const faults = dns1123SubdomainErrors(storageClassName);
    return [
      ...labelSelectorErrors(nodeTopology, 'nodeTopology'),
      ...faults.map((detail) => invalid('storageClassName', storageClassName, detail)),
      ...(capacity !== undefined && compareQuantities(capacity, 0) < 0
        ? [invalid('capacity', capacity, negativeError)]
        : []),
    ];
  },
});
