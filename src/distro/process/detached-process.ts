import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { isAlive, saveRecord, startTicksOf } from './process-record.ts';
import type { ProcessRecord } from './process-record.ts';

/** What to start, and where its output and record go. */
export interface DetachedOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  readonly runDirectory: string;
  readonly fingerprint: string;
  readonly clock: Clock;
}

/** Starts a process that outlives this one, in a session of its own. Throws when it can't be started. */
export async function startDetached(options: DetachedOptions): Promise<ProcessRecord> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const child = spawn(options.command, [...options.args], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...options.env },
      cwd: '/',
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const pid = child.pid ?? 0;
    const record: ProcessRecord = {
      name: options.name,
      pid,
      startTicks: startTicksOf(pid) ?? 0,
      since: options.clock.now(),
      fingerprint: options.fingerprint,
    };
    saveRecord(options.runDirectory, record);
    return record;
  } finally {
    closeSync(log);
  }
}

/** Asks a process to end, and kills it when it has not after `graceMs`. Resolves when it is gone. */
export async function stopProcess(record: ProcessRecord, clock: Clock, graceMs = 10_000): Promise<void> {
  for (const [signal, patience] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!isAlive(record)) return;
    try {
      process.kill(record.pid, signal);
    } catch {
      return;
    }
    const deadline = clock.monotonic() + patience;
    while (isAlive(record) && clock.monotonic() < deadline) await clock.sleep(20);
  }
}
