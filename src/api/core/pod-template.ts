import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { struct } from '../../machinery/schema.ts';
import { PodTemplateSpec } from './pod-spec.ts';

const podTemplateFields = {
  template: struct(2, PodTemplateSpec).default({}),
};
/** A PodTemplate. Source: core/v1. */
export type PodTemplate = StoredObject<typeof podTemplateFields>;

export const PodTemplate = defineResource({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  scope: 'Namespaced',
  answersWithDeleted: true,
  fields: podTemplateFields,
});
