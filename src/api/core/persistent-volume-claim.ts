/** PersistentVolumeClaim: what a namespace asks of storage, and the volume that it got. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, map, oneOf, quantity, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { settleClaimSources } from './claim-sources.ts';
import { claimErrors } from './persistent-volume-claim-validation.ts';
import { claimColumns } from './volume-columns.ts';
import { PersistentVolumeClaimSpec } from './volume.ts';

export const ModifyVolumeStatus = defineStruct('ModifyVolumeStatus', {
  targetVolumeAttributesClassName: text(1).omitEmpty(),
  status: oneOf(2, ['InProgress', 'Infeasible', 'Pending']),
});
export type ModifyVolumeStatus = TypeOf<typeof ModifyVolumeStatus>;

export const PersistentVolumeClaimCondition = defineStruct('PersistentVolumeClaimCondition', {
  type: text(1),
  status: text(2),
  lastProbeTime: time(3).omitEmpty(),
  lastTransitionTime: time(4).omitEmpty(),
  reason: text(5).omitEmpty(),
  message: text(6).omitEmpty(),
});
export type PersistentVolumeClaimCondition = TypeOf<typeof PersistentVolumeClaimCondition>;

export const PersistentVolumeClaimStatus = defineStruct('PersistentVolumeClaimStatus', {
  phase: oneOf(1, ['Bound', 'Lost', 'Pending']).default('Pending').omitEmpty(),
  accessModes: list(2, text).optional(),
  capacity: map(3, quantity).optional(),
  conditions: list(4, PersistentVolumeClaimCondition, {
    type: 'map',
    keys: ['type'],
    mergeKey: 'type',
    patch: 'merge',
  }).optional(),
  allocatedResources: map(5, quantity).optional(),
  allocatedResourceStatuses: map(7, text).optional(),
  currentVolumeAttributesClassName: text(8).optional(),
  modifyVolumeStatus: struct(9, ModifyVolumeStatus).optional(),
});
export type PersistentVolumeClaimStatus = TypeOf<typeof PersistentVolumeClaimStatus>;

const persistentVolumeClaimFields = {
  spec: struct(2, PersistentVolumeClaimSpec).default({}),
  status: struct(3, PersistentVolumeClaimStatus).default({}),
};
export type PersistentVolumeClaim = StoredObject<typeof persistentVolumeClaimFields>;

export const PersistentVolumeClaim = defineResource({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  scope: 'Namespaced',
  answersWithDeleted: true,
  shortNames: ['pvc'],
  subresources: ['status'],
  countsGeneration: false,
  fields: persistentVolumeClaimFields,
  columns: claimColumns,
  selectableFields: { name: ({ metadata }) => metadata.name },
  validate: claimErrors,
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
    settleClaimSources(claim.spec);
  },
  prepareForUpdate: ({ spec }) => settleClaimSources(spec),
});
