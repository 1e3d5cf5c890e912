import type { EndpointSlice } from '../api/discovery/endpoint-slice.ts';

/** An endpoint that DNS offers. */
export interface DnsEndpoint {
  readonly address: string;
  readonly hostname: string | undefined;
  readonly ports: readonly {
    readonly name: string | undefined;
    readonly protocol: string | undefined;
    readonly port: number;
  }[];
}

/** The endpoints that are ready; with publishNotReadyAddresses the slices say so of all. An address counts once. */
export function readyEndpoints(slices: readonly EndpointSlice[]): readonly DnsEndpoint[] {
  const found = new Map<string, DnsEndpoint>();
  for (const slice of slices) {
    if (slice.addressType === 'FQDN') continue;
    const ports = (slice.ports ?? []).flatMap(({ name, protocol, port }) =>
      port === undefined ? [] : [{ name, protocol, port }],
    );
    for (const endpoint of slice.endpoints ?? []) {
      const [address] = endpoint.addresses;
      if (address === undefined || endpoint.conditions.ready === false) continue;
      const hostname = endpoint.hostname === '' ? undefined : endpoint.hostname;
      const known = found.get(address);
      const isNew = (port: (typeof ports)[number]): boolean =>
        !known?.ports.some((other) => other.port === port.port && other.protocol === port.protocol);
      const all = [...(known?.ports ?? []), ...ports.filter(isNew)];
      found.set(address, { address, hostname: hostname ?? known?.hostname, ports: all });
    }
  }
  return [...found.values()];
}

/** The first label of an endpoint's name: its hostname, or its address with dashes. */
export function endpointLabel({ hostname, address }: DnsEndpoint): string {
  return (hostname ?? address.replaceAll(/[.:]/g, '-')).toLowerCase();
}
