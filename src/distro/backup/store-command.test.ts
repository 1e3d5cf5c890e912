import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import { saveRecord, startTicksOf } from '../process/process-record.ts';
import { runStoreCommand } from './testing/run-store-command.ts';

let directory: string;
let dataDir: string;
let database: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kubets-store-'));
  dataDir = join(directory, 'data');
  database = join(dataDir, 'store', 'kubets.db');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A data directory whose cluster is stopped. */
async function stoppedCluster(count: number): Promise<void> {
  mkdirSync(dirname(database), { recursive: true });
  await using store = await openSqliteStore({ path: database });
  const create = (i: number) => store.create(`/registry/configmaps/default/${i}`, bytes(`{"n":${i}}`));
  await Promise.all(Array.from({ length: count }, (_, i) => create(i)));
}

async function countOf(path: string): Promise<number> {
  await using store = await openSqliteStore({ path });
  return (await store.list('')).items.length;
}

describe('kubets store snapshot', () => {
  test('save without a file puts it into the data directory, from the file of a cluster that is stopped', async () => {
    await stoppedCluster(3);
    const saved = await runStoreCommand('snapshot', 'save', '--data-dir', dataDir);
    expect(saved).toMatchObject({ code: 0, stderr: '' });
    const [name = ''] = readdirSync(join(dataDir, 'snapshots'));
    expect(name).toMatch(/^on-demand-\d{8}T\d{6}Z\.snapshot$/);
    expect(saved.stdout).toContain(`${join(dataDir, 'snapshots', name)}: 3 objects at revision `);
  });

  test('status shows a table as etcdutl does, and JSON with the same names', async () => {
    await stoppedCluster(2);
    const file = join(directory, 'a.snapshot');
    await runStoreCommand('snapshot', 'save', file, '--data-dir', dataDir);
    const { stdout, code } = await runStoreCommand('snapshot', 'status', file);
    expect(code).toBe(0);
    const [line, head, , row, end] = stdout.split('\n');
    expect(line).toMatch(/^\+-[-+]+-\+$/);
    expect(end).toBe(line);
    expect(head).toMatch(/^\| +HASH +\| +REVISION +\| TOTAL KEYS \| TOTAL SIZE \| FILE SIZE \| +TIME +\| FORMAT \|$/);
    expect(row).toMatch(
      /^\| [0-9a-f]{8} \| +2 +\| +2 +\| +\d+ B +\| +\d+ B +\| \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \| +1 +\|$/,
    );
    const json = JSON.parse((await runStoreCommand('snapshot', 'status', file, '--output', 'json')).stdout) as object;
    expect(json).toMatchObject({
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      totalKey: 2,
      totalSize: 2 * ('/registry/configmaps/default/0'.length + '{"n":0}'.length),
      version: '1',
      store: `sqlite://${database}`,
    });
  });

  test('restore brings a data directory back, and replaces one only by force', async () => {
    await stoppedCluster(5);
    const file = join(directory, 'a.snapshot');
    await runStoreCommand('snapshot', 'save', file, '--data-dir', dataDir);
    const fresh = join(directory, 'fresh');
    const restored = await runStoreCommand('snapshot', 'restore', file, '--data-dir', fresh);
    expect(restored).toMatchObject({ code: 0, stderr: '' });
    expect(await countOf(join(fresh, 'store', 'kubets.db'))).toBe(5);
    const again = await runStoreCommand('snapshot', 'restore', file, '--data-dir', fresh);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(
      /^kubets: .*kubets\.db holds 5 objects: --force replaces them, and keeps them in a file beside it\n$/,
    );
    const forced = await runStoreCommand('snapshot', 'restore', file, '--data-dir', fresh, '--force');
    expect(forced.code).toBe(0);
    const kept = /^what was there before is kept in (.+)$/m.exec(forced.stdout)?.[1] ?? '';
    expect(await countOf(kept)).toBe(5);
  });

  test('a file that is damaged is refused before anything is done, with exit code 1', async () => {
    await stoppedCluster(3);
    const file = join(directory, 'a.snapshot');
    await runStoreCommand('snapshot', 'save', file, '--data-dir', dataDir);
    writeFileSync(file, readFileSync(file).subarray(0, -10));
    const target = join(directory, 'fresh');
    for (const action of [
      ['status', file],
      ['restore', file, '--data-dir', target],
    ]) {
      const { code, stderr } = await runStoreCommand('snapshot', ...action);
      expect(code).toBe(1);
      expect(stderr).toBe(
        `kubets: ${file} can't be used: it is incomplete: it ends before its checksum; use another one\n`,
      );
    }
    expect(readdirSync(directory)).not.toContain('fresh');
  });

  test('a cluster that runs is not restored over, nor a file that is in use', async () => {
    await stoppedCluster(1);
    const file = join(directory, 'a.snapshot');
    await runStoreCommand('snapshot', 'save', file, '--data-dir', dataDir);
    {
      await using _open = await openSqliteStore({ path: database });
      for (const action of [
        ['save', `${file}.2`],
        ['restore', file, '--force'],
      ]) {
        const { code, stderr } = await runStoreCommand('snapshot', ...action, '--store', `sqlite://${database}`);
        expect([code, stderr]).toEqual([1, expect.stringContaining('is in use by another process')]);
      }
    }
    const startTicks = startTicksOf(process.pid) ?? 0;
    saveRecord(join(dataDir, 'run'), { name: 'server', pid: process.pid, startTicks, since: 0, fingerprint: '' });
    const { code, stderr } = await runStoreCommand('snapshot', 'restore', file, '--force', '--data-dir', dataDir);
    expect([code, stderr]).toEqual([
      2,
      `kubets: the cluster in ${dataDir} runs: kubets down stops it, --data-dir names another\n`,
    ]);
  });

  test('there is nothing to save where there is no store', async () => {
    const { code, stderr } = await runStoreCommand('snapshot', 'save', '--data-dir', dataDir);
    expect([code, stderr]).toEqual([1, `kubets: ${database} does not exist\n`]);
    expect(readdirSync(directory)).toEqual([]);
  });
});

