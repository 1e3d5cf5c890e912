import { readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where cgroups are mounted: the unified tree of v2, or one tree per controller of v1. */
export function cgroupMounts(mountinfo = readFileSync('/proc/self/mountinfo', 'utf8')): readonly string[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    return /^cgroup2? /.test(right) ? [unescaped(left.split(' ')[4] ?? '')] : [];
  });
}

/** A path of mountinfo, where blanks and backslashes are written in octal. */
export function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The processes in a cgroup (`/kubepods/pod1`) and those below it, in any hierarchy. */
export function processesInCgroup(path: string, mounts = cgroupMounts()): readonly number[] {
  const pids = new Set<number>();
  for (const folder of mounts.flatMap((mount) => foldersUnder(join(mount, path)))) {
    for (const pid of readProcs(folder)) pids.add(pid);
  }
  return [...pids];
}

/**
 * Kills every process in a cgroup and those below it; resolves with how many there were. To be called until there is
 * none: what is killed may have forked in between. Thaws first, since a process that cgroup v1 froze ignores even
 * SIGKILL: runc freezes what it is about to kill, and leaves it so when it is killed itself.
 */
export function killCgroup(path: string, mounts = cgroupMounts()): number {
  for (const folder of mounts.flatMap((mount) => foldersUnder(join(mount, path)))) thaw(folder);
  const pids = processesInCgroup(path, mounts);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  return pids.length;
}

function thaw(folder: string): void {
  for (const [file, value] of [
    ['freezer.state', 'THAWED'],
    ['cgroup.freeze', '0'],
  ] as const) {
    try {
      writeFileSync(join(folder, file), value, { flag: 'r+' });
    } catch {
      // Not this kind of hierarchy.
    }
  }
}

/** Removes a cgroup and those below it from every hierarchy; false while something in them still runs. */
export function removeCgroup(path: string, mounts = cgroupMounts()): boolean {
  if (path === '' || path === '/') throw new Error('the root cgroup cannot be removed');
  let removed = true;
  // Children come after their parents in the list, and have to go first.
  for (const folder of mounts.flatMap((mount) => foldersUnder(join(mount, path))).reverse()) {
    try {
      rmdirSync(folder);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) removed = false;
    }
  }
  return removed;
}

function foldersUnder(folder: string): string[] {
  try {
    const children = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [folder, ...children.flatMap((child) => foldersUnder(join(folder, child.name)))];
  } catch {
    return [];
  }
}

function readProcs(folder: string): number[] {
  try {
    return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
