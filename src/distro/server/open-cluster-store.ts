import { readFileSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { openEtcdStore } from '../../store/etcd/etcd-store.ts';
import type { Store } from '../../store/store.ts';
import { openStore } from '../components/open-store.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { Layout } from '../config/layout.ts';
import type { ClusterPlan } from '../up/cluster-plan.ts';

/** What opening needs. */
export interface OpenClusterStoreOptions {
  readonly plan: ClusterPlan;
  readonly layout: Layout;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Opens the store of a cluster: etcd, or a file of this machine. Throws UsageError when a file of the settings can't be read. */
export async function openClusterStore({ plan, layout, clock, log }: OpenClusterStoreOptions): Promise<Store> {
  const { etcdServers, etcdCafile, etcdCertfile, etcdKeyfile, etcdPrefix } = plan.config;
  if (etcdServers.length === 0) return openStore({ path: layout.store });
  const tls = {
    ca: readSetting(etcdCafile, '--etcd-cafile'),
    cert: readSetting(etcdCertfile, '--etcd-certfile'),
    key: readSetting(etcdKeyfile, '--etcd-keyfile'),
  };
  return openEtcdStore({ endpoints: etcdServers, prefix: etcdPrefix, tls, clock, log });
}

function readSetting(file: string | undefined, option: string): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${option} can't be read: ${messageOf(error)}`, { cause: error });
  }
}
