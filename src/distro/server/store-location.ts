import type { StoreLocation } from '../components/store-location.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { Layout } from '../config/layout.ts';
import type { ClusterPlan } from '../up/cluster-plan.ts';

/** Where the objects of a cluster lie. */
export function storeLocation(plan: ClusterPlan, layout: Layout): StoreLocation {
  if (plan.config.etcdServers.length > 0) throw new UsageError('etcd is not supported yet');
  return { path: layout.store };
}
