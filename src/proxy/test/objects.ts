import type { Service } from '../../api/core/service.ts';
import type { Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';

let version = 100;
const metadata = (name: string, labels?: Record<string, string>) => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  resourceVersion: String(++version),
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...(labels === undefined ? {} : { labels }),
});

/** A Service `web` with one TCP port 80 at the ClusterIP 10.96.0.10, but for what `spec` says. */
export function testService(
  spec: Partial<Service['spec']> = {},
  name = 'web',
  status: Service['status'] = { loadBalancer: {} },
): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(name),
    spec: {
      type: 'ClusterIP',
      sessionAffinity: 'None',
      clusterIP: '10.96.0.10',
      ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
      ...spec,
    },
    status,
  };
}

/** A slice of the Service `web` on port 8080 with the given endpoints; a string is a ready address on node-1. */
export function testSlice(
  endpoints: readonly (string | Partial<Endpoint>)[],
  options: {
    readonly service?: string;
    readonly port?: number;
    readonly protocol?: 'TCP' | 'UDP';
    readonly name?: string;
  } = {},
): EndpointSlice {
  const { service = 'web', port = 8080, protocol = 'TCP' } = options;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: metadata(options.name ?? `${service}-abcde`, { 'kubernetes.io/service-name': service }),
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol, port }],
    endpoints: endpoints.map((e) =>
      typeof e === 'string'
        ? { addresses: [e], conditions: { ready: true, serving: true, terminating: false }, nodeName: 'node-1' }
        : { addresses: [], conditions: {}, ...e },
    ),
  };
}
