import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, map, quantity, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const LimitRangeItem = defineStruct('LimitRangeItem', {
  type: text(1),
  max: map(2, quantity).optional(),
  min: map(3, quantity).optional(),
  default: map(4, quantity).optional(),
  defaultRequest: map(5, quantity).optional(),
  maxLimitRequestRatio: map(6, quantity).optional(),
});
export type LimitRangeItem = TypeOf<typeof LimitRangeItem>;

export const LimitRangeSpec = defineStruct('LimitRangeSpec', {
  limits: list(1, LimitRangeItem),
});
export type LimitRangeSpec = TypeOf<typeof LimitRangeSpec>;

const limitRangeFields = {
  spec: struct(2, LimitRangeSpec).default({}),
};
/** A LimitRange. Source: core/v1. */
export type LimitRange = StoredObject<typeof limitRangeFields>;

export const LimitRange = defineResource({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  scope: 'Namespaced',
  shortNames: ['limits'],
  fields: limitRangeFields,
});
