/** ServiceCIDR: networks that cluster IPs of services come from. Source: networking.k8s.io/v1. */
import { Condition } from '../../machinery/meta.ts';
import { defineResource, statusMetadata } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { serviceCIDRErrors } from './service-cidr-validation.ts';

/** The networks, at most one of each family. */
export const ServiceCIDRSpec = defineStruct('ServiceCIDRSpec', {
  cidrs: list(1, text).optional(),
});
export type ServiceCIDRSpec = TypeOf<typeof ServiceCIDRSpec>;

/** Whether addresses may be taken from the networks. */
export const ServiceCIDRStatus = defineStruct('ServiceCIDRStatus', {
  conditions: list(1, Condition, { type: 'map', keys: ['type'], mergeKey: 'type', patch: 'merge' }).optional(),
});
export type ServiceCIDRStatus = TypeOf<typeof ServiceCIDRStatus>;

const serviceCIDRFields = {
  spec: struct(2, ServiceCIDRSpec).default({}),
  status: struct(3, ServiceCIDRStatus).default({}),
};
export type ServiceCIDR = StoredObject<typeof serviceCIDRFields>;

/** Networks that cluster IPs of services are taken from. */
export const ServiceCIDR = defineResource({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  scope: 'Cluster',
  subresources: ['status'],
  fields: serviceCIDRFields,
  countsGeneration: false,
  keptFromStatus: statusMetadata,
  columns: { CIDRs: ({ spec }) => (spec.cidrs ?? []).join(',') },
  validate: serviceCIDRErrors,
});
