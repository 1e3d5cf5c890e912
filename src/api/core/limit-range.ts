/** LimitRange: what containers, pods and claims of a namespace may ask for, and what they get unasked. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, map, quantity, struct, text } from '../../machinery/schema.ts';
import type { TypeOf, Writable } from '../../machinery/schema.ts';
import { createdColumns } from './created-columns.ts';
import { limitRangeErrors } from './limit-range-validation.ts';

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
export type LimitRange = StoredObject<typeof limitRangeFields>;

export const LimitRange = defineResource({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  scope: 'Namespaced',
  shortNames: ['limits'],
  countsGeneration: false,
  createdByReplace: true,
  fields: limitRangeFields,
  columns: createdColumns,
  validate: limitRangeErrors,
  defaults: ({ spec }) => spec.limits.forEach(defaultLimits),
});

/** What is not said of containers follows from what is: limits from the maximum, requests from limits or the minimum. */
function defaultLimits(limit: Writable<LimitRangeItem>): void {
  if (limit.type !== 'Container') return;
  const limits = { ...limit.max, ...limit.default };
  const requests = { ...limit.min, ...limits, ...limit.defaultRequest };
  if (Object.keys(limits).length > 0) limit.default = limits;
  if (Object.keys(requests).length > 0) limit.defaultRequest = requests;
}
