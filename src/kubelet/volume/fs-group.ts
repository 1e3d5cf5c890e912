import { chmod, lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../api/core/pod.ts';

/** Gives a writable volume to the pod's fsGroup: group read and write on all, setgid on folders. */
export async function applyFsGroup(folder: string, pod: Pod): Promise<void> {
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext;
  if (fsGroup === undefined) return;
  const top = await lstat(folder);
  if (fsGroupChangePolicy === 'OnRootMismatch' && top.gid === fsGroup && (top.mode & 0o2060) === 0o2060) return;
  await adopt(folder, fsGroup);
}

async function adopt(path: string, gid: number): Promise<void> {
  const stat = await lstat(path);
  if (stat.isSymbolicLink()) return;
  await lchown(path, stat.uid, gid);
  await chmod(path, (stat.mode & 0o7777) | (stat.isDirectory() ? 0o2770 : 0o660));
  if (!stat.isDirectory()) return;
  for (const name of await readdir(path)) await adopt(join(path, name), gid);
}
