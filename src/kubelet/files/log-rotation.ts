import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { KubeletServices } from '../pod/kubelet-services.ts';

const lookEvery = 10_000;

/** Rotates the logs of running containers that have grown too large, until aborted. */
export async function rotateLogsForever(services: KubeletServices, signal: AbortSignal): Promise<void> {
  const { clock, log } = services;
  while (!signal.aborted) {
    await clock.sleep(lookEvery, signal).catch(() => undefined);
    if (signal.aborted) return;
    await rotateLogs(services, signal).catch((error: unknown) => {
      if (!signal.aborted) log.warning('Failed to rotate container logs', { err: error });
    });
  }
}

/** Looks at the log of each running container once. */
export async function rotateLogs(services: KubeletServices, signal: AbortSignal): Promise<void> {
  const { runtime, config, clock } = services;
  for (const { id } of await runtime.listContainers({ state: 'Running' }, { signal })) {
    const { logPath } = await runtime.containerStatus(id, { signal });
    const stats = logPath === '' ? undefined : await stat(logPath).catch(() => undefined);
    if (!stats || stats.size < config.containerLogMaxSize) continue;
    const rotated = `${logPath}.${stampOf(clock.now())}`;
    await rename(logPath, rotated);
    try {
      await runtime.reopenContainerLog(id, { signal });
    } catch (error) {
      // The runtime still writes to the old file: give it its name back.
      await rename(rotated, logPath);
      throw error;
    }
    await dropOldest(logPath, config.containerLogMaxFiles);
  }
}

/** A log's rotated files, oldest first. */
export async function rotatedLogs(logPath: string): Promise<readonly string[]> {
  const prefix = `${basename(logPath)}.`;
  const names = await readdir(dirname(logPath)).catch(() => []);
  return names
    .filter((name) => name.startsWith(prefix))
    .sort()
    .map((name) => join(dirname(logPath), name));
}

async function dropOldest(logPath: string, maxFiles: number): Promise<void> {
  const rotated = await rotatedLogs(logPath);
  for (const path of rotated.slice(0, Math.max(0, rotated.length - (maxFiles - 1)))) await rm(path, { force: true });
}

/** As upstream names rotated logs: `20260102-150405`. */
function stampOf(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}
