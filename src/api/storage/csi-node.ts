/** CSINode: which CSI drivers run on a node. Source: storage.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { csiNodeErrors } from './csi-node-validation.ts';

/** How many volumes of a driver the node can have. */
export const VolumeNodeResources = defineStruct('VolumeNodeResources', {
  count: int32(1).optional(),
});
export type VolumeNodeResources = TypeOf<typeof VolumeNodeResources>;

/** A driver on the node, and the node under the name that the driver gives it. */
export const CSINodeDriver = defineStruct('CSINodeDriver', {
  name: text(1),
  nodeID: text(2),
  topologyKeys: list(3, text).optional(),
  allocatable: struct(4, VolumeNodeResources).optional(),
});
export type CSINodeDriver = TypeOf<typeof CSINodeDriver>;

/** The drivers on the node. */
export const CSINodeSpec = defineStruct('CSINodeSpec', {
  drivers: list(1, CSINodeDriver, { type: 'map', keys: ['name'], mergeKey: 'name', patch: 'merge' }),
});
export type CSINodeSpec = TypeOf<typeof CSINodeSpec>;

const csiNodeFields = {
  spec: struct(2, CSINodeSpec),
};
export type CSINode = StoredObject<typeof csiNodeFields>;

/** The CSI drivers of a node, under the node's name. */
export const CSINode = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  scope: 'Cluster',
  answersWithDeleted: true,
  fields: csiNodeFields,
  countsGeneration: false,
  columns: { Drivers: { value: ({ spec }) => spec.drivers.length, type: 'integer' } },
  validate: csiNodeErrors,
});
