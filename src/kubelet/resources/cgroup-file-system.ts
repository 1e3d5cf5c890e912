import { mkdir, readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CgroupValues } from './cgroup-values.ts';
import { weightOf } from './cgroup-values.ts';

/** The cgroup hierarchies of this machine: one unified (v2), or one folder per controller (v1). */
export type CgroupHierarchy =
  | { readonly version: 2; readonly root: string }
  | { readonly version: 1; readonly controllers: Readonly<Record<string, string>> };

/** Values of a pod's or a class's cgroup, with the limit of processes. */
export interface CgroupSettings extends Partial<CgroupValues> {
  readonly pidsLimit?: number | undefined;
}

const controllersNeeded = ['cpu', 'memory', 'pids'] as const;

/** Finds the hierarchies in the text of /proc/self/mountinfo. Prefers v1 where a v1 memory controller is mounted. */
export function parseHierarchy(mountinfo: string): CgroupHierarchy | undefined {
  const controllers: Record<string, string> = {};
  let unified: string | undefined;
  for (const line of mountinfo.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const mountPoint = left.split(' ')[4];
    const [type, , options = ''] = right.split(' ');
    if (mountPoint === undefined) continue;
    if (type === 'cgroup2') unified ??= mountPoint;
    if (type !== 'cgroup') continue;
    for (const option of options.split(',')) {
      if (!['rw', 'ro', 'xattr', 'none'].includes(option)) controllers[option] ??= mountPoint;
    }
  }
  if (controllers['memory'] !== undefined || controllers['cpu'] !== undefined) return { version: 1, controllers };
  return unified === undefined ? undefined : { version: 2, root: unified };
}

/** Makes, sets and removes cgroups with plain files. Paths are inside the hierarchy, such as `/kubepods/burstable`. */
export class CgroupFileSystem {
  readonly #hierarchy: CgroupHierarchy;

  constructor(hierarchy: CgroupHierarchy) {
    this.#hierarchy = hierarchy;
  }

  /** The file systems of this machine; undefined when no cgroups are mounted. */
  static async detect(): Promise<CgroupFileSystem | undefined> {
    const hierarchy = parseHierarchy(await readFile('/proc/self/mountinfo', 'utf8'));
    return hierarchy && new CgroupFileSystem(hierarchy);
  }

  /** Makes the cgroup if it is missing and sets it. */
  async ensure(path: string, settings: CgroupSettings): Promise<void> {
    if (this.#hierarchy.version === 2) return this.#ensureUnified(this.#hierarchy.root, path, settings);
    const { controllers } = this.#hierarchy;
    const writes = Object.entries(filesOfV1(settings));
    for (const controller of controllersNeeded) {
      const root = controllers[controller];
      if (root === undefined) continue;
      await mkdir(join(root, path), { recursive: true });
      for (const [name, value] of writes) {
        if (name.startsWith(`${controller}.`)) await writeFile(join(root, path, name), value);
      }
    }
  }

  /** Removes the cgroup and all below it. Processes in it make it fail with EBUSY. */
  async remove(path: string): Promise<void> {
    const roots = this.#roots();
    await Promise.all(roots.map((root) => removeTree(join(root, path))));
  }

  /** Names of the cgroups directly below `path`. */
  async children(path: string): Promise<readonly string[]> {
    const names = await Promise.all(this.#roots().map((root) => foldersIn(join(root, path))));
    return [...new Set(names.flat())];
  }

  #roots(): readonly string[] {
    if (this.#hierarchy.version === 2) return [this.#hierarchy.root];
    return [...new Set(Object.values(this.#hierarchy.controllers))];
  }

  async #ensureUnified(root: string, path: string, settings: CgroupSettings): Promise<void> {
    const parts = path.split('/').filter(Boolean);
    let current = root;
    for (const part of parts) {
      await enableControllers(current);
      current = join(current, part);
      await mkdir(current, { recursive: true });
    }
    await enableControllers(current);
    for (const [name, value] of Object.entries(filesOfV2(settings))) {
      await writeFile(join(current, name), value).catch(ignoreMissing);
    }
  }
}

/** The files of cgroup v1 for `settings`. */
export function filesOfV1(settings: CgroupSettings): Readonly<Record<string, string>> {
  const period = settings.cpuPeriod ?? 100_000;
  return {
    ...(settings.cpuShares === undefined ? {} : { 'cpu.shares': String(settings.cpuShares) }),
    ...(settings.cpuQuota === undefined
      ? {}
      : { 'cpu.cfs_period_us': String(period), 'cpu.cfs_quota_us': String(settings.cpuQuota) }),
    ...(settings.memoryLimit === undefined ? {} : { 'memory.limit_in_bytes': String(settings.memoryLimit) }),
    ...(settings.pidsLimit === undefined ? {} : { 'pids.max': String(settings.pidsLimit) }),
  };
}

/** The files of cgroup v2 for `settings`. */
export function filesOfV2(settings: CgroupSettings): Readonly<Record<string, string>> {
  const period = settings.cpuPeriod ?? 100_000;
  return {
    ...(settings.cpuShares === undefined ? {} : { 'cpu.weight': String(weightOf(settings.cpuShares)) }),
    ...(settings.cpuQuota === undefined ? {} : { 'cpu.max': `${settings.cpuQuota} ${period}` }),
    ...(settings.memoryLimit === undefined ? {} : { 'memory.max': String(settings.memoryLimit) }),
    ...(settings.pidsLimit === undefined ? {} : { 'pids.max': String(settings.pidsLimit) }),
  };
}

/** Passes on what this cgroup has of the controllers needed; a kernel without one, or the root in use, is tolerated. */
async function enableControllers(folder: string): Promise<void> {
  const available = (await readFile(join(folder, 'cgroup.controllers'), 'utf8').catch(() => '')).trim().split(' ');
  for (const name of ['cpuset', 'cpu', 'io', 'memory', 'pids', 'hugetlb']) {
    if (available.includes(name))
      await writeFile(join(folder, 'cgroup.subtree_control'), `+${name}`).catch(ignoreRefused);
  }
}

async function removeTree(folder: string): Promise<void> {
  for (const child of await foldersIn(folder)) await removeTree(join(folder, child));
  await rmdir(folder).catch(ignoreMissing);
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function ignoreRefused(error: unknown): void {
  if (!['EBUSY', 'EINVAL', 'ENOENT', 'EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP'].includes(String(codeOf(error))))
    throw error;
}
