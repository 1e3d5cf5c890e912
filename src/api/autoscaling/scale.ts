/** Scale: how many replicas something has and should have, whatever its kind. Source: autoscaling/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { defineStruct, int32, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const ScaleSpec = defineStruct('ScaleSpec', {
  replicas: int32(1).omitEmpty(),
});
export type ScaleSpec = TypeOf<typeof ScaleSpec>;

export const ScaleStatus = defineStruct('ScaleStatus', {
  replicas: int32(1),
  selector: text(2).omitEmpty(),
});
export type ScaleStatus = TypeOf<typeof ScaleStatus>;

export const Scale = defineResource({
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  plural: 'scales',
  scope: 'Namespaced',
  verbs: ['get', 'update', 'patch'],
  fields: {
    spec: struct(2, ScaleSpec).default({}),
    status: struct(3, ScaleStatus).default({}),
  },
});
export type Scale = ObjectOf<typeof Scale>;
