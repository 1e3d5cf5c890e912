import { Condition } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const GroupResource = defineStruct('GroupResource', {
  group: text(1),
  resource: text(2),
});
export type GroupResource = TypeOf<typeof GroupResource>;

export const StorageVersionMigrationSpec = defineStruct('StorageVersionMigrationSpec', {
  resource: struct(1, GroupResource),
});
export type StorageVersionMigrationSpec = TypeOf<typeof StorageVersionMigrationSpec>;

export const StorageVersionMigrationStatus = defineStruct('StorageVersionMigrationStatus', {
  conditions: list(1, Condition, { type: 'map', keys: ['type'], mergeKey: 'type', patch: 'merge' }).optional(),
  resourceVersion: text(2).omitEmpty(),
});
export type StorageVersionMigrationStatus = TypeOf<typeof StorageVersionMigrationStatus>;

const storageVersionMigrationFields = {
  spec: struct(2, StorageVersionMigrationSpec).default({}),
  status: struct(3, StorageVersionMigrationStatus).default({}),
};
/** A StorageVersionMigration. Source: storagemigration.k8s.io/v1beta1. */
export type StorageVersionMigration = StoredObject<typeof storageVersionMigrationFields>;

export const StorageVersionMigration = defineResource({
  group: 'storagemigration.k8s.io',
  version: 'v1beta1',
  kind: 'StorageVersionMigration',
  plural: 'storageversionmigrations',
  scope: 'Cluster',
  subresources: ['status'],
  fields: storageVersionMigrationFields,
});
