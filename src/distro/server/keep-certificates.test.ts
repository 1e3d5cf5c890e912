import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { defaultConfig } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';
import { hostAddresses } from '../node-network.ts';
import { pkiFiles } from '../pki/cluster-pki.ts';
import { planCluster } from '../up/cluster-plan.ts';
import { prepareServer } from '../up/identities.ts';
import { keepCertificates } from './keep-certificates.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'kubets-keep-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const day = 86_400_000;

async function start() {
  const clock = new FakeClock();
  const layout = layoutOf(directory);
  const kubeconfig = join(directory, 'home', 'config');
  const config = { ...defaultConfig, dataDir: directory, kubeconfig };
  const plan = await prepareServer({
    plan: planCluster(config, { address: '192.0.2.1', hostName: 'one' }),
    layout,
    addresses: hostAddresses().all,
    token: undefined,
    ...{ clock, signal: new AbortController().signal, note: () => undefined },
  });
  const stop = new AbortController();
  const store = new MemoryStore();
  const running = keepCertificates({ plan, layout, store, clock, log: silentLogger, signal: stop.signal });
  return {
    ...{ clock, layout, kubeconfig },
    endOf: (name: string) =>
      Date.parse(new X509Certificate(readFileSync(pkiFiles(layout.pki).client(name).certificate)).validTo),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await store[Symbol.asyncDispose]();
    },
  };
}

test('what a user has written to the copy of the kubeconfig stays there, until there is a new certificate to hand out', async () => {
  await using s = await start();
  const edited = `${readFileSync(s.kubeconfig, 'utf8')}# mine\n`;
  writeFileSync(s.kubeconfig, edited);
  // A kubeconfig of the cluster's own that is lost comes back: that is how a look is known to have been taken.
  rmSync(s.layout.adminKubeconfig);
  await s.clock.advance(60_000);
  await expect.poll(() => existsSync(s.layout.adminKubeconfig), { timeout: 10_000, interval: 5 }).toBe(true);
  expect(readFileSync(s.kubeconfig, 'utf8')).toBe(edited);
});

test('certificates are renewed 90 days before they end, and so are the kubeconfigs that hold them', async () => {
  await using s = await start();
  const before = s.endOf('admin');
  await s.clock.advance(before - s.clock.now() - 90 * day + 60_000);
  await expect.poll(() => s.endOf('admin'), { timeout: 10_000, interval: 5 }).toBeGreaterThan(before);
  await expect
    .poll(
      async () => {
        const { connection } = await loadKubeconfig(s.kubeconfig);
        return Date.parse(new X509Certificate(connection.certificate?.cert ?? '').validTo);
      },
      { timeout: 10_000, interval: 5 },
    )
    .toBe(s.endOf('admin'));
});
