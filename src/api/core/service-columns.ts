/** The columns of `kubectl get services`. */
import type { Column } from '../../machinery/resource.ts';
import type { Service, ServicePort } from './service.ts';

/** The columns beside Name and Age. */
export const serviceColumns: Readonly<Record<string, Column<Service>>> = {
  Type: { value: ({ spec }) => spec.type },
  'Cluster-IP': { value: ({ spec }) => spec.clusterIPs?.[0] ?? (spec.clusterIP || '<none>') },
  'External-IP': { value: externalAddresses },
  'Port(s)': { value: ({ spec }) => (spec.ports ?? []).map(portText).join(',') || '<none>' },
  Selector: {
    wide: true,
    value: ({ spec }) =>
      Object.entries(spec.selector ?? {})
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => `${key}=${value}`)
        .join(',') || '<none>',
  },
};

function externalAddresses({ spec, status }: Service): string {
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  const external = spec.externalIPs ?? [];
  if (spec.type !== 'LoadBalancer') return external.join(',') || '<none>';
  const ingress = (status.loadBalancer.ingress ?? []).map(({ ip, hostname }) => ip || (hostname ?? ''));
  return [...new Set([...ingress.filter((address) => address !== ''), ...external])].join(',') || '<pending>';
}

function portText({ port, nodePort, protocol }: ServicePort): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}
