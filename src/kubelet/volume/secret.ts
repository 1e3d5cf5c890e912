import { mountFiles } from './file-volume.ts';
import { secretFiles } from './projected-files.ts';
import type { VolumePlugin } from './volume-plugin.ts';

/** The keys of a secret as files, in memory only. */
export const secret: VolumePlugin = {
  name: 'kubernetes.io/secret',
  claims: (volume) => volume.secret !== undefined,
  async mount(request) {
    const source = request.volume.secret ?? { defaultMode: 0o644 };
    const files = await secretFiles(request, source.secretName ?? '', source);
    return mountFiles(request, { files, inMemory: true });
  },
  references: ({ secret }) => [{ kind: 'Secret', name: secret?.secretName ?? '' }],
};
