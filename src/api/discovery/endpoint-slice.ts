/** EndpointSlice: up to a hundred addresses behind a Service. Source: discovery.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, int32, list, map, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { ObjectReference } from '../core/endpoints.ts';
import { endpointSliceColumns } from './endpoint-slice-columns.ts';
import { endpointSliceErrors } from './endpoint-slice-validation.ts';

/** Whether the endpoint takes traffic, and whether it is going. */
export const EndpointConditions = defineStruct('EndpointConditions', {
  ready: bool(1).optional(),
  serving: bool(2).optional(),
  terminating: bool(3).optional(),
});
export type EndpointConditions = TypeOf<typeof EndpointConditions>;

/** A node whose traffic the endpoint is for. */
export const ForNode = defineStruct('ForNode', {
  name: text(1),
});
export type ForNode = TypeOf<typeof ForNode>;

/** A zone whose traffic the endpoint is for. */
export const ForZone = defineStruct('ForZone', {
  name: text(1),
});
export type ForZone = TypeOf<typeof ForZone>;

/** Whose traffic the endpoint is for. */
export const EndpointHints = defineStruct('EndpointHints', {
  forZones: list(1, ForZone).optional(),
  forNodes: list(2, ForNode).optional(),
});
export type EndpointHints = TypeOf<typeof EndpointHints>;

/** A place where a service is provided: addresses of one pod or machine. */
export const Endpoint = defineStruct('Endpoint', {
  addresses: list(1, text, { type: 'set' }),
  conditions: struct(2, EndpointConditions).default({}),
  hostname: text(3).optional(),
  targetRef: struct(4, ObjectReference).optional(),
  deprecatedTopology: map(5, text).optional(),
  nodeName: text(6).optional(),
  zone: text(7).optional(),
  hints: struct(8, EndpointHints).optional(),
});
export type Endpoint = TypeOf<typeof Endpoint>;

/** A port of all endpoints of a slice. */
export const EndpointPort = defineStruct(
  'EndpointPort',
  {
    name: text(1).optional(),
    protocol: oneOf(2, ['SCTP', 'TCP', 'UDP']).optional(),
    port: int32(3).optional(),
    appProtocol: text(4).optional(),
  },
  { atomic: true },
);
export type EndpointPort = TypeOf<typeof EndpointPort>;

const endpointSliceFields = {
  endpoints: list(2, Endpoint).optional(),
  ports: list(3, EndpointPort).optional(),
  addressType: oneOf(4, ['FQDN', 'IPv4', 'IPv6']),
};
export type EndpointSlice = StoredObject<typeof endpointSliceFields>;

/** A part of the endpoints of a service. */
export const EndpointSlice = defineResource({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
  fields: endpointSliceFields,
  columns: endpointSliceColumns,
  countsGeneration: true,
  immutable: ['addressType'],
  validate: endpointSliceErrors,
  defaults({ ports = [] }) {
    for (const port of ports) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
});
