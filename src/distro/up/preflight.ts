import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { spansMachines } from '../config/cluster-config.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';

/** Bytes that must be free under the data directory: images and logs of a small cluster. */
const neededBytes = 1 << 30;

/** What of the machine the checks look at; tests give others. */
export interface PreflightMachine {
  readonly uid: number;
  freeBytes(directory: string): number;
  portHolder(port: number): Promise<string | undefined>;
  kernelProblems(): Promise<readonly string[]>;
}

/**
 * Everything that would keep `up` from working, each as a sentence that says what is wrong and what to do. Changes
 * nothing but a probe file in the data directory's nearest existing parent.
 */
export async function preflight(
  config: ClusterConfig,
  machine: PreflightMachine,
  running: { readonly apiServer: boolean; readonly agent: boolean },
): Promise<readonly string[]> {
  if (machine.uid !== 0) {
    return ['kubets up must run as root: it makes network namespaces, mounts and containers; run it with sudo'];
  }
  const problems = [...diskProblems(config.dataDir, machine)];
  const ports = [
    ...(running.apiServer || config.server !== undefined ? [] : [[config.apiPort, '--api-port'] as const]),
    ...(running.agent || !spansMachines(config) ? [] : [[config.balancerPort, '--balancer-port'] as const]),
  ];
  for (const [port, option] of ports) {
    const holder = await machine.portHolder(port);
    if (holder !== undefined)
      problems.push(`port ${port} is in use (${holder}): stop what uses it, or choose another with ${option}`);
  }
  return [...problems, ...(await machine.kernelProblems())];
}

function diskProblems(dataDir: string, machine: PreflightMachine): readonly string[] {
  const existing = nearestExisting(dataDir);
  const probe = join(existing, `.kubets-probe-${process.pid}`);
  try {
    mkdirSync(existing, { recursive: true });
    writeFileSync(probe, 'probe');
  } catch (error) {
    return [`the data directory ${dataDir} can't be written: ${messageOf(error)}; choose another with --data-dir`];
  } finally {
    rmSync(probe, { force: true });
  }
  const free = machine.freeBytes(existing);
  if (free >= neededBytes) return [];
  const mib = Math.floor(free / 2 ** 20);
  return [
    `the disk of ${dataDir} is full: ${mib} MiB are free and ${neededBytes / 2 ** 20} MiB are needed; free some, or choose another place with --data-dir`,
  ];
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

/** This machine. `kernelProblems` comes from the network and runtime layers. */
export function thisMachine(kernelProblems: () => Promise<readonly string[]>): PreflightMachine {
  return {
    uid: process.getuid?.() ?? -1,
    freeBytes: (directory) => {
      const { bavail, bsize } = statfsSync(directory);
      return bavail * bsize;
    },
    portHolder: probePort,
    kernelProblems,
  };
}

function probePort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(messageOf(error)));
    server.listen({ port, host: '0.0.0.0' }, () => server.close(() => resolve(undefined)));
  });
}
