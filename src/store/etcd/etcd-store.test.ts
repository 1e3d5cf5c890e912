import { afterAll, beforeAll, describe } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import type { Store } from '../store.ts';
import { storeSuite } from '../store.testsuite.ts';
import { openEtcdStore } from './etcd-store.ts';
import { type EtcdCluster, type EtcdVersion, startEtcd } from './testing/etcd-process.ts';

describe.each<EtcdVersion>(['3.4', '3.5'])('etcd %s', (version) => {
  let etcd: EtcdCluster;
  let prefixes = 0;

  beforeAll(async () => {
    etcd = await startEtcd({ version });
  }, 60_000);
  afterAll(() => etcd[Symbol.asyncDispose]());

  const open = async (): Promise<Store> =>
    openEtcdStore({ endpoints: etcd.endpoints, prefix: `/test-${++prefixes}`, clock: systemClock, log: silentLogger });
  // Debian's 3.4.23 answers too early.
  storeSuite('the store in it', open, { tellsProgress: version === '3.5' });
});
