/** The server of `kubets up` as a process: its scheduled snapshots, and those that are asked for while it runs. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Secret } from '../../api/core/secret.ts';
import { systemClock } from '../../base/system-clock.ts';
import { createHttpClient } from '../../client/http-client.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { snapshotStatus } from '../../store/snapshot/snapshot-file.ts';
import { freePort, startComponent } from '../components/testing/component-process.ts';
import type { ComponentProcess } from '../components/testing/component-process.ts';
import { clusterConfig } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';
import type { Layout } from '../config/layout.ts';
import { saveRecord, startTicksOf } from '../process/process-record.ts';
import { readStatus } from '../status/status.ts';
import { planCluster, savePlan } from '../up/cluster-plan.ts';
import { prepareServer } from '../up/identities.ts';
import { runStoreCommand } from './testing/run-store-command.ts';

const within = { timeout: 30_000, interval: 100 };
let layout: Layout;
let server: ComponentProcess;

beforeAll(async () => {
  layout = layoutOf(mkdtempSync(join(tmpdir(), 'kubets-server-')));
  const settings = {
    dataDir: layout.root,
    apiPort: await freePort(),
    snapshotScheduleCron: '@every 1s',
    snapshotRetention: 2,
  };
  const plan = planCluster(clusterConfig(settings, undefined), { address: '192.0.2.1', hostName: 'here' });
  for (const folder of [layout.logs, layout.run]) mkdirSync(folder, { recursive: true });
  const signal = new AbortController().signal;
  const becoming = {
    plan,
    layout,
    addresses: ['127.0.0.1'],
    token: undefined,
    clock: systemClock,
    signal,
    note: () => undefined,
  };
  savePlan(layout, await prepareServer(becoming));
  server = startComponent('server', '--data-dir', layout.root);
  const startTicks = startTicksOf(server.pid) ?? 0;
  saveRecord(layout.run, { name: 'server', pid: server.pid, startTicks, since: systemClock.now(), fingerprint: '' });
}, 30_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(layout.root, { recursive: true, force: true });
});

const folder = (): string => layout.file('snapshots');
const scheduled = (): readonly string[] =>
  (existsSync(folder()) ? readdirSync(folder()) : [])
    .filter((name) => /^scheduled-node-1-.*\.snapshot$/.test(name))
    .sort();

test('the server takes snapshots by its schedule and keeps the newest', { timeout: 60_000 }, async () => {
  await vi.waitFor(() => expect(scheduled().length, server.output).toBeGreaterThan(0), within);
  const [first] = scheduled();
  await vi.waitFor(() => expect(scheduled()).not.toContain(first), within);
  expect(scheduled().length).toBeLessThanOrEqual(3);
  const status = await snapshotStatus(join(folder(), scheduled().at(-1)!));
  expect(status.store).toBe(`sqlite://${layout.store}`);
  expect(status.count).toBeGreaterThan(50);
});

test('of a cluster that runs a snapshot is taken through its server', async () => {
  const saved = await runStoreCommand('snapshot', 'save', '--data-dir', layout.root);
  expect(saved).toMatchObject({ code: 0, stderr: '' });
  const { stderr } = await runStoreCommand('snapshot', 'save', '--store', `sqlite://${layout.store}`);
  expect(stderr).toContain('is in use by another process');
  expect(readdirSync(folder()).filter((name) => name.startsWith('on-demand-'))).toHaveLength(1);
});

test('kubets status tells of snapshots that can not be taken', { timeout: 60_000 }, async () => {
  rmSync(folder(), { recursive: true });
  writeFileSync(folder(), 'in the way');
  await vi.waitFor(async () => {
    const { problems } = await readStatus(layout.root);
    expect(problems.join('\n')).toMatch(/^the snapshot due at .* could not be taken: .*snapshots/m);
  }, within);
});

test(
  'on a fresh machine, a snapshot and the authorities and keys of before bring the cluster back, Secrets too',
  { timeout: 60_000 },
  async () => {
    const { connection } = await loadKubeconfig(layout.adminKubeconfig);
    await using client = createHttpClient(connection);
    const metadata = { name: 'precious', namespace: 'default' };
    const made = await client.create(Secret, { metadata, stringData: { word: 'xyzzy-plugh' } });
    const snapshot = join(layout.root, 'precious.snapshot');
    expect(await runStoreCommand('snapshot', 'save', snapshot, '--data-dir', layout.root)).toMatchObject({ code: 0 });
    expect(await server.stop()).toBe(0);
    const file = readFileSync(layout.store);
    expect(file.includes('k8s:enc:secretbox:v1:key1:')).toBe(true);
    expect(file.includes(made.data?.['word'] ?? '')).toBe(false);

    const fresh = layoutOf(mkdtempSync(join(tmpdir(), 'kubets-fresh-')));
    try {
      cpSync(layout.pki, fresh.pki, { recursive: true });
      cpSync(layout.cluster, fresh.cluster);
      const restored = await runStoreCommand('snapshot', 'restore', snapshot, '--data-dir', fresh.root);
      expect(restored).toMatchObject({ code: 0, stderr: '' });
      await using again = startComponent('server', '--data-dir', fresh.root);
      // The kubeconfig of before still does.
      const read = () => client.get(Secret, metadata);
      const found = await vi.waitFor(read, within);
      expect(found.metadata.uid).toBe(made.metadata.uid);
      expect(found.data).toEqual(made.data);
      expect(Number(found.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
      expect(await again.stop()).toBe(0);
    } finally {
      rmSync(fresh.root, { recursive: true, force: true });
    }
  },
);
