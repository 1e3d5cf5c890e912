import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CronSchedule } from '../../api/batch/cron-schedule.ts';
import { nextCronTime } from '../../api/batch/next-cron-time.ts';
import type { Clock } from '../../base/clock.ts';
import { timestamp } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { encodeSnapshot } from '../../store/snapshot/snapshot-stream.ts';
import { writeSnapshotFile } from '../../store/snapshot/snapshot-file.ts';
import { readStore } from '../../store/snapshot/store-source.ts';
import type { Store } from '../../store/store.ts';
import { originNow } from './snapshot-document.ts';
import { newestScheduled, scheduledName, superfluous } from './snapshot-name.ts';
import type { SnapshotReport } from './snapshot-report.ts';

/** When snapshots are taken, and where they go. */
export interface SnapshotPlan {
  /** In UTC. */
  readonly schedule: CronSchedule;
  /** How many are kept; the oldest go. */
  readonly retention: number;
  readonly directory: string;
}

/** What taking them needs. */
export interface ScheduledSnapshotsOptions extends SnapshotPlan {
  /** The store below encryption. */
  readonly store: Store;
  /** What the store is called in its snapshots. */
  readonly name: string;
  /** Goes into the names of files: several machines may share a folder. */
  readonly machine: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Hears how each attempt went. */
  report(report: SnapshotReport): Promise<void>;
}

/** After a failure it is tried again, whenever the schedule is due next. */
const retryAfter = 5 * 60_000;
/** A snapshot that was due while the server did not run is taken so long after its start. */
const catchUpAfter = 60_000;
/** Timers of Node are no longer than 24 days. */
const longestSleep = 86_400_000;

/** Takes snapshots by a schedule, and deletes those that are too many. */
export function scheduledSnapshots(options: ScheduledSnapshotsOptions): Component {
  return {
    name: 'scheduled-snapshots',
    async run(signal) {
      let due = await firstTime(options);
      while (due !== undefined && (await sleptUntil(due, options.clock, signal))) {
        const failed = !(await attempt(options, signal));
        const next = nextCronTime(options.schedule, options.clock.now());
        due = failed ? Math.min(next ?? Infinity, options.clock.now() + retryAfter) : next;
      }
    },
  };
}

async function firstTime({
  schedule,
  directory,
  machine,
  clock,
}: ScheduledSnapshotsOptions): Promise<number | undefined> {
  const newest = newestScheduled(await namesIn(directory), machine);
  const missed = newest === undefined ? undefined : nextCronTime(schedule, newest);
  const next = nextCronTime(schedule, clock.now());
  const isLate = missed !== undefined && missed <= clock.now();
  return isLate ? Math.min(next ?? Infinity, clock.now() + catchUpAfter) : next;
}

async function sleptUntil(due: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
  while (clock.now() < due) {
    try {
      await clock.sleep(Math.min(longestSleep, due - clock.now()), signal);
    } catch {
      return false;
    }
  }
  return !signal.aborted;
}

/** Whether a snapshot was taken. */
async function attempt(options: ScheduledSnapshotsOptions, signal: AbortSignal): Promise<boolean> {
  const { clock, log, directory, report } = options;
  const path = join(directory, scheduledName(options.machine, clock.now()));
  try {
    const source = await readStore(options.store, originNow(options.name, clock), signal);
    const { count, revision, fileSize } = await writeSnapshotFile(path, encodeSnapshot(source));
    log.info('Took a snapshot of the store', { path, objects: count, revision, bytes: fileSize });
    await prune(options);
    await report({ time: timestamp(clock.now()), path });
    return true;
  } catch (error) {
    if (signal.aborted) return true;
    log.error('No snapshot of the store could be taken; it will be tried again', { path, error });
    await report({ time: timestamp(clock.now()), path, problem: messageOf(error) }).catch(() => undefined);
    return false;
  }
}

async function prune({ directory, machine, retention, log }: ScheduledSnapshotsOptions): Promise<void> {
  for (const name of superfluous(await namesIn(directory), machine, retention)) {
    await rm(join(directory, name), { force: true });
    log.info('Deleted a snapshot, as there are newer ones', { path: join(directory, name) });
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch(() => []);
}
