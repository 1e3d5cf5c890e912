import type { Pod } from '../../api/core/pod.ts';
import type { ServiceAccountTokenProjection, VolumeProjection } from '../../api/core/volume.ts';
import { allContainers } from '../pod/pod-facts.ts';
import { mountFiles } from './file-volume.ts';
import type { ProjectedFiles } from './projected-files.ts';
import { configMapFiles, downwardFiles, secretFiles } from './projected-files.ts';
import type { VolumePlugin, VolumeRequest } from './volume-plugin.ts';
import { VolumeError } from './volume-plugin.ts';

/** Several sources in one folder, among them service account tokens, which are renewed in time. */
export const projected: VolumePlugin = {
  name: 'kubernetes.io/projected',
  claims: (volume) => volume.projected !== undefined,
  async mount(request) {
    const { sources = [], defaultMode } = request.volume.projected ?? { defaultMode: 0o644 };
    const files: ProjectedFiles = new Map();
    let refreshIn: number | undefined;
    for (const source of sources) {
      const part = await sourceFiles(request, source, defaultMode);
      for (const [path, file] of part.files) files.set(path, file);
      if (part.refreshIn !== undefined) refreshIn = Math.min(refreshIn ?? Infinity, part.refreshIn);
    }
    return mountFiles(request, { files, inMemory: true, refreshIn });
  },
  references: ({ projected }) =>
    (projected?.sources ?? []).flatMap(({ configMap, secret }) => [
      ...(configMap ? [{ kind: 'ConfigMap' as const, name: configMap.name ?? '' }] : []),
      ...(secret ? [{ kind: 'Secret' as const, name: secret.name ?? '' }] : []),
    ]),
};

interface SourceFiles {
  readonly files: ProjectedFiles;
  readonly refreshIn?: number | undefined;
}

async function sourceFiles(
  request: VolumeRequest,
  source: VolumeProjection,
  defaultMode: number,
): Promise<SourceFiles> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap) return { files: await configMapFiles(request, configMap.name ?? '', { ...configMap, defaultMode }) };
  if (secret) return { files: await secretFiles(request, secret.name ?? '', { ...secret, defaultMode }) };
  if (downwardAPI) return { files: downwardFiles(request, downwardAPI.items ?? [], defaultMode) };
  if (serviceAccountToken) return tokenFile(request, serviceAccountToken, defaultMode);
  const [kind = 'unknown'] = Object.keys(source);
  throw new VolumeError(`projected source ${kind} is not supported by this kubelet`);
}

async function tokenFile(
  request: VolumeRequest,
  { audience, expirationSeconds, path }: ServiceAccountTokenProjection,
  defaultMode: number,
): Promise<SourceFiles> {
  const { pod, services, signal } = request;
  const { token, expiresAt } = await services.token({ pod, audience, expirationSeconds }, signal);
  const uid = commonUser(pod);
  const owned = uid !== undefined || pod.spec.securityContext.fsGroup !== undefined;
  const files: ProjectedFiles = new Map([[path, { data: token, mode: owned ? 0o600 : defaultMode, uid }]]);
  return { files, refreshIn: Math.max(1_000, (expiresAt - services.clock.now()) * 0.8) };
}

/** The user of all the pod's containers, if it is one and the same: the token is then its own. */
function commonUser(pod: Pod): number | undefined {
  const users = allContainers(pod)
    .filter(({ group }) => group !== 'ephemeralContainers')
    .map(({ container }) => container.securityContext?.runAsUser ?? pod.spec.securityContext.runAsUser);
  return users.every((user) => user === users[0]) ? users[0] : undefined;
}
