/** VolumeAttachment: a volume that is to be attached to a node, or is. Source: storage.k8s.io/v1. */
import { defineResource, statusMetadata } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, int32, map, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { volumeAttachmentErrors } from './volume-attachment-validation.ts';
import { PersistentVolumeSpec } from '../core/persistent-volume.ts';

/** The volume: a PersistentVolume, or one stated in place. */
export const VolumeAttachmentSource = defineStruct('VolumeAttachmentSource', {
  persistentVolumeName: text(1).optional(),
  inlineVolumeSpec: struct(2, PersistentVolumeSpec).optional(),
});
export type VolumeAttachmentSource = TypeOf<typeof VolumeAttachmentSource>;

/** What is to be attached where, and by which driver. */
export const VolumeAttachmentSpec = defineStruct('VolumeAttachmentSpec', {
  attacher: text(1),
  source: struct(2, VolumeAttachmentSource),
  nodeName: text(3),
});
export type VolumeAttachmentSpec = TypeOf<typeof VolumeAttachmentSpec>;

/** Why attaching or detaching failed last. */
export const VolumeError = defineStruct('VolumeError', {
  time: time(1).omitEmpty(),
  message: text(2).omitEmpty(),
  errorCode: int32(3).optional(),
});
export type VolumeError = TypeOf<typeof VolumeError>;

/** Whether the volume is attached, and what the driver says of it. */
export const VolumeAttachmentStatus = defineStruct('VolumeAttachmentStatus', {
  attached: bool(1),
  attachmentMetadata: map(2, text).optional(),
  attachError: struct(3, VolumeError).optional(),
  detachError: struct(4, VolumeError).optional(),
});
export type VolumeAttachmentStatus = TypeOf<typeof VolumeAttachmentStatus>;

const volumeAttachmentFields = {
  spec: struct(2, VolumeAttachmentSpec),
  status: struct(3, VolumeAttachmentStatus).default({}),
};
export type VolumeAttachment = StoredObject<typeof volumeAttachmentFields>;

/** Asks a driver to attach a volume to a node. */
export const VolumeAttachment = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  scope: 'Cluster',
  answersWithDeleted: true,
  subresources: ['status'],
  fields: volumeAttachmentFields,
  countsGeneration: false,
  keptFromStatus: statusMetadata,
  columns: {
    Attacher: ({ spec }) => spec.attacher,
    PV: ({ spec }) => spec.source.persistentVolumeName ?? '',
    Node: ({ spec }) => spec.nodeName,
    Attached: { value: ({ status }) => status.attached, type: 'boolean' },
  },
  immutable: ['spec'],
  validate: volumeAttachmentErrors,
});
