/** Validation of Ingresses. Source: kubernetes' networking validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  ipErrors,
  portNameErrors,
  portNumberErrors,
  wildcardSubdomainErrors,
} from '../../machinery/formats.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each, formatted } from '../core/value-checks.ts';
import type { HTTPIngressPath, Ingress, IngressBackend, IngressRule, IngressSpec, IngressStatus } from './ingress.ts';
import { typedReferenceErrors } from './reference-validation.ts';

const notAnAddress = 'must be a DNS name, not an IP address';
const classAnnotation = 'kubernetes.io/ingress.class';
const forbiddenSequences = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenEndings = ['/..', '/.'];

/** What is wrong with an Ingress. */
export function ingressErrors(ingress: Ingress, { old, subresource }: ValidationContext<Ingress>): FieldError[] {
  if (subresource === 'status') return statusErrors(ingress.status, old?.status);
  return [...specErrors(ingress.spec), ...(old ? [] : classErrors(ingress))];
}

/** What authors of new ingresses are told. */
export function ingressWarnings({ metadata }: Ingress, { old }: ValidationContext<Ingress>): string[] {
  if (old || metadata.annotations?.[classAnnotation] === undefined) return [];
  return [`annotation ${JSON.stringify(classAnnotation)} is deprecated, please use 'spec.ingressClassName' instead`];
}

function classErrors({ metadata, spec }: Ingress): FieldError[] {
  const annotated = metadata.annotations?.[classAnnotation];
  if (annotated === undefined || spec.ingressClassName === undefined || annotated === spec.ingressClassName) return [];
  const detail = 'must match `ingressClassName` when both are specified';
  return [invalid(`annotations.${classAnnotation}`, annotated, detail)];
}

function specErrors(spec: IngressSpec): FieldError[] {
  const { rules = [], defaultBackend, ingressClassName } = spec;
  return [
    ...(rules.length === 0 && !defaultBackend
      ? [invalid('spec', [], 'either `defaultBackend` or `rules` must be specified')]
      : []),
    ...(defaultBackend ? backendErrors(defaultBackend, 'spec.defaultBackend') : []),
    ...each(rules, 'spec.rules', (rule, own) => [...hostErrors(rule.host, `${own}.host`), ...ruleErrors(rule, own)]),
    ...each(spec.tls, 'spec.tls', ({ hosts, secretName }, own) => [
      ...each(hosts, `${own}.hosts`, nameErrors),
      ...formatted(secretName, `${own}.secretName`, dns1123SubdomainErrors),
    ]),
    ...(ingressClassName === undefined
      ? []
      : dns1123SubdomainErrors(ingressClassName).map((detail) =>
          invalid('spec.ingressClassName', ingressClassName, detail),
        )),
  ];
}

function hostErrors(host: string | undefined, path: string): FieldError[] {
  if (!host) return [];
  return [...(ipFamily(host) === 0 ? [] : [invalid(path, host, notAnAddress)]), ...nameErrors(host, path)];
}

function nameErrors(host: string, path: string): FieldError[] {
  const check = host.includes('*') ? wildcardSubdomainErrors : dns1123SubdomainErrors;
  return check(host).map((detail) => invalid(path, host, detail));
}

function ruleErrors({ http }: IngressRule, path: string): FieldError[] {
  if (!http) return [];
  const own = `${path}.http.paths`;
  return http.paths.length === 0 ? [required(own)] : each(http.paths, own, pathErrors);
}

function pathErrors({ path = '', pathType, backend }: HTTPIngressPath, own: string): FieldError[] {
  // A client that sends nothing and one that sends '' look the same here; the former is the likelier mistake.
  if ((pathType as string) === '') return [required(`${own}.pathType`, 'pathType must be specified')];
  const field = `${own}.path`;
  const isAbsolute = path.startsWith('/') || (path === '' && pathType === 'ImplementationSpecific');
  const errors = isAbsolute ? [] : [invalid(field, path, 'must be an absolute path')];
  if (pathType === 'Exact' || pathType === 'Prefix') {
    const sequences = forbiddenSequences.filter((sequence) => path.includes(sequence));
    const endings = forbiddenEndings.filter((ending) => path.endsWith(ending));
    errors.push(...sequences.map((sequence) => invalid(field, path, `must not contain '${sequence}'`)));
    errors.push(...endings.map((ending) => invalid(field, path, `cannot end with '${ending}'`)));
  }
  return [...errors, ...backendErrors(backend, `${own}.backend`)];
}

function backendErrors({ resource, service }: IngressBackend, path: string): FieldError[] {
  if (resource && service) return [invalid(path, '', 'cannot set both resource and service backends')];
  if (resource) return typedReferenceErrors(resource, `${path}.resource`);
  if (!service) return [invalid(path, '', 'resource or service backend is required')];
  const { name, port } = service;
  const own = `${path}.service`;
  const errors = name === '' ? [required(`${own}.name`)] : formatted(name, `${own}.name`, dns1123LabelErrors);
  if (port.name && port.number) return [...errors, invalid(path, '', 'cannot set both port name & port number')];
  if (port.name) return [...errors, ...formatted(port.name, `${own}.port.name`, portNameErrors)];
  if (!port.number) return [...errors, required(path, 'port name or number is required')];
  const { number } = port;
  return [...errors, ...portNumberErrors(number).map((detail) => invalid(`${own}.port.number`, number, detail))];
}

function statusErrors({ loadBalancer }: IngressStatus, old: IngressStatus | undefined): FieldError[] {
  const known = new Set((old?.loadBalancer.ingress ?? []).map(({ ip }) => ip));
  return each(loadBalancer.ingress, 'status.loadBalancer.ingress', ({ ip, hostname }, own) => [
    ...(known.has(ip) ? [] : formatted(ip, `${own}.ip`, ipErrors)),
    ...formatted(hostname, `${own}.hostname`, dns1123SubdomainErrors),
    ...(hostname && ipFamily(hostname) !== 0 ? [invalid(`${own}.hostname`, hostname, notAnAddress)] : []),
  ]);
}
