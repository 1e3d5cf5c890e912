import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const VolumeNodeResources = defineStruct('VolumeNodeResources', {
  count: int32(1).optional(),
});
export type VolumeNodeResources = TypeOf<typeof VolumeNodeResources>;

export const CSINodeDriver = defineStruct('CSINodeDriver', {
  name: text(1),
  nodeID: text(2),
  topologyKeys: list(3, text).optional(),
  allocatable: struct(4, VolumeNodeResources).optional(),
});
export type CSINodeDriver = TypeOf<typeof CSINodeDriver>;

export const CSINodeSpec = defineStruct('CSINodeSpec', {
  drivers: list(1, CSINodeDriver, { type: 'map', keys: ['name'], mergeKey: 'name', patch: 'merge' }),
});
export type CSINodeSpec = TypeOf<typeof CSINodeSpec>;

const csiNodeFields = {
  spec: struct(2, CSINodeSpec),
};
/** A CSINode. Source: storage.k8s.io/v1. */
export type CSINode = StoredObject<typeof csiNodeFields>;

export const CSINode = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  scope: 'Cluster',
  fields: csiNodeFields,
});
