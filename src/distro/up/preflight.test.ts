import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultConfig } from '../config/cluster-config.ts';
import { preflight } from './preflight.ts';
import type { PreflightMachine } from './preflight.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'kubets-preflight-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const good: PreflightMachine = {
  uid: 0,
  freeBytes: () => 100 * 2 ** 30,
  portHolder: () => Promise.resolve(undefined),
  kernelProblems: () => Promise.resolve([]),
};

const problemsOf = (machine: Partial<PreflightMachine>, apiServer = false): Promise<readonly string[]> =>
  preflight(
    { ...defaultConfig, dataDir: join(directory, 'data') },
    { ...good, ...machine },
    { apiServer, agent: false },
  );

test('a good machine has no problems, and nothing is left of the probe', async () => {
  expect(await problemsOf({})).toEqual([]);
  expect(readdirSync(directory)).toEqual([]);
});

test('without root nothing else is looked at', async () => {
  expect(await problemsOf({ uid: 1000, freeBytes: () => 0 })).toEqual([
    expect.stringMatching(/must run as root.*run it with sudo/),
  ]);
});

test('every problem is said at once, each with what to do', async () => {
  const problems = await problemsOf({
    freeBytes: () => 5 * 2 ** 20,
    portHolder: () => Promise.resolve('EADDRINUSE'),
    kernelProblems: () => Promise.resolve(['the kernel has no vxlan: load the module vxlan']),
  });
  expect(problems).toEqual([
    expect.stringMatching(/disk of .* is full: 5 MiB are free and 1024 MiB are needed.*--data-dir/),
    expect.stringMatching(/port 6443 is in use \(EADDRINUSE\).*--api-port/),
    'the kernel has no vxlan: load the module vxlan',
  ]);
});

test('the port may be held by the cluster itself', async () => {
  expect(await problemsOf({ portHolder: () => Promise.resolve('EADDRINUSE') }, true)).toEqual([]);
});
