import type { StoreLocation } from '../components/store-location.ts';
import type { Layout } from '../config/layout.ts';
import type { ClusterPlan } from '../up/cluster-plan.ts';

/** Where the objects of a cluster are kept: in its etcd, or in a file of its data directory. */
export function clusterLocation({ config }: Pick<ClusterPlan, 'config'>, layout: Layout): StoreLocation {
  const { etcdServers: servers, etcdPrefix: prefix, etcdCafile, etcdCertfile, etcdKeyfile } = config;
  if (servers.length === 0) return { path: layout.store };
  return { etcd: { servers, prefix, caFile: etcdCafile, certFile: etcdCertfile, keyFile: etcdKeyfile } };
}
