/** ResourceQuota: how much the objects of a namespace may use together. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, map, oneOf, quantity, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { resourceQuotaColumns } from './resource-quota-columns.ts';
import { resourceQuotaErrors } from './resource-quota-validation.ts';

export const ScopedResourceSelectorRequirement = defineStruct('ScopedResourceSelectorRequirement', {
  scopeName: oneOf(1, [
    'BestEffort',
    'CrossNamespacePodAffinity',
    'NotBestEffort',
    'NotTerminating',
    'PriorityClass',
    'Terminating',
    'VolumeAttributesClass',
  ]),
  operator: oneOf(2, ['DoesNotExist', 'Exists', 'In', 'NotIn']),
  values: list(3, text).optional(),
});
export type ScopedResourceSelectorRequirement = TypeOf<typeof ScopedResourceSelectorRequirement>;

export const ScopeSelector = defineStruct(
  'ScopeSelector',
  {
    matchExpressions: list(1, ScopedResourceSelectorRequirement).optional(),
  },
  { atomic: true },
);
export type ScopeSelector = TypeOf<typeof ScopeSelector>;

export const ResourceQuotaSpec = defineStruct('ResourceQuotaSpec', {
  hard: map(1, quantity).optional(),
  scopes: list(2, text).optional(),
  scopeSelector: struct(3, ScopeSelector).optional(),
});
export type ResourceQuotaSpec = TypeOf<typeof ResourceQuotaSpec>;

export const ResourceQuotaStatus = defineStruct('ResourceQuotaStatus', {
  hard: map(1, quantity).optional(),
  used: map(2, quantity).optional(),
});
export type ResourceQuotaStatus = TypeOf<typeof ResourceQuotaStatus>;

const resourceQuotaFields = {
  spec: struct(2, ResourceQuotaSpec).default({}),
  status: struct(3, ResourceQuotaStatus).default({}),
};
export type ResourceQuota = StoredObject<typeof resourceQuotaFields>;

export const ResourceQuota = defineResource({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  scope: 'Namespaced',
  answersWithDeleted: true,
  shortNames: ['quota'],
  subresources: ['status'],
  countsGeneration: false,
  fields: resourceQuotaFields,
  columns: resourceQuotaColumns,
  validate: resourceQuotaErrors,
});
