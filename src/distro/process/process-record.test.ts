import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../base/system-clock.ts';
import { startDetached, stopProcess } from './detached-process.ts';
import { isAlive, pidsWithEnvironment, readRecords, residentBytes, saveRecord } from './process-record.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'kubets-process-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const start = (command: string, args: readonly string[]) =>
  startDetached({
    name: 'part',
    command,
    args,
    env: { KUBETS_TEST_MARK: directory },
    logFile: join(directory, 'logs', 'part.log'),
    runDirectory: join(directory, 'run'),
    fingerprint: 'f',
    clock: systemClock,
  });

test('a detached process is recorded, found by its environment, and stopped', async () => {
  const record = await start('sleep', ['60']);
  expect(readRecords(join(directory, 'run'))).toEqual([record]);
  expect(isAlive(record)).toBe(true);
  expect(residentBytes(record.pid)).toBeGreaterThan(0);
  expect(pidsWithEnvironment('KUBETS_TEST_MARK', directory)).toEqual([record.pid]);
  await stopProcess(record, systemClock);
  expect(isAlive(record)).toBe(false);
});

test('one that ignores SIGTERM is killed', async () => {
  const record = await start('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done']);
  const log = join(directory, 'logs', 'part.log');
  await expect.poll(() => readFileSync(log, 'utf8')).toBe('ready\n');
  await stopProcess(record, systemClock, 100);
  expect(isAlive(record)).toBe(false);
});

test('a program that is not there is an error', async () => {
  await expect(start('/no/such/program', [])).rejects.toThrow('ENOENT');
});

test('a process id that was given to another process is not taken for the recorded one', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const record = { name: 'part', pid: child.pid ?? 0, startTicks: 1, since: 0, fingerprint: '' };
  saveRecord(directory, record);
  await stopProcess(record, systemClock);
  expect(child.exitCode).toBeNull();
  child.kill('SIGKILL');
  await once(child, 'exit');
});
