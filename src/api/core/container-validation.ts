/** Validation of containers. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../../machinery/field-error.ts';
import { dns1123LabelErrors, ipErrors, portNameErrors, portNumberErrors } from '../../machinery/formats.ts';
import type { Container, ContainerPort, VolumeMount } from './container.ts';
import { envErrors } from './env-validation.ts';
import type { PodSpec } from './pod-spec.ts';
import { probesErrors } from './probe-validation.ts';
import { resourceErrors } from './resource-validation.ts';
import { securityErrors } from './security-validation.ts';
import { each, formatted, noBacksteps, present, relativePath, requiredFormat } from './value-checks.ts';

/** What is wrong with a pod's containers, init containers included. */
export function containersErrors(spec: PodSpec, path: string): FieldError[] {
  const names = new Set<string>();
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name));
  const check = (container: Container, own: string): FieldError[] => {
    const isDuplicate = names.has(container.name);
    names.add(container.name);
    return [
      ...requiredFormat(container.name, `${own}.name`, dns1123LabelErrors),
      ...(isDuplicate ? [duplicate(`${own}.name`, container.name)] : []),
      ...containerErrors(container, volumes, own),
    ];
  };
  return [
    ...(spec.containers.length === 0 ? [required(`${path}.containers`)] : []),
    ...each(spec.containers, `${path}.containers`, check),
    ...each(spec.initContainers, `${path}.initContainers`, (container, own) => [
      ...check(container, own),
      ...initErrors(container, own),
    ]),
    ...hostPortErrors(spec, path),
  ];
}

function containerErrors(container: Container, volumes: ReadonlySet<string>, path: string): FieldError[] {
  const { image = '', terminationMessagePolicy, imagePullPolicy } = container;
  const isPadded = image.trim() !== image;
  return [
    ...present(image, `${path}.image`),
    ...(isPadded ? [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')] : []),
    ...present(terminationMessagePolicy, `${path}.terminationMessagePolicy`),
    ...present(imagePullPolicy, `${path}.imagePullPolicy`),
    ...portsErrors(container.ports, `${path}.ports`),
    ...envErrors(container, path),
    ...mountsErrors(container.volumeMounts, volumes, `${path}.volumeMounts`),
    ...resourceErrors(container.resources, `${path}.resources`),
    ...securityErrors(container.securityContext, `${path}.securityContext`),
    ...probesErrors(container, path),
  ];
}

/** Only init containers that run on, as sidecars, have what running containers have. */
function initErrors(container: Container, path: string): FieldError[] {
  const { restartPolicy = '' } = container;
  if (restartPolicy === 'Always') return [];
  const own = restartPolicy === '' ? [] : [notSupported(`${path}.restartPolicy`, restartPolicy, ['Always'])];
  const running = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;
  const extra = running.filter((name) => container[name] !== undefined);
  const detail = 'may not be set for init containers without restartPolicy=Always';
  return [...own, ...extra.map((name) => forbidden(`${path}.${name}`, detail))];
}

function portsErrors(ports: readonly ContainerPort[] | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return each(ports, path, ({ name, containerPort, hostPort, hostIP, protocol }, own) => {
    const isDuplicate = name !== undefined && name !== '' && names.has(name);
    if (name) names.add(name);
    return [
      ...formatted(name, `${own}.name`, portNameErrors),
      ...(isDuplicate ? [duplicate(`${own}.name`, name)] : []),
      ...(containerPort === 0
        ? [required(`${own}.containerPort`)]
        : portNumberErrors(containerPort).map((detail) => invalid(`${own}.containerPort`, containerPort, detail))),
      ...(hostPort ? portNumberErrors(hostPort).map((detail) => invalid(`${own}.hostPort`, hostPort, detail)) : []),
      ...formatted(hostIP, `${own}.hostIP`, ipErrors),
      ...present(protocol, `${own}.protocol`),
    ];
  });
}

function hostPortErrors({ containers, hostNetwork }: PodSpec, path: string): FieldError[] {
  const taken = new Set<string>();
  return each(containers, `${path}.containers`, ({ ports }, container) =>
    each(ports, `${container}.ports`, ({ containerPort, hostPort, hostIP = '', protocol }, own) => {
      if (!hostPort) return [];
      const key = `${protocol}/${hostIP}/${hostPort}`;
      const isDuplicate = taken.has(key);
      taken.add(key);
      const detail = 'must match `hostPort` when `hostNetwork` is true';
      const differs = hostNetwork && hostPort !== containerPort;
      return [
        ...(differs ? [invalid(`${own}.containerPort`, containerPort, detail)] : []),
        ...(isDuplicate ? [duplicate(`${own}.hostPort`, key)] : []),
      ];
    }),
  );
}

function mountsErrors(
  mounts: readonly VolumeMount[] | undefined,
  volumes: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const points = new Set<string>();
  return each(mounts, path, (mount, own) => {
    const { name, mountPath, subPath = '', subPathExpr = '' } = mount;
    const isDuplicate = points.has(mountPath);
    points.add(mountPath);
    return [
      ...(name ? (volumes.has(name) ? [] : [notFound(`${own}.name`, name)]) : [required(`${own}.name`)]),
      ...present(mountPath, `${own}.mountPath`),
      ...(isDuplicate && mountPath ? [invalid(`${own}.mountPath`, mountPath, 'must be unique')] : []),
      ...relativePath(subPath, `${own}.subPath`),
      ...(subPathExpr && subPath
        ? [invalid(`${own}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive')]
        : []),
      ...noBacksteps(subPathExpr, `${own}.subPathExpr`),
    ];
  });
}
