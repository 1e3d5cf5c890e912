import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { map, text } from '../../machinery/schema.ts';

const volumeAttributesClassFields = {
  driverName: text(2),
  parameters: map(3, text).optional(),
};
/** A VolumeAttributesClass. Source: storage.k8s.io/v1. */
export type VolumeAttributesClass = StoredObject<typeof volumeAttributesClassFields>;

export const VolumeAttributesClass = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  scope: 'Cluster',
  shortNames: ['vac'],
  fields: volumeAttributesClassFields,
});
