import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { int64, json } from '../../machinery/schema.ts';

const controllerRevisionFields = {
  data: json(2).optional(),
  revision: int64(3),
};
/** A ControllerRevision. Source: apps/v1. */
export type ControllerRevision = StoredObject<typeof controllerRevisionFields>;

export const ControllerRevision = defineResource({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  scope: 'Namespaced',
  fields: controllerRevisionFields,
});
