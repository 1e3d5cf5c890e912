import type { Pod } from '../../api/core/pod.ts';
import type {
  ClusterTrustBundleProjection,
  PodCertificateProjection,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../api/core/volume.ts';
import { podCertificateFiles } from '../../api/core/pod-certificate-projection.ts';
import { allContainers } from '../pod/pod-facts.ts';
import { mountFiles } from './file-volume.ts';
import type { ProjectedFile } from './atomic-writer.ts';
import type { ProjectedFiles } from './projected-files.ts';
import { configMapFiles, downwardFiles, secretFiles } from './projected-files.ts';
import type { VolumePlugin, VolumeRequest } from './volume-plugin.ts';
import { VolumeError } from './volume-plugin.ts';

/** Several sources in one folder, among them what is renewed in time: tokens, roots to trust, certificates. */
export const projected: VolumePlugin = {
  name: 'kubernetes.io/projected',
  claims: (volume) => volume.projected !== undefined,
  async mount(request) {
    const { sources = [], defaultMode } = request.volume.projected ?? { defaultMode: 0o644 };
    const files: ProjectedFiles = new Map();
    let refreshIn: number | undefined;
    for (const [place, source] of sources.entries()) {
      const part = await sourceFiles(request, { source, place }, defaultMode);
      for (const [path, file] of part.files) files.set(path, file);
      if (part.refreshIn !== undefined) refreshIn = Math.min(refreshIn ?? Infinity, part.refreshIn);
    }
    return mountFiles(request, { files, inMemory: true, refreshIn });
  },
  references: ({ projected }) =>
    (projected?.sources ?? []).flatMap(({ configMap, secret, clusterTrustBundle, podCertificate }) => [
      ...(configMap ? [{ kind: 'ConfigMap' as const, name: configMap.name ?? '' }] : []),
      ...(secret ? [{ kind: 'Secret' as const, name: secret.name ?? '' }] : []),
      ...(clusterTrustBundle ? [{ kind: 'ClusterTrustBundle' as const }] : []),
      ...(podCertificate ? [{ kind: 'PodCertificateRequest' as const }] : []),
    ]),
};

interface SourceFiles {
  readonly files: ProjectedFiles;
  readonly refreshIn?: number | undefined;
}

/** A source, and its place among those of the volume. */
interface PlacedSource {
  readonly source: VolumeProjection;
  readonly place: number;
}

async function sourceFiles(
  request: VolumeRequest,
  { source, place }: PlacedSource,
  defaultMode: number,
): Promise<SourceFiles> {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source;
  if (configMap) return { files: await configMapFiles(request, configMap.name ?? '', { ...configMap, defaultMode }) };
  if (secret) return { files: await secretFiles(request, secret.name ?? '', { ...secret, defaultMode }) };
  if (downwardAPI) return { files: downwardFiles(request, downwardAPI.items ?? [], defaultMode) };
  if (serviceAccountToken) return tokenFile(request, serviceAccountToken, defaultMode);
  if (clusterTrustBundle) return trustFile(request, clusterTrustBundle, defaultMode);
  if (podCertificate) return certificateFiles(request, { projection: podCertificate, place }, defaultMode);
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
  const files: ProjectedFiles = new Map([[path, podFile(pod, token, defaultMode)]]);
  return { files, refreshIn: Math.max(1_000, (expiresAt - services.clock.now()) * 0.8) };
}

async function trustFile(
  { pod, services }: VolumeRequest,
  projection: ClusterTrustBundleProjection,
  defaultMode: number,
): Promise<SourceFiles> {
  const anchors = await services.trustAnchors(projection);
  return { files: new Map([[projection.path, podFile(pod, anchors, defaultMode)]]) };
}

/** Either all in one file, so that it is read at once, or the key and the chain each in its own. */
async function certificateFiles(
  request: VolumeRequest,
  { projection, place }: { readonly projection: PodCertificateProjection; readonly place: number },
  defaultMode: number,
): Promise<SourceFiles> {
  const { pod, volume, services, signal } = request;
  const question = { pod, volume: volume.name, source: place, projection };
  const { key, chain, refreshIn } = await services.certificate(question, signal);
  const data = { credentialBundlePath: key + chain, keyPath: key, certificateChainPath: chain };
  const files = podCertificateFiles(projection).map(
    ({ field, path }) => [path, podFile(pod, data[field], defaultMode)] as const,
  );
  return { files: new Map(files), refreshIn };
}

/** A file that is made for the pod: its user's own, if it has one. */
function podFile(pod: Pod, data: string, defaultMode: number): ProjectedFile {
  const uid = commonUser(pod);
  const owned = uid !== undefined || pod.spec.securityContext.fsGroup !== undefined;
  return { data, mode: owned ? 0o600 : defaultMode, uid };
}

/** The user of all the pod's containers, if it is one and the same. */
function commonUser(pod: Pod): number | undefined {
  const users = allContainers(pod)
    .filter(({ group }) => group !== 'ephemeralContainers')
    .map(({ container }) => container.securityContext?.runAsUser ?? pod.spec.securityContext.runAsUser);
  return users.every((user) => user === users[0]) ? users[0] : undefined;
}
