import type { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import type { Service, ServicePort as ApiPort } from '../api/core/service.ts';
import type { Family } from './nft-json.ts';
import { selectEndpoints } from './endpoint-selection.ts';
import type { ProxyEndpoint, Topology } from './endpoint-selection.ts';

/** The transports that a Service may use, in nft's words. */
export type Protocol = 'tcp' | 'udp' | 'sctp';

/** One port of one Service with everything that its rules depend on. */
export interface ServicePort {
  readonly namespace: string;
  readonly service: string;
  /** '' when the only port has no name. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly clusterIP: string;
  readonly nodePort: number | undefined;
  readonly externalIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  readonly sourceRanges: readonly string[];
  /** Seconds for which a client stays with its endpoint; undefined without session affinity. */
  readonly affinitySeconds: number | undefined;
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  /** Where traffic may go on any node, and where if it must stay on this one. */
  readonly cluster: readonly ProxyEndpoint[];
  readonly local: readonly ProxyEndpoint[];
  /** Whether there is any usable endpoint at all, on whichever node. */
  readonly hasEndpoints: boolean;
}

const defaultAffinitySeconds = 10_800;

/** The ports of a Service in one address family: none for headless and ExternalName Services. */
export function servicePorts(
  service: Service,
  slices: readonly EndpointSlice[],
  context: { readonly family: Family; readonly topology: Topology },
): ServicePort[] {
  const { spec } = service;
  const clusterIP = clusterIPOf(service, context.family);
  if (spec.type === 'ExternalName' || clusterIP === undefined) return [];
  return (spec.ports ?? []).map((port) => {
    const policies = { internalLocal: spec.internalTrafficPolicy === 'Local', externalLocal: isExternalLocal(service) };
    const selected = selectEndpoints(slices, { ...context, port: { name: port.name ?? '', protocol: port.protocol } });
    return {
      ...identity(service, port),
      clusterIP,
      ...exposure(service, port, context.family),
      ...policies,
      ...selected,
    };
  });
}

function identity(
  service: Service,
  port: ApiPort,
): Pick<ServicePort, 'namespace' | 'service' | 'name' | 'protocol' | 'port'> {
  const { namespace = '', name } = service.metadata;
  return { namespace, service: name, name: port.name ?? '', protocol: protocolOf(port.protocol), port: port.port };
}

function exposure(service: Service, port: ApiPort, family: Family) {
  const { spec, status } = service;
  const ingress = spec.type === 'LoadBalancer' ? (status.loadBalancer.ingress ?? []) : [];
  const ofFamily = (address: string): boolean => familyOf(address) === family;
  return {
    nodePort: spec.type === 'ClusterIP' || !port.nodePort ? undefined : port.nodePort,
    externalIPs: (spec.externalIPs ?? []).filter(ofFamily),
    // Ingress of mode Proxy must pass through the load balancer, so its address is not captured.
    loadBalancerIPs: ingress.flatMap(({ ip, ipMode }) => (ip && ipMode !== 'Proxy' && ofFamily(ip) ? [ip] : [])),
    sourceRanges: (spec.loadBalancerSourceRanges ?? []).map((cidr) => cidr.trim()).filter(ofFamily),
    affinitySeconds: affinitySecondsOf(service),
  };
}

function affinitySecondsOf({ spec }: Service): number | undefined {
  if (spec.sessionAffinity !== 'ClientIP') return undefined;
  return spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds;
}

function isExternalLocal({ spec }: Service): boolean {
  return spec.type !== 'ClusterIP' && spec.externalTrafficPolicy === 'Local';
}

function clusterIPOf({ spec }: Service, family: Family): string | undefined {
  const all = spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? ''];
  return all.find((address) => address !== '' && address !== 'None' && familyOf(address) === family);
}

function familyOf(address: string): Family {
  return address.includes(':') ? 'ip6' : 'ip';
}

function protocolOf(protocol: 'TCP' | 'UDP' | 'SCTP'): Protocol {
  return protocol === 'TCP' ? 'tcp' : protocol === 'UDP' ? 'udp' : 'sctp';
}
