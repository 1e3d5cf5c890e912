/** Endpoints: the addresses behind a Service, in the old form. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { endpointsText } from './endpoints-columns.ts';
import { endpointsErrors } from './endpoints-validation.ts';

export const ObjectReference = defineStruct(
  'ObjectReference',
  {
    kind: text(1).omitEmpty(),
    namespace: text(2).omitEmpty(),
    name: text(3).omitEmpty(),
    uid: text(4).omitEmpty(),
    apiVersion: text(5).omitEmpty(),
    resourceVersion: text(6).omitEmpty(),
    fieldPath: text(7).omitEmpty(),
  },
  { atomic: true },
);
export type ObjectReference = TypeOf<typeof ObjectReference>;

export const EndpointAddress = defineStruct(
  'EndpointAddress',
  {
    ip: text(1),
    targetRef: struct(2, ObjectReference).optional(),
    hostname: text(3).omitEmpty(),
    nodeName: text(4).optional(),
  },
  { atomic: true },
);
export type EndpointAddress = TypeOf<typeof EndpointAddress>;

export const EndpointPort = defineStruct(
  'EndpointPort',
  {
    name: text(1).omitEmpty(),
    port: int32(2),
    protocol: oneOf(3, ['SCTP', 'TCP', 'UDP']).omitEmpty(),
    appProtocol: text(4).optional(),
  },
  { atomic: true },
);
export type EndpointPort = TypeOf<typeof EndpointPort>;

export const EndpointSubset = defineStruct('EndpointSubset', {
  addresses: list(1, EndpointAddress).optional(),
  notReadyAddresses: list(2, EndpointAddress).optional(),
  ports: list(3, EndpointPort).optional(),
});
export type EndpointSubset = TypeOf<typeof EndpointSubset>;

const endpointsFields = {
  subsets: list(2, EndpointSubset).optional(),
};
export type Endpoints = StoredObject<typeof endpointsFields>;

export const Endpoints = defineResource({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  scope: 'Namespaced',
  createdByReplace: true,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  shortNames: ['ep'],
  fields: endpointsFields,
  columns: { Endpoints: endpointsText },
  validate: endpointsErrors,
  defaults({ subsets = [] }) {
    for (const port of subsets.flatMap(({ ports = [] }) => ports)) port.protocol ??= 'TCP';
  },
});
