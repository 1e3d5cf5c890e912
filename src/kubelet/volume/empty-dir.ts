import { chmod, mkdir, stat } from 'node:fs/promises';
import { inNumbers, podTotal } from '../../api/core/pod-resources.ts';
import { quantityValue } from '../../machinery/quantity.ts';
import { applyFsGroup } from './fs-group.ts';
import type { VolumePlugin, VolumeRequest } from './volume-plugin.ts';

/** A folder that lives as long as its pod: on the node's disk, or in memory. */
export const emptyDir: VolumePlugin = {
  name: 'kubernetes.io/empty-dir',
  claims: (volume) => volume.emptyDir !== undefined,
  async mount(request) {
    const { folder, pod, volume, services } = request;
    const known = await stat(folder).catch(() => undefined);
    const memory = volume.emptyDir?.medium === 'Memory' || volume.emptyDir?.medium?.startsWith('HugePages');
    const mounted = memory ? (await services.mounter.mountsBelow(folder)).includes(folder) : known !== undefined;
    if (mounted) return { path: folder };
    await mkdir(folder, { recursive: true });
    if (memory) await services.mounter.tmpfs(folder, { sizeBytes: sizeOf(request) });
    await chmod(folder, 0o777);
    await applyFsGroup(folder, pod);
    return { path: folder };
  },
};

/** The size of a volume in memory: its limit, the pod's memory limit or the node's memory, whichever is least. */
function sizeOf({ pod, volume, services }: VolumeRequest): number | undefined {
  const stated = quantityValue(volume.emptyDir?.sizeLimit ?? '0');
  const { memory: limit = 0 } = podTotal(pod, { part: 'limits', reckoning: inNumbers });
  const limits = [stated, limit, services.allocatable().memory].filter((size) => size > 0);
  return limits.length === 0 ? undefined : Math.min(...limits);
}
