/** VolumeAttributesClass: settings of volumes that may be changed while they are used. Source: storage.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { map, text } from '../../machinery/schema.ts';
import { required } from '../../machinery/field-error.ts';
import { ageColumn, classNameCell } from './default-class.ts';
import { parametersErrors, provisionerErrors, unchanged } from './parameter-validation.ts';

const volumeAttributesClassFields = {
  driverName: text(2),
  parameters: map(3, text).optional(),
};
export type VolumeAttributesClass = StoredObject<typeof volumeAttributesClassFields>;

/** Settings of a driver's volumes, by name; a claim may go from one to another. */
export const VolumeAttributesClass = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  scope: 'Cluster',
  answersWithDeleted: true,
  shortNames: ['vac'],
  fields: volumeAttributesClassFields,
  columns: { Name: classNameCell, DriverName: ({ driverName }) => driverName, Age: ageColumn },
  validate({ driverName, parameters = {} }, { old }) {
    return [
      ...(old ? unchanged(driverName, old.driverName, 'driverName') : []),
      ...(old ? unchanged(parameters, old.parameters ?? {}, 'parameters') : []),
      ...provisionerErrors(driverName, 'driverName'),
      ...parametersErrors(parameters, 'parameters'),
      ...(Object.keys(parameters).length === 0
        ? [required('parameters', 'must contain at least one key/value pair')]
        : []),
    ];
  },
});
