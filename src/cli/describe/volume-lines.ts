import type { ProjectedVolumeSource, Volume } from '../../api/core/volume.ts';
import type { DescribeWriter } from './describe-writer.ts';

/** The volumes of a pod or, with `space`, of a pod template. */
export function writeVolumes(writer: DescribeWriter, volumes: readonly Volume[] | undefined, space: string): void {
  if (!volumes?.length) {
    writer.line(0, `${space}Volumes:\t<none>`);
    return;
  }
  writer.line(0, `${space}Volumes:`);
  for (const volume of volumes) {
    writer.line(1, `${space === '' ? '' : ' '}${volume.name}:`);
    const lines = volumeLines(volume);
    if (lines) for (const line of lines) writer.line(2, line);
    else writer.line(1, '<unknown>');
  }
}

/** What a volume comes from, a line each; undefined of sources that are not told. */
export function volumeLines(volume: Volume): readonly string[] | undefined {
  const { hostPath, emptyDir, secret, configMap, downwardAPI, projected, persistentVolumeClaim, nfs } = volume;
  if (hostPath) {
    return [
      'Type:\tHostPath (bare host directory volume)',
      `Path:\t${hostPath.path}`,
      `HostPathType:\t${hostPath.type ?? '<none>'}`,
    ];
  }
  if (emptyDir) {
    const limit = emptyDir.sizeLimit;
    return [
      "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
      `Medium:\t${emptyDir.medium ?? ''}`,
      `SizeLimit:\t${limit === undefined || limit === '0' ? '<unset>' : limit}`,
    ];
  }
  if (secret) {
    return [
      'Type:\tSecret (a volume populated by a Secret)',
      `SecretName:\t${secret.secretName ?? ''}`,
      `Optional:\t${secret.optional ?? false}`,
    ];
  }
  if (configMap) {
    return [
      'Type:\tConfigMap (a volume populated by a ConfigMap)',
      `Name:\t${configMap.name ?? ''}`,
      `Optional:\t${configMap.optional ?? false}`,
    ];
  }
  if (downwardAPI) {
    const items = (downwardAPI.items ?? []).map(
      ({ fieldRef, resourceFieldRef, path }) =>
        `  ${fieldRef?.fieldPath ?? resourceFieldRef?.resource ?? ''} -> ${path}`,
    );
    return ['Type:\tDownwardAPI (a volume populated by information about the pod)', 'Items:', ...items];
  }
  if (projected) return projectedLines(projected);
  if (nfs) {
    return [
      'Type:\tNFS (an NFS mount that lasts the lifetime of a pod)',
      `Server:\t${nfs.server}`,
      `Path:\t${nfs.path}`,
      `ReadOnly:\t${nfs.readOnly ?? false}`,
    ];
  }
  if (persistentVolumeClaim) {
    return [
      'Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
      `ClaimName:\t${persistentVolumeClaim.claimName}`,
      `ReadOnly:\t${persistentVolumeClaim.readOnly ?? false}`,
    ];
  }
  return undefined;
}

function projectedLines({ sources = [] }: ProjectedVolumeSource): readonly string[] {
  const lines = sources.flatMap(({ secret, downwardAPI, configMap, serviceAccountToken }) => {
    if (secret) return [`SecretName:\t${secret.name}`, `Optional:\t${secret.optional ?? false}`];
    if (downwardAPI) return ['DownwardAPI:\ttrue'];
    if (configMap) return [`ConfigMapName:\t${configMap.name}`, `Optional:\t${configMap.optional ?? false}`];
    if (serviceAccountToken) return [`TokenExpirationSeconds:\t${serviceAccountToken.expirationSeconds ?? 3600}`];
    return [];
  });
  return ['Type:\tProjected (a volume that contains injected data from multiple sources)', ...lines];
}
