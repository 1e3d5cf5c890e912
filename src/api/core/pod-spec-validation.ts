/** Validation of pod specs and templates. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  ipErrors,
  negativeError,
  qualifiedNameErrors,
} from '../../machinery/formats.ts';
import { labelsErrors } from '../../machinery/label-validation.ts';
import { containersErrors } from './container-validation.ts';
import { podAnnotationErrors } from './pod-annotation-validation.ts';
import { podClaimsErrors } from './pod-claims-validation.ts';
import type { PodSpec, PodTemplateSpec } from './pod-spec.ts';
import { schedulingErrors } from './scheduling-validation.ts';
import { podSecurityErrors } from './security-validation.ts';
import { each, formatted, inRange, present } from './value-checks.ts';
import { volumesErrors } from './volume-validation.ts';

const maxInt32 = 2_147_483_647;

/** What is wrong with a pod's spec at `path`. */
export function podSpecErrors(spec: PodSpec, path: string): FieldError[] {
  const { terminationGracePeriodSeconds: grace } = spec;
  return [
    ...volumesErrors(spec.volumes, `${path}.volumes`),
    ...podClaimsErrors(spec.resourceClaims, `${path}.resourceClaims`),
    ...containersErrors(spec, path),
    ...osErrors(spec, `${path}.os`),
    ...present(spec.restartPolicy, `${path}.restartPolicy`),
    ...dnsErrors(spec, path),
    ...podSecurityErrors(spec, path),
    ...schedulingErrors(spec, path),
    ...namesErrors(spec, path),
    ...inRange(spec.activeDeadlineSeconds, `${path}.activeDeadlineSeconds`, [1, maxInt32]),
    ...(grace < 0 ? [invalid(`${path}.terminationGracePeriodSeconds`, grace, negativeError)] : []),
    ...each(spec.imagePullSecrets, `${path}.imagePullSecrets`, ({ name }, own) => present(name, `${own}.name`)),
    ...each(spec.hostAliases, `${path}.hostAliases`, ({ ip, hostnames }, own) => [
      ...ipErrors(ip).map((detail) => invalid(`${own}.ip`, ip, detail)),
      ...each(hostnames, `${own}.hostnames`, (name) =>
        dns1123SubdomainErrors(name).map((detail) => invalid(`${own}.hostnames`, name, detail)),
      ),
    ]),
    ...each(spec.readinessGates, `${path}.readinessGates`, ({ conditionType }, own) =>
      qualifiedNameErrors(conditionType).map((detail) => invalid(`${own}.conditionType`, conditionType, detail)),
    ),
  ];
}

function namesErrors(spec: PodSpec, path: string): FieldError[] {
  return [
    ...formatted(spec.serviceAccountName, `${path}.serviceAccountName`, dns1123SubdomainErrors),
    ...formatted(spec.nodeName, `${path}.nodeName`, dns1123SubdomainErrors),
    ...formatted(spec.hostname, `${path}.hostname`, dns1123LabelErrors),
    ...formatted(spec.subdomain, `${path}.subdomain`, dns1123LabelErrors),
    ...formatted(spec.priorityClassName, `${path}.priorityClassName`, dns1123SubdomainErrors),
    ...formatted(spec.runtimeClassName, `${path}.runtimeClassName`, dns1123SubdomainErrors),
  ];
}

function osErrors({ os }: PodSpec, path: string): FieldError[] {
  const systems = ['linux', 'windows'];
  if (!os) return [];
  if (!os.name) return [required(`${path}.name`)];
  return systems.includes(os.name) ? [] : [notSupported(path, os.name, systems)];
}

function dnsErrors({ dnsPolicy, dnsConfig }: PodSpec, path: string): FieldError[] {
  const { nameservers = [], searches = [], options } = dnsConfig ?? {};
  const own = `${path}.dnsConfig`;
  const errors = present(dnsPolicy, `${path}.dnsPolicy`);
  if (dnsPolicy === 'None') {
    const needed = 'when `dnsPolicy` is None';
    if (!dnsConfig) errors.push(required(own, `must provide \`dnsConfig\` ${needed}`));
    else if (nameservers.length === 0) {
      errors.push(required(`${own}.nameservers`, `must provide at least one DNS nameserver ${needed}`));
    }
  }
  if (nameservers.length > 3) {
    errors.push(invalid(`${own}.nameservers`, nameservers, 'must not have more than 3 nameservers'));
  }
  errors.push(
    ...each(nameservers, `${own}.nameservers`, (address, at) =>
      ipErrors(address).map((detail) => invalid(at, address, detail)),
    ),
  );
  if (searches.length > 32) {
    errors.push(invalid(`${own}.searches`, searches, 'must not have more than 32 search paths'));
  }
  errors.push(
    ...each(searches, `${own}.searches`, (search, at) => {
      const bare = search === '.' ? '' : search.replace(/\.$/, '').replaceAll('_', '-');
      return bare === '' ? [] : dns1123SubdomainErrors(bare).map((detail) => invalid(at, search, detail));
    }),
    ...each(options, `${own}.options`, ({ name }, at) => (name ? [] : [required(at, 'must not be empty')])),
  );
  return errors;
}

/** What is wrong with a pod template at `path`. */
export function podTemplateErrors({ metadata, spec }: PodTemplateSpec, path: string): FieldError[] {
  const annotations = Object.keys(metadata.annotations ?? {});
  return [
    ...labelsErrors(metadata.labels, `${path}.labels`),
    ...annotations.flatMap((key) =>
      qualifiedNameErrors(key.toLowerCase()).map((detail) => invalid(`${path}.annotations`, key, detail)),
    ),
    ...podAnnotationErrors(metadata.annotations, spec, `${path}.annotations`),
    ...podSpecErrors(spec, `${path}.spec`),
    ...((spec.ephemeralContainers ?? []).length > 0
      ? [forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ];
}
