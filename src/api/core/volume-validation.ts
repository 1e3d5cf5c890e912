/** Validation of volumes. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, required } from '../../machinery/field-error.ts';
import { dns1123LabelErrors } from '../../machinery/formats.ts';
import { compareQuantities } from '../../machinery/quantity.ts';
import { fieldRefErrors, fileFields, resourceRefErrors } from './env-validation.ts';
import { each, fileMode, present, relativePath, requiredFormat } from './value-checks.ts';
import { claimSpecErrors } from './persistent-volume-claim-validation.ts';
import { trustBundleProjectionErrors } from './trust-bundle-projection-validation.ts';
import { podCertificateFiles, podCertificateProjectionErrors } from './pod-certificate-projection.ts';
import { csiDriverNameErrors, volumeSourceErrors } from './volume-source-validation.ts';
import type { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource, Volume, VolumeProjection } from './volume.ts';

/** What is wrong with a pod's volumes. */
export function volumesErrors(volumes: readonly Volume[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return each(volumes, path, (volume, own) => {
    const isDuplicate = seen.has(volume.name);
    seen.add(volume.name);
    return [
      ...requiredFormat(volume.name, `${own}.name`, dns1123LabelErrors),
      ...(isDuplicate ? [duplicate(`${own}.name`, volume.name)] : []),
      ...sourcesErrors(volume, own),
    ];
  });
}

function sourcesErrors(volume: Volume, path: string): FieldError[] {
  const kinds = Object.entries(volume).filter(([name, source]) => name !== 'name' && source !== undefined);
  const [first, ...more] = kinds.map(([name]) => name);
  if (first === undefined) return [required(path, 'must specify a volume type')];
  const extra = more.map((kind) => forbidden(`${path}.${kind}`, 'may not specify more than 1 volume type'));
  return [...extra, ...sourceErrors(volume, path)];
}

function sourceErrors(volume: Volume, path: string): FieldError[] {
  const { emptyDir, secret, configMap, downwardAPI, projected, persistentVolumeClaim, csi, ephemeral } = volume;
  const errors = Object.entries(volume).flatMap(([name, source]) =>
    name === 'name' ? [] : volumeSourceErrors(name, source, `${path}.${name}`),
  );
  if (emptyDir?.sizeLimit !== undefined && compareQuantities(emptyDir.sizeLimit, '0') < 0) {
    errors.push(forbidden(`${path}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
  }
  if (secret) {
    errors.push(...present(secret.secretName, `${path}.secret.secretName`), ...filesErrors(secret, `${path}.secret`));
  }
  if (configMap) {
    errors.push(...present(configMap.name, `${path}.configMap.name`), ...filesErrors(configMap, `${path}.configMap`));
  }
  if (downwardAPI) {
    errors.push(
      ...fileMode(downwardAPI.defaultMode, `${path}.downwardAPI.defaultMode`),
      ...each(downwardAPI.items, `${path}.downwardAPI`, downwardErrors),
    );
  }
  if (projected) errors.push(...projectedErrors(projected, `${path}.projected`));
  if (persistentVolumeClaim) {
    errors.push(...present(persistentVolumeClaim.claimName, `${path}.persistentVolumeClaim.claimName`));
  }
  if (csi) errors.push(...csiDriverNameErrors(csi.driver, `${path}.csi.driver`));
  if (ephemeral) {
    const own = `${path}.ephemeral.volumeClaimTemplate`;
    if (ephemeral.volumeClaimTemplate) {
      errors.push(...claimSpecErrors(ephemeral.volumeClaimTemplate.spec, `${own}.spec`));
    } else errors.push(required(own));
  }
  return errors;
}

interface Files {
  readonly defaultMode?: number | undefined;
  readonly items?: readonly KeyToPath[] | undefined;
}

function filesErrors({ defaultMode, items }: Files, path: string): FieldError[] {
  return [
    ...fileMode(defaultMode, `${path}.defaultMode`),
    ...each(items, `${path}.items`, (item, own) => [
      ...present(item.key, `${own}.key`),
      ...pathErrors(item.path, `${own}.path`),
      ...fileMode(item.mode, `${own}.mode`),
    ]),
  ];
}

function pathErrors(value: string, path: string): FieldError[] {
  if (!value) return [required(path)];
  const isReserved = value.startsWith('..') && !value.startsWith('../');
  const startsUpwards = isReserved ? [invalid(path, value, "must not start with '..'")] : [];
  return [...relativePath(value, path), ...startsUpwards];
}

function downwardErrors(
  { path: file, fieldRef, resourceFieldRef, mode }: DownwardAPIVolumeFile,
  path: string,
): FieldError[] {
  const errors = [...pathErrors(file, `${path}.path`), ...fileMode(mode, `${path}.mode`)];
  if (fieldRef) {
    if (resourceFieldRef) {
      errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    }
    return [...errors, ...fieldRefErrors(fieldRef, fileFields, `${path}.fieldRef`)];
  }
  if (!resourceFieldRef) return [...errors, required(path, 'one of fieldRef and resourceFieldRef is required')];
  const container = resourceFieldRef.containerName;
  return [
    ...errors,
    ...present(container, `${path}.resourceFieldRef.containerName`),
    ...resourceRefErrors(resourceFieldRef, `${path}.resourceFieldRef`),
  ];
}

function projectedErrors({ defaultMode, sources }: ProjectedVolumeSource, path: string): FieldError[] {
  const paths = new Set<string>();
  return [
    ...fileMode(defaultMode, `${path}.defaultMode`),
    ...each(sources, `${path}.sources`, (source, own) => projectionErrors(source, paths, own)),
  ];
}

function projectionErrors(source: VolumeProjection, paths: Set<string>, path: string): FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken: token, clusterTrustBundle: bundle } = source;
  const kinds = Object.entries(source).filter(([, part]) => part !== undefined);
  const errors = kinds
    .slice(1)
    .map(([kind]) => forbidden(`${path}.${kind}`, 'may not specify more than 1 volume type'));
  if (kinds.length === 0) return [required(path, 'must specify a projection type')];
  if (secret) errors.push(...present(secret.name, `${path}.secret.name`), ...filesErrors(secret, `${path}.secret`));
  if (configMap)
    errors.push(...present(configMap.name, `${path}.configMap.name`), ...filesErrors(configMap, `${path}.configMap`));
  if (downwardAPI) errors.push(...each(downwardAPI.items, `${path}.downwardAPI`, downwardErrors));
  if (token) {
    const own = `${path}.serviceAccountToken`;
    if (token.expirationSeconds < 600) {
      const detail = 'may not specify a duration less than 10 minutes';
      errors.push(invalid(`${own}.expirationSeconds`, token.expirationSeconds, detail));
    }
    errors.push(...pathErrors(token.path, `${own}.path`));
  }
  if (bundle) {
    // As upstream calls the field in its errors.
    const own = `${path}.clusterTrustBundlePEM`;
    errors.push(...trustBundleProjectionErrors(bundle, own), ...pathErrors(bundle.path, `${own}.path`));
  }
  const ownFiles = source.podCertificate ? podCertificateFiles(source.podCertificate) : [];
  if (source.podCertificate) {
    const own = `${path}.podCertificate`;
    errors.push(...podCertificateProjectionErrors(source.podCertificate, own));
    for (const { field, path: file } of ownFiles) errors.push(...pathErrors(file, `${own}.${field}`));
  }
  const files = [
    ...(secret?.items ?? []),
    ...(configMap?.items ?? []),
    ...(downwardAPI?.items ?? []),
    ...(token ? [token] : []),
    ...(bundle ? [bundle] : []),
    ...ownFiles,
  ];
  for (const { path: file } of files) {
    if (paths.has(file)) errors.push(invalid(path, file, 'conflicting duplicate paths'));
    paths.add(file);
  }
  return errors;
}
