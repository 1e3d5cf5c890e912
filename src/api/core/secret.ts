import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { bool, bytes, map, text } from '../../machinery/schema.ts';

export const Secret = defineResource({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  fields: {
    data: map(2, bytes).optional(),
    type: text(3).default('Opaque'),
    stringData: map(4, text).optional(),
    immutable: bool(5).optional(),
  },
});
export type Secret = ObjectOf<typeof Secret>;
