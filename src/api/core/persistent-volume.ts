/** PersistentVolume: storage that outlives pods, in the whole cluster. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, inlined, list, map, oneOf, quantity, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { ObjectReference } from './endpoints.ts';
import { PersistentVolumeSource } from './persistent-volume-source.ts';
import { persistentVolumeErrors } from './persistent-volume-validation.ts';
import { NodeSelector } from './pod-spec.ts';
import { persistentVolumeColumns } from './volume-columns.ts';

export const VolumeNodeAffinity = defineStruct('VolumeNodeAffinity', {
  required: struct(1, NodeSelector).optional(),
});
export type VolumeNodeAffinity = TypeOf<typeof VolumeNodeAffinity>;

export const PersistentVolumeSpec = defineStruct('PersistentVolumeSpec', {
  capacity: map(1, quantity).optional(),
  ...inlined(2, PersistentVolumeSource),
  accessModes: list(3, text).optional(),
  claimRef: struct(4, ObjectReference).optional(),
  persistentVolumeReclaimPolicy: oneOf(5, ['Delete', 'Recycle', 'Retain']).default('Retain').omitEmpty(),
  storageClassName: text(6).omitEmpty(),
  mountOptions: list(7, text).optional(),
  volumeMode: oneOf(8, ['Block', 'Filesystem']).default('Filesystem'),
  nodeAffinity: struct(9, VolumeNodeAffinity).optional(),
  volumeAttributesClassName: text(10).optional(),
});
export type PersistentVolumeSpec = TypeOf<typeof PersistentVolumeSpec>;

export const PersistentVolumeStatus = defineStruct('PersistentVolumeStatus', {
  phase: oneOf(1, ['Available', 'Bound', 'Failed', 'Pending', 'Released']).default('Pending').omitEmpty(),
  message: text(2).omitEmpty(),
  reason: text(3).omitEmpty(),
  lastPhaseTransitionTime: time(4).optional(),
});
export type PersistentVolumeStatus = TypeOf<typeof PersistentVolumeStatus>;

const persistentVolumeFields = {
  spec: struct(2, PersistentVolumeSpec).default({}),
  status: struct(3, PersistentVolumeStatus).default({}),
};
export type PersistentVolume = StoredObject<typeof persistentVolumeFields>;

export const PersistentVolume = defineResource({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  scope: 'Cluster',
  answersWithDeleted: true,
  shortNames: ['pv'],
  subresources: ['status'],
  countsGeneration: false,
  fields: persistentVolumeFields,
  columns: persistentVolumeColumns,
  selectableFields: { name: ({ metadata }) => metadata.name },
  validate: persistentVolumeErrors,
  prepareForCreate(volume) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: volume.metadata.creationTimestamp };
  },
  prepareForStatus({ status }, { status: old }, { now }) {
    const isSet =
      status.lastPhaseTransitionTime !== undefined && status.lastPhaseTransitionTime !== old.lastPhaseTransitionTime;
    if (status.phase !== old.phase && !isSet) status.lastPhaseTransitionTime = now;
  },
});
