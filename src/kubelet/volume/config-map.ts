import { mountFiles } from './file-volume.ts';
import { configMapFiles } from './projected-files.ts';
import type { VolumePlugin } from './volume-plugin.ts';

/** The keys of a config map as files. */
export const configMap: VolumePlugin = {
  name: 'kubernetes.io/configmap',
  claims: (volume) => volume.configMap !== undefined,
  async mount(request) {
    const source = request.volume.configMap ?? { defaultMode: 0o644 };
    const files = await configMapFiles(request, source.name ?? '', source);
    return mountFiles(request, { files, inMemory: false });
  },
  references: ({ configMap }) => [{ kind: 'ConfigMap', name: configMap?.name ?? '' }],
};
