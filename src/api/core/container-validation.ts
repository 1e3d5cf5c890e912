/** Validation of containers. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1123LabelErrors, ipErrors, portNameErrors, portNumberErrors } from '../../machinery/formats.ts';
import type { Container, ContainerPort } from './container.ts';
import { envErrors } from './env-validation.ts';
import { mountsErrors } from './mount-validation.ts';
import { usedClaimsErrors } from './pod-claims-validation.ts';
import type { PodSpec } from './pod-spec.ts';
import { probesErrors } from './probe-validation.ts';
import { resourceErrors } from './resource-validation.ts';
import { securityErrors } from './security-validation.ts';
import { each, formatted, present, requiredFormat } from './value-checks.ts';
import type { Volume } from './volume.ts';

/** What is wrong with a pod's containers, init containers included. */
export function containersErrors(spec: PodSpec, path: string): FieldError[] {
  const names = new Set<string>();
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  const claims = (spec.resourceClaims ?? []).map(({ name }) => name);
  const check = (container: Container, own: string): FieldError[] => {
    const isDuplicate = names.has(container.name);
    names.add(container.name);
    return [
      ...requiredFormat(container.name, `${own}.name`, dns1123LabelErrors),
      ...(isDuplicate ? [duplicate(`${own}.name`, container.name)] : []),
      ...containerErrors(container, volumes, own),
      ...usedClaimsErrors(container.resources, claims, `${own}.resources`),
      ...resizeErrors(container.resizePolicy, spec.restartPolicy, `${own}.resizePolicy`),
      ...sleepErrors(container, spec.terminationGracePeriodSeconds, `${own}.lifecycle`),
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

function containerErrors(container: Container, volumes: ReadonlyMap<string, Volume>, path: string): FieldError[] {
  const { image = '', terminationMessagePolicy, imagePullPolicy } = container;
  const isPadded = image.trim() !== image;
  return [
    ...present(image, `${path}.image`),
    ...(isPadded ? [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')] : []),
    ...present(terminationMessagePolicy, `${path}.terminationMessagePolicy`),
    ...present(imagePullPolicy, `${path}.imagePullPolicy`),
    ...portsErrors(container.ports, `${path}.ports`),
    ...envErrors(container, path),
    ...mountsErrors(container, volumes, path),
    ...resourceErrors(container.resources, `${path}.resources`),
    ...securityErrors(container.securityContext, `${path}.securityContext`),
    ...probesErrors(container, path),
  ];
}

function resizeErrors(
  policies: Container['resizePolicy'],
  restartPolicy: PodSpec['restartPolicy'],
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  const resources = ['cpu', 'memory'];
  const detail = "must be 'NotRequired' when `restartPolicy` is 'Never'";
  return each(policies, path, (policy, own) => {
    const isDuplicate = seen.has(policy.resourceName);
    seen.add(policy.resourceName);
    return [
      ...(isDuplicate ? [duplicate(own, policy.resourceName)] : []),
      ...present(policy.resourceName, path),
      ...(policy.resourceName && !resources.includes(policy.resourceName)
        ? [notSupported(path, policy.resourceName, resources)]
        : []),
      ...present(policy.restartPolicy, path),
      ...(restartPolicy === 'Never' && policy.restartPolicy !== 'NotRequired'
        ? [invalid(path, policy.restartPolicy, detail)]
        : []),
    ];
  });
}

/** A hook can't sleep longer than its pod has for ending. */
function sleepErrors({ lifecycle }: Container, grace: number, path: string): FieldError[] {
  const detail = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
  return (['postStart', 'preStop'] as const).flatMap((hook) => {
    const seconds = lifecycle?.[hook]?.sleep?.seconds;
    const isFine = seconds === undefined || (seconds >= 0 && seconds <= grace);
    return isFine ? [] : [invalid(`${path}.${hook}.sleep`, seconds, detail)];
  });
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
      const detail = 'must match `containerPort` when `hostNetwork` is true';
      const differs = hostNetwork && hostPort !== containerPort;
      return [
        ...(differs ? [invalid(`${own}.hostPort`, hostPort, detail)] : []),
        ...(isDuplicate ? [duplicate(`${own}.hostPort`, key)] : []),
      ];
    }),
  );
}
