import { DraftMeta } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, struct } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { ResourceClaimSpec } from './resource-claim.ts';

export const ResourceClaimTemplateSpec = defineStruct('ResourceClaimTemplateSpec', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ResourceClaimSpec),
});
export type ResourceClaimTemplateSpec = TypeOf<typeof ResourceClaimTemplateSpec>;

const resourceClaimTemplateFields = {
  spec: struct(2, ResourceClaimTemplateSpec),
};
/** A ResourceClaimTemplate. Source: resource.k8s.io/v1. */
export type ResourceClaimTemplate = StoredObject<typeof resourceClaimTemplateFields>;

export const ResourceClaimTemplate = defineResource({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  scope: 'Namespaced',
  fields: resourceClaimTemplateFields,
});
