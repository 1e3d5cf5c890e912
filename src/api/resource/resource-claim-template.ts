/** ResourceClaimTemplate: what the claims look like that are made for single pods. Source: resource.k8s.io/v1. */
import { DraftMeta } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, struct } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { labelsErrors } from '../../machinery/label-validation.ts';
import { deviceClaimErrors } from './device-request-validation.ts';
import { defaultDeviceClaim } from './resource-claim-rules.ts';
import { ResourceClaimSpec } from './resource-claim.ts';

/** The claim, with labels and annotations. */
export const ResourceClaimTemplateSpec = defineStruct('ResourceClaimTemplateSpec', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ResourceClaimSpec),
});
export type ResourceClaimTemplateSpec = TypeOf<typeof ResourceClaimTemplateSpec>;

const resourceClaimTemplateFields = {
  spec: struct(2, ResourceClaimTemplateSpec),
};
export type ResourceClaimTemplate = StoredObject<typeof resourceClaimTemplateFields>;

/** A claim to be made for every pod that names it. */
export const ResourceClaimTemplate = defineResource({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  scope: 'Namespaced',
  fields: resourceClaimTemplateFields,
  countsGeneration: false,
  answersWithDeleted: true,
  immutable: ['spec'],
  defaults: ({ spec }) => defaultDeviceClaim(spec.spec.devices),
  validate({ spec: { metadata, spec } }, { old }) {
    if (old) return [];
    return [
      ...labelsErrors(metadata.labels, 'spec.metadata.labels'),
      ...deviceClaimErrors(spec.devices, 'spec.spec.devices'),
    ];
  },
});
