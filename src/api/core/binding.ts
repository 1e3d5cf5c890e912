/** Binding: a pod’s node, as the scheduler states it. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { struct } from '../../machinery/schema.ts';
import { ObjectReference } from './endpoints.ts';

export const Binding = defineResource({
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  scope: 'Namespaced',
  verbs: ['create'],
  fields: {
    target: struct(2, ObjectReference),
  },
});
export type Binding = ObjectOf<typeof Binding>;
