/** Eviction: asks for a pod to be deleted if its disruption budget allows. Source: policy/v1. */
import { DeleteOptions } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { struct } from '../../machinery/schema.ts';

export const Eviction = defineResource({
  group: 'policy',
  version: 'v1',
  // kubectl below 1.22 drains nodes with it.
  formerVersions: ['v1beta1'],
  kind: 'Eviction',
  plural: 'evictions',
  scope: 'Namespaced',
  verbs: ['create'],
  fields: {
    deleteOptions: struct(2, DeleteOptions).optional(),
  },
});
export type Eviction = ObjectOf<typeof Eviction>;
