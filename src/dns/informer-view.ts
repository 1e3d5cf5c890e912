import type { Namespace } from '../api/core/namespace.ts';
import type { Service } from '../api/core/service.ts';
import type { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import type { ObjectCache } from '../client/object-cache.ts';
import type { ClusterView } from './cluster-view.ts';
import { serviceNameLabel } from './cluster-view.ts';

/** The caches that DNS is answered from. */
export interface DnsCaches {
  readonly namespaces: ObjectCache<Namespace>;
  readonly services: ObjectCache<Service>;
  readonly slices: ObjectCache<EndpointSlice>;
}

const byService = ({ metadata }: EndpointSlice): readonly string[] => [
  `${metadata.namespace}/${metadata.labels?.[serviceNameLabel]}`,
];
const byEndpoint = (slice: EndpointSlice): readonly string[] =>
  (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
const byClusterIP = ({ spec }: Service): readonly string[] => {
  const addresses = spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? ''];
  return addresses.filter((address) => address !== '' && address !== 'None');
};

/** The cluster as informers see it, with an index for each kind of question. */
export function informerView({ namespaces, services, slices }: DnsCaches): ClusterView {
  slices.addIndex('dns-service', byService);
  slices.addIndex('dns-address', byEndpoint);
  services.addIndex('dns-cluster-ip', byClusterIP);
  return {
    hasNamespace: (name) => namespaces.get(name) !== undefined,
    service: (namespace, name) => services.get(`${namespace}/${name}`),
    slices: (namespace, service) => slices.byIndex('dns-service', `${namespace}/${service}`),
    servicesAt: (address) => services.byIndex('dns-cluster-ip', address),
    slicesAt: (address) => slices.byIndex('dns-address', address),
  };
}
