import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../base/logger.ts';
import type { PodCgroups } from '../resources/pod-cgroups.ts';
import type { PodVolumes } from '../volume/pod-volumes.ts';
import type { PodWorkers } from './pod-workers.ts';

/** Options of `sweepOrphans`. */
export interface OrphanSweepOptions {
  readonly workers: PodWorkers;
  readonly volumes: PodVolumes;
  readonly cgroups: PodCgroups;
  readonly podLogs: string;
  readonly log: Logger;
}

/** Removes what pods that no source knows have left on the node: folders, mounts, cgroups, logs. */
export async function sweepOrphans({ workers, volumes, cgroups, podLogs, log }: OrphanSweepOptions): Promise<void> {
  const uids = new Set([...(await volumes.list()), ...(await cgroups.list())]);
  for (const uid of uids) {
    if (workers.has(uid)) continue;
    log.info('Cleaning up what an unknown pod has left', { pod: uid });
    workers.remove(uid);
  }
  for (const name of await readdir(podLogs).catch(() => [])) {
    const uid = /^[^_]+_[^_]+_([^_]+)$/.exec(name)?.[1];
    if (uid !== undefined && !workers.has(uid)) await rm(join(podLogs, name), { recursive: true, force: true });
  }
}
