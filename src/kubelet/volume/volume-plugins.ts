import { configMap } from './config-map.ts';
import { downwardAPI } from './downward-api.ts';
import { emptyDir } from './empty-dir.ts';
import { hostPath } from './host-path.ts';
import { projected } from './projected.ts';
import { secret } from './secret.ts';
import type { VolumePlugin } from './volume-plugin.ts';

/** Every kind of volume that a kubelet mounts by itself: a new one is a file and a line here. */
export const volumePlugins: readonly VolumePlugin[] = [emptyDir, hostPath, configMap, secret, downwardAPI, projected];
