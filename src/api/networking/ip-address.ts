/** IPAddress: says that an address is taken, and by what. Source: networking.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { ipAddressErrors } from './ip-address-validation.ts';

/** The object that an address belongs to, by its resource. */
export const ParentReference = defineStruct('ParentReference', {
  group: text(1).omitEmpty(),
  resource: text(2),
  namespace: text(3).omitEmpty(),
  name: text(4),
});
export type ParentReference = TypeOf<typeof ParentReference>;

/** Whom the address belongs to. */
export const IPAddressSpec = defineStruct('IPAddressSpec', {
  parentRef: struct(1, ParentReference),
});
export type IPAddressSpec = TypeOf<typeof IPAddressSpec>;

const ipAddressFields = {
  spec: struct(2, IPAddressSpec),
};
export type IPAddress = StoredObject<typeof ipAddressFields>;

/** An address, its name, that is taken. */
export const IPAddress = defineResource({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  scope: 'Cluster',
  shortNames: ['ip'],
  fields: ipAddressFields,
  countsGeneration: false,
  nameFormat: 'ip',
  columns: { Name: ({ metadata }) => metadata.name, ParentRef: ({ spec }) => parentText(spec.parentRef) },
  immutable: ['spec.parentRef'],
  validate: ipAddressErrors,
});

function parentText({ group, resource, namespace, name }: ParentReference): string {
  if (resource === '') return '<none>';
  const kind = group ? `${resource}.${group}` : resource;
  return [kind.toLowerCase(), ...(namespace ? [namespace] : []), name].join('/');
}
