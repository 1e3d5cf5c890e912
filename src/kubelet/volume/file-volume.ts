import { chmod, mkdir } from 'node:fs/promises';
import { writeAtomically } from './atomic-writer.ts';
import type { ProjectedFiles } from './projected-files.ts';
import type { MountedVolume, VolumeRequest } from './volume-plugin.ts';

/** Options of `mountFiles`. */
export interface FileVolume {
  readonly files: ProjectedFiles;
  /** Keeps the files off the disk. */
  readonly inMemory: boolean;
  readonly refreshIn?: number | undefined;
}

/** Makes a volume out of files, or brings it up to date. */
export async function mountFiles(request: VolumeRequest, from: FileVolume): Promise<MountedVolume> {
  const { folder, pod, services } = request;
  await mkdir(folder, { recursive: true });
  if (from.inMemory && !(await services.mounter.mountsBelow(folder)).includes(folder)) {
    await services.mounter.tmpfs(folder, {});
    await chmod(folder, 0o1777);
  }
  const { fsGroup } = pod.spec.securityContext;
  await writeAtomically({ folder, files: from.files, fsGroup, now: services.clock.now() });
  return { path: folder, refreshIn: from.refreshIn };
}
