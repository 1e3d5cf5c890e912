import { Condition } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const ServiceCIDRSpec = defineStruct('ServiceCIDRSpec', {
  cidrs: list(1, text).optional(),
});
export type ServiceCIDRSpec = TypeOf<typeof ServiceCIDRSpec>;

export const ServiceCIDRStatus = defineStruct('ServiceCIDRStatus', {
  conditions: list(1, Condition, { type: 'map', keys: ['type'], mergeKey: 'type', patch: 'merge' }).optional(),
});
export type ServiceCIDRStatus = TypeOf<typeof ServiceCIDRStatus>;

const serviceCIDRFields = {
  spec: struct(2, ServiceCIDRSpec).default({}),
  status: struct(3, ServiceCIDRStatus).default({}),
};
/** A ServiceCIDR. Source: networking.k8s.io/v1. */
export type ServiceCIDR = StoredObject<typeof serviceCIDRFields>;

export const ServiceCIDR = defineResource({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  scope: 'Cluster',
  subresources: ['status'],
  fields: serviceCIDRFields,
});
