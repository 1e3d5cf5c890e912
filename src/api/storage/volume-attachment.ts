import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, int32, map, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { PersistentVolumeSpec } from '../core/persistent-volume.ts';

export const VolumeAttachmentSource = defineStruct('VolumeAttachmentSource', {
  persistentVolumeName: text(1).optional(),
  inlineVolumeSpec: struct(2, PersistentVolumeSpec).optional(),
});
export type VolumeAttachmentSource = TypeOf<typeof VolumeAttachmentSource>;

export const VolumeAttachmentSpec = defineStruct('VolumeAttachmentSpec', {
  attacher: text(1),
  source: struct(2, VolumeAttachmentSource),
  nodeName: text(3),
});
export type VolumeAttachmentSpec = TypeOf<typeof VolumeAttachmentSpec>;

export const VolumeError = defineStruct('VolumeError', {
  time: time(1).omitEmpty(),
  message: text(2).omitEmpty(),
  errorCode: int32(3).optional(),
});
export type VolumeError = TypeOf<typeof VolumeError>;

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
/** A VolumeAttachment. Source: storage.k8s.io/v1. */
export type VolumeAttachment = StoredObject<typeof volumeAttachmentFields>;

export const VolumeAttachment = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  scope: 'Cluster',
  subresources: ['status'],
  fields: volumeAttachmentFields,
});
