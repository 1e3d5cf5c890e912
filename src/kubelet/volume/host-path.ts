import { mkdir, stat, writeFile } from 'node:fs/promises';
import type { HostPathVolumeSource } from '../../api/core/volume.ts';
import type { VolumePlugin } from './volume-plugin.ts';
import { VolumeError } from './volume-plugin.ts';

/** A file or folder of the node itself. */
export const hostPath: VolumePlugin = {
  name: 'kubernetes.io/host-path',
  claims: (volume) => volume.hostPath !== undefined,
  async mount({ volume }) {
    const source = volume.hostPath;
    if (!source) throw new VolumeError(`volume "${volume.name}" has no hostPath`);
    await check(source);
    return { path: source.path };
  },
};

type Stats = Awaited<ReturnType<typeof stat>>;

const demands: Readonly<Record<string, { readonly what: string; holds(stats: Stats): boolean }>> = {
  Directory: { what: 'a directory', holds: (stats) => stats.isDirectory() },
  File: { what: 'a file', holds: (stats) => stats.isFile() },
  Socket: { what: 'a socket', holds: (stats) => stats.isSocket() },
  CharDevice: { what: 'a character device', holds: (stats) => stats.isCharacterDevice() },
  BlockDevice: { what: 'a block device', holds: (stats) => stats.isBlockDevice() },
};

async function check({ path, type }: HostPathVolumeSource): Promise<void> {
  if (type === '') return;
  let stats = await stat(path).catch(() => undefined);
  if (!stats && type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 });
  if (!stats && type === 'FileOrCreate') await writeFile(path, '', { mode: 0o644 });
  stats ??= await stat(path).catch(() => undefined);
  const demand = demands[type.replace('OrCreate', '')];
  if (!demand || (stats && demand.holds(stats))) return;
  throw new VolumeError(`hostPath type check failed: ${path} is not ${demand.what}`);
}
