/** ConfigMap: settings for pods. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { bool, bytes, map, text } from '../../machinery/schema.ts';
import { configMapErrors } from './config-validation.ts';

export const ConfigMap = defineResource({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'Namespaced',
  shortNames: ['cm'],
  fields: {
    data: map(2, text).optional(),
    binaryData: map(3, bytes).optional(),
    immutable: bool(4).optional(),
  },
  columns: {
    Data: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
  },
  validate: configMapErrors,
});
export type ConfigMap = ObjectOf<typeof ConfigMap>;
