import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { architectureOf, pauseExecutable } from './pause.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-pause-'));
const pause = join(folder, 'pause');

beforeAll(() => writeFileSync(pause, pauseExecutable(architectureOf(process.arch)), { mode: 0o755 }));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(['SIGTERM', 'SIGINT'] as const)('pause exits with 0 on %s', async (signal) => {
  const child = spawn(pause);
  await vi.waitFor(() => expect(isWaiting(child)).toBe(true));
  child.kill(signal);
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('pause stays when a child signal or a continue signal arrives', async () => {
  const child = spawn(pause);
  await vi.waitFor(() => expect(isWaiting(child)).toBe(true));
  child.kill('SIGCHLD');
  child.kill('SIGSTOP');
  await vi.waitFor(() => expect(stateOf(child)).toBe('T'));
  child.kill('SIGCONT');
  await vi.waitFor(() => expect(isWaiting(child)).toBe(true));
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('pause reaps orphans as PID 1 of a PID namespace, and ends when told to', async () => {
  // Two orphans read the pipe and end when it closes; until then they are children of pause.
  const script = `(cat <&3 >/dev/null & cat <&3 >/dev/null &); exec 3<&-; exec ${pause}`;
  const unshare = spawn('unshare', ['--pid', '--fork', '--kill-child', 'sh', '-c', script], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const first = await vi.waitFor(() => {
    const [pid] = childrenOf(unshare.pid);
    expect(pid && readFileSync(`/proc/${pid}/comm`, 'utf8').trim()).toBe('pause');
    return pid;
  });
  await vi.waitFor(() => expect(childrenOf(first)).toHaveLength(2));
  const pipe = unshare.stdio[3];
  if (pipe && 'end' in pipe) pipe.end();
  await vi.waitFor(() => expect(childrenOf(first)).toEqual([]));
  process.kill(Number(first), 'SIGTERM');
  expect(await once(unshare, 'exit')).toEqual([0, null]);
});

test('both architectures are built, each for its own machine', () => {
  const machineOf = (file: Uint8Array): number => new DataView(file.buffer).getUint16(18, true);
  expect(machineOf(pauseExecutable('amd64'))).toBe(62);
  expect(machineOf(pauseExecutable('arm64'))).toBe(183);
  expect(pauseExecutable('amd64').length).toBeLessThan(1024);
});

function childrenOf(pid: number | string | undefined): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
}

function stateOf(child: ChildProcess): string | undefined {
  return readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.[0];
}

/** Asleep with its signals blocked: in rt_sigtimedwait. */
function isWaiting(child: ChildProcess): boolean {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return /^Name:\tpause$/m.test(status) && /^State:\tS/m.test(status);
}
