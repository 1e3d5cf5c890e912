import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const ParentReference = defineStruct('ParentReference', {
  group: text(1).omitEmpty(),
  resource: text(2),
  namespace: text(3).omitEmpty(),
  name: text(4),
});
export type ParentReference = TypeOf<typeof ParentReference>;

export const IPAddressSpec = defineStruct('IPAddressSpec', {
  parentRef: struct(1, ParentReference),
});
export type IPAddressSpec = TypeOf<typeof IPAddressSpec>;

const ipAddressFields = {
  spec: struct(2, IPAddressSpec),
};
/** A IPAddress. Source: networking.k8s.io/v1. */
export type IPAddress = StoredObject<typeof ipAddressFields>;

export const IPAddress = defineResource({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  scope: 'Cluster',
  shortNames: ['ip'],
  fields: ipAddressFields,
});
