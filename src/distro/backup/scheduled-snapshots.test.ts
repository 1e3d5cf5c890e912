import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseCronSchedule } from '../../api/batch/cron-schedule.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { snapshotStatus } from '../../store/snapshot/snapshot-file.ts';
import { layoutOf } from '../config/layout.ts';
import { scheduledSnapshots } from './scheduled-snapshots.ts';
import { newestScheduled, superfluous } from './snapshot-name.ts';
import { snapshotProblem, writeSnapshotReport } from './snapshot-report.ts';
import type { SnapshotReport } from './snapshot-report.ts';

const hour = 3_600_000;
let root: string;
let directory: string;
let clock: FakeClock;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kubets-scheduled-'));
  directory = join(root, 'snapshots');
  clock = new FakeClock(Date.UTC(2026, 10, 23, 4));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Running extends AsyncDisposable {
  readonly reports: readonly SnapshotReport[];
  /** Moves time to the next time that something is due, and waits for what happens then. */
  next(): Promise<SnapshotReport>;
}

function run(schedule: string, retention = 3): Running {
  const stop = new AbortController();
  const reports: SnapshotReport[] = [];
  const store = new MemoryStore();
  const running = store.create('/registry/a', new Uint8Array(3)).then(() =>
    scheduledSnapshots({
      ...{ store, name: 'memory:', machine: 'node-1', clock, log: silentLogger, directory, retention },
      schedule: parseCronSchedule(schedule),
      report: async (report) => void reports.push(report),
    }).run(stop.signal),
  );
  return {
    reports,
    async next() {
      const before = reports.length;
      await vi.waitFor(() => expect(clock.nextTimer).toBeDefined());
      while (reports.length === before && clock.nextTimer !== undefined) await clock.advance(clock.nextTimer);
      await vi.waitFor(() => expect(reports.length).toBe(before + 1));
      return reports.at(-1)!;
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('done'));
      await running;
    },
  };
}

const files = (): readonly string[] => readdirSync(directory).sort();

test('snapshots are taken when they are due, for their owner only, and as many are kept as are wanted', async () => {
  await using snapshots = run('0 */12 * * *');
  for (let i = 0; i < 5; i++) await snapshots.next();
  expect(files()).toEqual([
    'scheduled-node-1-20261124T120000Z.snapshot',
    'scheduled-node-1-20261125T000000Z.snapshot',
    'scheduled-node-1-20261125T120000Z.snapshot',
  ]);
  const path = join(directory, files()[2]!);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await snapshotStatus(path)).toMatchObject({ count: 1, time: '2026-11-25T12:00:00Z' });
  expect(snapshots.reports.every(({ problem }) => problem === undefined)).toBe(true);
});

test('what fails is reported and tried again five minutes later', async () => {
  writeFileSync(directory, 'a file where the folder should be');
  await using snapshots = run('@daily');
  const failed = await snapshots.next();
  expect(failed.problem).toMatch(/EEXIST|ENOTDIR/);
  rmSync(directory);
  const taken = await snapshots.next();
  expect(taken.problem).toBeUndefined();
  expect(Date.parse(taken.time) - Date.parse(failed.time)).toBe(5 * 60_000);
  expect(files()).toEqual(['scheduled-node-1-20261124T000500Z.snapshot']);
});

test('one that was due while the server did not run is taken soon after its start', async () => {
  mkdirSync(directory);
  writeFileSync(join(directory, 'scheduled-node-1-20261121T000000Z.snapshot'), 'old');
  await using snapshots = run('@daily');
  const { path } = await snapshots.next();
  expect(path).toBe(join(directory, 'scheduled-node-1-20261123T040100Z.snapshot'));
});

test('without any, or with one that is new enough, the schedule is waited for, however long it is', async () => {
  mkdirSync(directory);
  writeFileSync(join(directory, 'scheduled-node-1-20261123T000000Z.snapshot'), 'new');
  await using snapshots = run('0 0 29 2 *');
  const { time } = await snapshots.next();
  expect(time).toBe('2028-02-29T00:00:00Z');
});

test('stopping does not wait for the next one', async () => {
  const snapshots = run('@yearly');
  await vi.waitFor(() => expect(clock.nextTimer).toBeGreaterThan(hour));
  await snapshots[Symbol.asyncDispose]();
  expect(clock.nextTimer).toBeUndefined();
});

test('only scheduled snapshots are ever deleted, and what is left of interrupted ones', () => {
  const names = [
    'scheduled-node-1-20261123T000000Z.snapshot',
    'scheduled-node-1-20261122T000000Z.snapshot',
    'scheduled-node-1-20261121T000000Z.snapshot.part-17',
    'on-demand-20261101T000000Z.snapshot',
    'scheduled-node-10-20261101T000000Z.snapshot',
    'scheduled-20261101T000000Z.snapshot',
    'scheduled-node-1-notes.txt',
    'my.snapshot',
  ];
  expect(superfluous(names, 'node-1', 1)).toEqual([
    'scheduled-node-1-20261122T000000Z.snapshot',
    'scheduled-node-1-20261121T000000Z.snapshot.part-17',
  ]);
  expect(newestScheduled(names, 'node-1')).toBe(Date.UTC(2026, 10, 23));
  expect(newestScheduled(['my.snapshot'], 'node-1')).toBeUndefined();
});

test('kubets status tells of the last attempt, if it failed', async () => {
  const layout = layoutOf(root);
  expect(snapshotProblem(layout)).toBeUndefined();
  const time = '2026-11-23T00:00:00Z';
  await writeSnapshotReport(layout, { time, path: '/a', problem: 'ENOSPC: no space left on device, write' });
  expect(snapshotProblem(layout)).toBe(
    'the snapshot due at 2026-11-23T00:00:00Z could not be taken: ENOSPC: no space left on device, write (it is tried again every five minutes)',
  );
  await writeSnapshotReport(layout, { time, path: '/a' });
  expect(snapshotProblem(layout)).toBeUndefined();
});
