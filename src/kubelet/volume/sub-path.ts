import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { chmod, mkdir, open, realpath, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Mounter } from './mounter.ts';
import { VolumeError } from './volume-plugin.ts';

/** Linux's O_PATH: a handle on a place, without opening what is there. Node does not name it. */
const openPath = 0o10000000;

/** Which part of a volume a container wants. */
export interface SubPathRequest {
  readonly volumePath: string;
  readonly subPath: string;
  /** Where the part is bound to, so that what containers do to the volume later changes nothing. */
  readonly target: string;
  readonly mounter: Mounter;
}

/**
 * Binds a part of a volume to `target`, making it if it is missing. A container that shares the volume may replace any
 * part of the path by a symlink at any time: so the path is resolved once, refused if it leaves the volume, and then
 * walked again folder by folder without following symlinks. Source: upstream's pkg/volume/util/subpath.
 */
export async function bindSubPath(request: SubPathRequest): Promise<string> {
  const { volumePath, subPath, target, mounter } = request;
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) {
    throw new VolumeError(`subPath "${subPath}" must be relative and must not contain '..'`);
  }
  const root = await realpath(volumePath);
  await makeMissing(root, subPath);
  const full = await realpath(join(root, subPath));
  const inside = relative(root, full);
  if (inside === '..' || inside.startsWith('../') || inside.startsWith('/')) {
    throw new VolumeError(`subPath "${subPath}" leads out of its volume: it resolves to ${full}`);
  }
  const isFolder = (await stat(full)).isDirectory();
  await makeTarget(target, isFolder);
  if ((await mounter.mountsBelow(target)).includes(target)) return target;
  const handle = await openWithin(root, inside);
  try {
    await mounter.bind(`/proc/${process.pid}/fd/${handle.fd}`, target);
  } finally {
    await handle.close();
  }
  return target;
}

/** Opens a path part by part; a symlink on the way fails with ELOOP or is refused. */
async function openWithin(root: string, path: string): Promise<FileHandle> {
  let handle = await open(root, openPath | constants.O_NOFOLLOW);
  for (const part of path.split('/').filter(Boolean)) {
    const next = await open(`/proc/self/fd/${handle.fd}/${part}`, openPath | constants.O_NOFOLLOW);
    await handle.close();
    handle = next;
    if ((await handle.stat()).isSymbolicLink()) {
      await handle.close();
      throw new VolumeError(`"${part}" of a subPath was replaced by a symbolic link while it was mounted`);
    }
  }
  return handle;
}

/**
 * Makes what is missing of `subPath`, never through a symlink that leaves `root`. Who may write to the volume may write
 * to what is made: it takes the volume's mode.
 */
async function makeMissing(root: string, subPath: string): Promise<void> {
  const mode = (await stat(root)).mode & 0o7777;
  let current = root;
  for (const part of subPath.split('/').filter(Boolean)) {
    const next = join(current, part);
    const real = await realpath(next).catch(() => undefined);
    if (real === undefined) {
      try {
        await mkdir(next, { mode });
        await chmod(next, mode);
      } catch (error) {
        throw new VolumeError(`cannot make subPath "${subPath}" in its volume`, { cause: error });
      }
      current = next;
      continue;
    }
    if (real !== root && !real.startsWith(`${root}/`)) {
      throw new VolumeError(`subPath "${subPath}" leads out of its volume: it resolves to ${real}`);
    }
    current = real;
  }
}

async function makeTarget(target: string, isFolder: boolean): Promise<void> {
  if (isFolder) {
    await mkdir(target, { recursive: true });
    return;
  }
  await mkdir(join(target, '..'), { recursive: true });
  await writeFile(target, '', { flag: 'a' });
}
