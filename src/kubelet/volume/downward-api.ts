import { mountFiles } from './file-volume.ts';
import { downwardFiles } from './projected-files.ts';
import type { VolumePlugin } from './volume-plugin.ts';

/** Fields of the pod itself as files. */
export const downwardAPI: VolumePlugin = {
  name: 'kubernetes.io/downward-api',
  claims: (volume) => volume.downwardAPI !== undefined,
  async mount(request) {
    const { items = [], defaultMode = 0o644 } = request.volume.downwardAPI ?? {};
    return mountFiles(request, { files: downwardFiles(request, items, defaultMode), inMemory: true });
  },
};