test('migrate copies a store to a file and back into another store, and compares', async () => {
  await stoppedCluster(4);
  const file = join(directory, 'moved.snapshot');
  const other = join(directory, 'other.db');
  const out = await runStoreCommand('migrate', '--from', `sqlite://${database}`, '--to', `file://${file}`);
  expect(out).toMatchObject({ code: 0, stderr: '' });
  const back = await runStoreCommand('migrate', '--from', file, '--to', `sqlite://${other}`, '--bump-revision', '10');
  expect(back).toMatchObject({ code: 0, stderr: '' });
  expect(await countOf(other)).toBe(4);
  const direct = await runStoreCommand('migrate', '--from', `sqlite://${other}`, '--to', `sqlite://${other}.2`);
  expect(direct.code).toBe(0);
  expect(await countOf(`${other}.2`)).toBe(4);
});

describe('what makes no sense is told with what would, and exit code 2:', () => {
  test.each([
    [[], "missing required argument 'action'"],
    [['snapshot'], 'kubets store knows snapshot save, snapshot status, snapshot restore, migrate, not "snapshot"'],
    [['snapshot', 'steal'], 'not "snapshot steal"'],
    [['snapshot', 'status'], 'kubets store snapshot status takes the file of a snapshot'],
    [['snapshot', 'restore', 'a', 'b'], 'one file is meant, not 2'],
    [['snapshot', 'status', 'a', '-o', 'yaml'], '--output is table or json, not "yaml"'],
    [['snapshot', 'save', '--store', 'memory:'], '--store must be sqlite:///absolute/path/of/a/file'],
    [['snapshot', 'restore', 'a', '--kubeconfig', 'b'], 'a snapshot is restored while no API server runs'],
    [['migrate', '--from', 'a'], 'kubets store migrate takes --from and --to'],
    [
      ['migrate', '--from', 'ftp://a', '--to', 'b'],
      '--from and --to are sqlite:///file, etcd or file:///snapshot, not "ftp://a"',
    ],
    [
      ['migrate', '--from', 'a', '--to', 'sqlite:///b', '--bump-revision', '-1'],
      '--bump-revision must be a whole number',
    ],
  ])('%j', async (args, sentence) => {
    const { code, stderr } = await runStoreCommand(...args);
    expect(stderr).toContain(sentence);
    expect(code).toBe(2);
  });
});
