/** StorageVersionMigration: writes every object of a kind again, in the form that is stored now. Source: storagemigration.k8s.io. */
import { Condition } from '../../machinery/meta.ts';
import { defineResource, statusMetadata } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { migrationErrors } from './migration-validation.ts';

/** A kind by its group and its plural. */
export const GroupResource = defineStruct('GroupResource', {
  group: text(1),
  resource: text(2),
});
export type GroupResource = TypeOf<typeof GroupResource>;

/** The kind whose objects are to be written again. */
export const StorageVersionMigrationSpec = defineStruct('StorageVersionMigrationSpec', {
  resource: struct(1, GroupResource),
});
export type StorageVersionMigrationSpec = TypeOf<typeof StorageVersionMigrationSpec>;

/** How far the migration is, and the version up to which it goes. */
export const StorageVersionMigrationStatus = defineStruct('StorageVersionMigrationStatus', {
  conditions: list(1, Condition, { type: 'map', keys: ['type'], mergeKey: 'type', patch: 'merge' }).optional(),
  resourceVersion: text(2).omitEmpty(),
});
export type StorageVersionMigrationStatus = TypeOf<typeof StorageVersionMigrationStatus>;

const storageVersionMigrationFields = {
  spec: struct(2, StorageVersionMigrationSpec),
  status: struct(3, StorageVersionMigrationStatus).default({}),
};
export type StorageVersionMigration = StoredObject<typeof storageVersionMigrationFields>;

/** What all versions of the kind have in common. */
export const statedMigration = {
  group: 'storagemigration.k8s.io',
  kind: 'StorageVersionMigration',
  plural: 'storageversionmigrations',
  scope: 'Cluster',
  subresources: ['status'],
  fields: storageVersionMigrationFields,
  countsGeneration: false,
  keptFromStatus: statusMetadata,
  columns: {
    Name: ({ metadata }: StorageVersionMigration) => metadata.name,
    Resource: ({ spec: { resource } }: StorageVersionMigration) =>
      resource.group ? `${resource.resource}.${resource.group}` : resource.resource,
  },
  validate: migrationErrors,
} as const;

/** Has every object of a kind written again. */
export const StorageVersionMigration = defineResource({ ...statedMigration, version: 'v1' });
