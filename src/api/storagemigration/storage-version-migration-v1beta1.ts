/** StorageVersionMigration under its older version; the objects are the same. Source: storagemigration.k8s.io/v1beta1. */
import { defineResource } from '../../machinery/resource.ts';
import { StorageVersionMigration, statedMigration } from './storage-version-migration.ts';

const version = 'v1beta1';
const { apiVersion, group } = StorageVersionMigration;

/** Has every object of a kind written again. */
export const StorageVersionMigrationV1beta1 = defineResource({
  ...statedMigration,
  version,
  storedAs: {
    resource: StorageVersionMigration,
    toStored: (migration) => ({ ...migration, apiVersion }),
    fromStored: (migration) => ({ ...migration, apiVersion: `${group}/${version}` }),
  },
});
