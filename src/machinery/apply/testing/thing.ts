/** A kind with one field of each way in which values merge. */
import { defineStruct, int32, json, list, listOf, map, struct, text } from '../../schema.ts';

const Port = defineStruct('Port', {
  name: text(1).optional(),
  port: int32(2).optional(),
  protocol: text(3).default('TCP'),
});

const Inner = defineStruct('Inner', {
  name: text(1).optional(),
  value: int32(2).optional(),
  args: list(3, text).optional(),
  labels: map(4, text).optional(),
  ports: list(5, Port, { type: 'map', keys: ['port', 'protocol'] }).optional(),
});

const Atomic = defineStruct('Atomic', { x: int32(1).optional(), y: int32(2).optional() }, { atomic: true });

/** The kind. */
export const Thing = defineStruct('Thing', {
  name: text(1).optional(),
  count: int32(2).optional(),
  inner: struct(3, Inner).optional(),
  atomic: struct(4, Atomic).optional(),
  labels: map(5, text).optional(),
  atomicMap: map(6, text, { atomic: true }).optional(),
  values: list(7, text).optional(),
  set: list(8, text, { type: 'set' }).optional(),
  ports: list(9, Port, { type: 'map', keys: ['port', 'protocol'] }).optional(),
  items: list(10, Inner, { type: 'map', keys: ['name'] }).optional(),
  inners: map(11, Inner).optional(),
  lists: map(12, listOf(text)).optional(),
  any: json(13).optional(),
});
