/** Validation of where containers see their volumes. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../../machinery/field-error.ts';
import type { Container, VolumeMount } from './container.ts';
import type { Volume } from './volume.ts';
import { each, noBacksteps, present, relativePath } from './value-checks.ts';

type Volumes = ReadonlyMap<string, Volume>;

/** What is wrong with the mounts and devices of a container. */
export function mountsErrors(container: Container, volumes: Volumes, path: string): FieldError[] {
  const { volumeMounts = [], volumeDevices = [], securityContext } = container;
  const points = new Set<string>();
  const devicePaths = new Set(volumeDevices.map(({ devicePath }) => devicePath));
  const deviceNames = new Set(volumeDevices.map(({ name }) => name));
  return [
    ...each(volumeMounts, `${path}.volumeMounts`, (mount, own) => {
      const { name, mountPath } = mount;
      const isDuplicate = points.has(mountPath);
      points.add(mountPath);
      const clash = 'must not already exist in volumeDevices';
      return [
        ...(name ? (volumes.has(name) ? [] : [notFound(`${own}.name`, name)]) : [required(`${own}.name`)]),
        ...present(mountPath, `${own}.mountPath`),
        ...(isDuplicate && mountPath ? [invalid(`${own}.mountPath`, mountPath, 'must be unique')] : []),
        ...(deviceNames.has(name) ? [invalid(`${own}.name`, name, clash)] : []),
        ...(devicePaths.has(mountPath)
          ? [invalid(`${own}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices')]
          : []),
        ...subPathErrors(mount, own),
        ...propagationErrors(mount, securityContext?.privileged ?? false, own),
        ...readOnlyErrors(mount, own),
      ];
    }),
    ...deviceErrors(container, volumes, `${path}.volumeDevices`),
  ];
}

function subPathErrors({ subPath = '', subPathExpr = '' }: VolumeMount, path: string): FieldError[] {
  const isDouble = subPathExpr !== '' && subPath !== '';
  return [
    ...relativePath(subPath, `${path}.subPath`),
    ...(isDouble
      ? [invalid(`${path}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive')]
      : []),
    ...noBacksteps(subPathExpr, `${path}.subPathExpr`),
  ];
}

function propagationErrors({ mountPropagation }: VolumeMount, isPrivileged: boolean, path: string): FieldError[] {
  const detail = 'Bidirectional mount propagation is available only to privileged containers';
  return mountPropagation === 'Bidirectional' && !isPrivileged ? [forbidden(`${path}.mountPropagation`, detail)] : [];
}

function readOnlyErrors({ readOnly, recursiveReadOnly: mode, mountPropagation }: VolumeMount, path: string) {
  const own = `${path}.recursiveReadOnly`;
  if (mode === undefined || mode === 'Disabled') return [];
  const modes = ['Disabled', 'Enabled', 'IfPossible'];
  if (!modes.includes(mode)) return [notSupported(own, mode, modes)];
  const isPropagated = mountPropagation !== undefined && mountPropagation !== 'None';
  return [
    ...(readOnly ? [] : [forbidden(own, 'may only be specified when readOnly is true')]),
    ...(isPropagated ? [forbidden(own, 'may only be specified when mountPropagation is None or not specified')] : []),
  ];
}

function deviceErrors({ volumeDevices, volumeMounts = [] }: Container, volumes: Volumes, path: string): FieldError[] {
  const [names, paths] = [new Set<string>(), new Set<string>()];
  const mounted = new Set(volumeMounts.map(({ name }) => name));
  const points = new Set(volumeMounts.map(({ mountPath }) => mountPath));
  return each(volumeDevices, path, ({ name, devicePath }, own) => {
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${own}.name`));
    else if (!volumes.has(name)) errors.push(notFound(`${own}.name`, name));
    else if (!isClaim(volumes.get(name))) {
      errors.push(
        invalid(
          `${own}.name`,
          name,
          'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        ),
      );
    }
    if (!devicePath) errors.push(required(`${own}.devicePath`));
    if (devicePath && paths.has(devicePath)) {
      errors.push(invalid(`${own}.devicePath`, devicePath, 'must be unique'));
    }
    if (name && names.has(name)) errors.push(duplicate(`${own}.name`, name));
    errors.push(...noBacksteps(devicePath, `${own}.devicePath`));
    if (points.has(devicePath)) {
      errors.push(invalid(`${own}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    }
    if (mounted.has(name)) errors.push(invalid(`${own}.name`, name, 'must not already exist in volumeMounts'));
    names.add(name);
    paths.add(devicePath);
    return errors;
  });
}

function isClaim(volume: Volume | undefined): boolean {
  return volume?.persistentVolumeClaim !== undefined || volume?.ephemeral !== undefined;
}
