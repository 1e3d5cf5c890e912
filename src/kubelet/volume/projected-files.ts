import type { DownwardAPIVolumeFile, KeyToPath } from '../../api/core/volume.ts';
import { fieldValue, resourceValue } from '../env/field-reference.ts';
import type { ProjectedFile } from './atomic-writer.ts';
import type { VolumeRequest } from './volume-plugin.ts';
import { VolumeError } from './volume-plugin.ts';

/** Files by their path inside the volume. */
export type ProjectedFiles = Map<string, ProjectedFile>;

/** Which keys of an object become which files. */
export interface KeySelection {
  readonly items?: readonly KeyToPath[] | undefined;
  readonly defaultMode: number;
  readonly optional?: boolean | undefined;
}

/** The files of a config map. */
export async function configMapFiles(
  request: VolumeRequest,
  name: string,
  selection: KeySelection,
): Promise<ProjectedFiles> {
  const namespace = request.pod.metadata.namespace ?? '';
  const configMap = await request.services.objects.configMap(namespace, name);
  if (!configMap) return missing(`configmap "${name}" not found`, selection);
  const data = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(configMap.data ?? {})) data.set(key, Buffer.from(text, 'utf8'));
  for (const [key, base64] of Object.entries(configMap.binaryData ?? {})) data.set(key, Buffer.from(base64, 'base64'));
  return selectKeys(data, selection, 'configmap');
}

/** The files of a secret. */
export async function secretFiles(
  request: VolumeRequest,
  name: string,
  selection: KeySelection,
): Promise<ProjectedFiles> {
  const namespace = request.pod.metadata.namespace ?? '';
  const secret = await request.services.objects.secret(namespace, name);
  if (!secret) return missing(`secret "${name}" not found`, selection);
  const entries = Object.entries(secret.data ?? {}).map(
    ([key, base64]) => [key, Buffer.from(base64, 'base64')] as const,
  );
  return selectKeys(new Map(entries), selection, 'secret');
}

/** The files of the downward API. */
export function downwardFiles(
  request: VolumeRequest,
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number,
): ProjectedFiles {
  const { pod, addresses, services } = request;
  const files: ProjectedFiles = new Map();
  for (const { path, fieldRef, resourceFieldRef, mode } of items) {
    const data = fieldRef
      ? fieldValue(pod, fieldRef.fieldPath, addresses)
      : resourceFieldRef
        ? resourceValue(pod, resourceFieldRef, { container: '', allocatable: services.allocatable() })
        : '';
    files.set(path, { data, mode: mode ?? defaultMode });
  }
  return files;
}

function selectKeys(data: ReadonlyMap<string, Uint8Array>, selection: KeySelection, kind: string): ProjectedFiles {
  const files: ProjectedFiles = new Map();
  if (!selection.items?.length) {
    for (const [key, value] of data) files.set(key, { data: value, mode: selection.defaultMode });
    return files;
  }
  for (const { key, path, mode } of selection.items) {
    const value = data.get(key);
    if (value !== undefined) files.set(path, { data: value, mode: mode ?? selection.defaultMode });
    else if (!selection.optional) throw new VolumeError(`${kind} references non-existent config key: ${key}`);
  }
  return files;
}

function missing(message: string, { optional }: KeySelection): ProjectedFiles {
  if (!optional) throw new VolumeError(message);
  return new Map();
}
