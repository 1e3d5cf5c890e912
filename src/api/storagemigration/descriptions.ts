/** What storage version migrations and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  StorageVersionMigration: { '': 'Has all objects of a resource written anew, in the version that is stored now.' },
  StorageVersionMigrationSpec: { '': 'What is migrated; can not be changed.', resource: 'The resource.' },
  StorageVersionMigrationStatus: {
    '': 'How far it is.',
    conditions: 'Running, Succeeded or Failed.',
    resourceVersion: 'Objects that were written after this version need not be migrated.',
  },
};
