import type { Service } from '../../api/core/service.ts';
import type { Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';

const metadata = (namespace: string | undefined, name: string) => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

/** A Namespace. */
export const testNamespace = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: metadata(undefined, name),
});

/** A Service in the namespace `default` with the port `http` 80/TCP and what `spec` says. */
export function testService(name: string, spec: Partial<Service['spec']>, namespace = 'default'): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(namespace, name),
    spec: { type: 'ClusterIP', sessionAffinity: 'None', ports: [{ name: 'http', protocol: 'TCP', port: 80 }], ...spec },
    status: { loadBalancer: {} },
  };
}

/** A slice of a Service in the namespace `default` with the port `http` 8080/TCP. A string is a ready address. */
export function testSlice(
  service: string,
  endpoints: readonly (string | Partial<Endpoint>)[],
  addressType: EndpointSlice['addressType'] = 'IPv4',
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...metadata('default', `${service}-${addressType.toLowerCase()}`),
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType,
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: endpoints.map((e) =>
      typeof e === 'string' ? { addresses: [e], conditions: { ready: true } } : { addresses: [], conditions: {}, ...e },
    ),
  };
}
