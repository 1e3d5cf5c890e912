import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEtcd } from '../../store/etcd/testing/etcd-process.ts';
import type { EtcdCluster } from '../../store/etcd/testing/etcd-process.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import type { Store } from '../../store/store.ts';
import { runStoreCommand } from './testing/run-store-command.ts';

let etcd: EtcdCluster;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kubets-store-etcd-'));
  etcd = await startEtcd({ version: '3.5', tls: true });
}, 60_000);
afterAll(async () => {
  await etcd[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const etcdOptions = (prefix = '/registry'): readonly string[] => [
  ...['--etcd-servers', etcd.endpoints.join(','), '--etcd-prefix', prefix],
  ...['--etcd-cafile', etcd.tls!.caFile, '--etcd-certfile', etcd.tls!.certFile, '--etcd-keyfile', etcd.tls!.keyFile],
];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function contents(store: Store): Promise<readonly string[]> {
  return (await store.list('')).items.map(({ key, value }) => `${key} ${String(Buffer.from(value))}`);
}

test('a store moves from a file to etcd and back, and a snapshot of either can be restored into the other', async () => {
  const path = join(directory, 'kubets.db');
  let before: readonly string[];
  {
    await using store = await openSqliteStore({ path });
    for (let i = 0; i < 20; i++) await store.create(`/registry/configmaps/default/${i}`, bytes(`{"n":${i}}`));
    before = await contents(store);
  }
  const few = ['--bump-revision', '10'];
  const there = await runStoreCommand(
    'migrate',
    '--from',
    `sqlite://${path}`,
    '--to',
    'etcd',
    ...etcdOptions(),
    ...few,
  );
  expect(there).toMatchObject({ code: 0 });
  expect(there.stdout).toContain(`etcd at ${etcd.endpoints[0]}: 20 objects`);
  const again = await runStoreCommand('migrate', '--from', `sqlite://${path}`, '--to', 'etcd', ...etcdOptions());
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('holds 20 objects: --force deletes them');

  const back = join(directory, 'back.db');
  expect(
    await runStoreCommand('migrate', '--from', 'etcd', '--to', `sqlite://${back}`, ...etcdOptions()),
  ).toMatchObject({ code: 0, stderr: '' });
  {
    await using store = await openSqliteStore({ path: back });
    expect(await contents(store)).toEqual(before);
  }
  const snapshot = join(directory, 'etcd.snapshot');
  expect(await runStoreCommand('snapshot', 'save', snapshot, ...etcdOptions())).toMatchObject({ code: 0, stderr: '' });
  const other = await runStoreCommand('snapshot', 'restore', snapshot, ...etcdOptions('/other'), ...few);
  expect(other.code).toBe(0);
  const third = join(directory, 'third.db');
  await runStoreCommand('migrate', '--from', 'etcd', '--to', `sqlite://${third}`, ...etcdOptions('/other'));
  await using store = await openSqliteStore({ path: third });
  expect(await contents(store)).toEqual(before);
});

test('an etcd that is not named, or not by URLs, is told', async () => {
  const refused = await runStoreCommand('migrate', '--from', 'etcd', '--to', 'a');
  expect(refused).toMatchObject({ code: 2, stderr: 'kubets: --etcd-servers says which etcd\n' });
  const wrong = await runStoreCommand('snapshot', 'save', 'a', '--etcd-servers', '10.0.0.1:2379');
  expect(wrong.stderr).toContain('--etcd-servers must be URLs such as https://10.0.0.1:2379, with commas between');
});
