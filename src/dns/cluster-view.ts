import type { Service } from '../api/core/service.ts';
import type { EndpointSlice } from '../api/discovery/endpoint-slice.ts';

/** What the DNS of a cluster is made of. */
export interface ClusterView {
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): Service | undefined;
  /** The EndpointSlices of a Service. */
  slices(namespace: string, service: string): readonly EndpointSlice[];
  /** Services with this ClusterIP. */
  servicesAt(address: string): readonly Service[];
  /** EndpointSlices that hold this address. */
  slicesAt(address: string): readonly EndpointSlice[];
}

/** The label that names an EndpointSlice's Service. */
export const serviceNameLabel = 'kubernetes.io/service-name';
