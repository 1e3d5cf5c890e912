/** PodTemplate: how pods are to be made, kept on its own. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { struct } from '../../machinery/schema.ts';
import { equalitySelector } from '../../machinery/selector.ts';
import { defaultPodSpec } from './pod-defaults.ts';
import { PodTemplateSpec } from './pod-spec.ts';
import { podTemplateErrors } from './pod-spec-validation.ts';
import { containerImages, containerNames } from './workload-columns.ts';

const podTemplateFields = {
  template: struct(2, PodTemplateSpec).default({}),
};
export type PodTemplate = StoredObject<typeof podTemplateFields>;

export const PodTemplate = defineResource({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  scope: 'Namespaced',
  answersWithDeleted: true,
  countsGeneration: true,
  fields: podTemplateFields,
  columns: {
    Name: ({ metadata }) => metadata.name,
    Containers: {
      description: 'Names of each container in the template.',
      value: ({ template }) => containerNames(template),
    },
    Images: {
      description: 'Images referenced by each container in the template.',
      value: ({ template }) => containerImages(template),
    },
    'Pod Labels': {
      description: 'The labels for the pod template.',
      value: ({ template }) => equalitySelector(template.metadata.labels ?? {}) || '<none>',
    },
  },
  defaults: ({ template }) => defaultPodSpec(template.spec),
  validate: ({ template }) => podTemplateErrors(template, 'template'),
});
