/** Validation of Services. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, required } from '../../machinery/field-error.ts';
import {
  cidrErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  ipErrors,
  portNumberErrors,
} from '../../machinery/formats.ts';
import { labelsErrors } from '../../machinery/label-validation.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import type { Service, ServicePort, ServiceSpec } from './service.ts';
import { each, formatted, inRange, portOrName } from './value-checks.ts';

/** A day: the longest session affinity. */
const longestAffinity = 86_400;

/** What is wrong with a Service. */
export function serviceErrors({ spec }: Service, { old, subresource }: ValidationContext<Service>): FieldError[] {
  if (subresource === 'status') return [];
  return [
    ...portsErrors(spec),
    ...labelsErrors(spec.selector, 'spec.selector'),
    ...typeErrors(spec),
    ...trafficErrors(spec),
    ...each(spec.externalIPs, 'spec.externalIPs', (address, own) =>
      ipErrors(address).map((detail) => invalid(own, address, detail)),
    ),
    ...each(spec.loadBalancerSourceRanges, 'spec.loadBalancerSourceRanges', (range, own) =>
      cidrErrors(range.trim()).map((detail) => invalid(own, range, detail)),
    ),
    ...(old ? addressChangeErrors(spec, old.spec) : []),
  ];
}

function portsErrors(spec: ServiceSpec): FieldError[] {
  const { ports = [], type, clusterIP } = spec;
  const needsPorts = type !== 'ExternalName' && clusterIP !== 'None';
  if (needsPorts && ports.length === 0) return [required('spec.ports')];
  const [names, pairs, nodePorts] = [new Set<string>(), new Set<string>(), new Set<string>()];
  return each(ports, 'spec.ports', (port, own) => [
    ...portErrors(port, { needsName: ports.length > 1, isHeadless: clusterIP === 'None' }, own),
    ...(port.name && seenBefore(names, port.name) ? [duplicate(`${own}.name`, port.name)] : []),
    ...(seenBefore(pairs, `${port.protocol}/${port.port}`)
      ? [duplicate(own, { port: port.port, protocol: port.protocol })]
      : []),
    ...nodePortErrors(port, type, nodePorts, own),
  ]);
}

function portErrors(
  { name = '', port, targetPort }: ServicePort,
  { needsName, isHeadless }: { readonly needsName: boolean; readonly isHeadless: boolean },
  path: string,
): FieldError[] {
  return [
    ...(needsName && name === '' ? [required(`${path}.name`)] : []),
    ...formatted(name, `${path}.name`, dns1123LabelErrors),
    ...portNumberErrors(port).map((detail) => invalid(`${path}.port`, port, detail)),
    // A headless Service is not proxied: its target port is not used.
    ...(isHeadless ? [] : portOrName(targetPort, `${path}.targetPort`)),
  ];
}

function nodePortErrors(
  { nodePort, protocol }: ServicePort,
  type: ServiceSpec['type'],
  seen: Set<string>,
  path: string,
): FieldError[] {
  if (!nodePort) return [];
  const own = `${path}.nodePort`;
  if (type === 'ClusterIP' || type === 'ExternalName') {
    return [forbidden(own, `may not be used when \`type\` is '${type}'`)];
  }
  return seenBefore(seen, `${protocol}/${nodePort}`) ? [duplicate(own, nodePort)] : [];
}

function seenBefore(seen: Set<string>, key: string): boolean {
  const known = seen.has(key);
  seen.add(key);
  return known;
}

function typeErrors(spec: ServiceSpec): FieldError[] {
  const { type, clusterIP = '', clusterIPs = [], externalName = '' } = spec;
  if (type === 'ExternalName') {
    const addresses = clusterIPs.length > 0 || clusterIP !== '';
    const name = externalName.replace(/\.$/, '');
    return [
      ...(addresses ? [forbidden('spec.clusterIPs', 'may not be set for ExternalName services')] : []),
      ...(name === ''
        ? [required('spec.externalName')]
        : dns1123SubdomainErrors(name).map((detail) => invalid('spec.externalName', externalName, detail))),
    ];
  }
  const mayBeHeadless = type === 'ClusterIP';
  return clusterIP === 'None' && !mayBeHeadless
    ? [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)]
    : [];
}

function trafficErrors(spec: ServiceSpec): FieldError[] {
  const { type, externalTrafficPolicy, externalIPs = [], sessionAffinity, sessionAffinityConfig } = spec;
  const isExternal = type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && externalIPs.length > 0);
  const errors: FieldError[] = [];
  if (externalTrafficPolicy && !isExternal) {
    const detail = 'may only be set for externally-accessible services';
    errors.push(invalid('spec.externalTrafficPolicy', externalTrafficPolicy, detail));
  }
  if (isExternal && !externalTrafficPolicy && externalIPs.length === 0)
    errors.push(required('spec.externalTrafficPolicy'));
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (sessionAffinity === 'ClientIP') {
    const path = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds';
    errors.push(...inRange(seconds, path, [1, longestAffinity]));
  } else if (sessionAffinityConfig) {
    const detail = 'must not be set when session affinity is None';
    errors.push(forbidden('spec.sessionAffinityConfig', detail));
  }
  return errors;
}

function addressChangeErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return [];
  const before = old.clusterIPs?.[0] ?? old.clusterIP ?? '';
  const after = spec.clusterIPs?.[0] ?? spec.clusterIP ?? '';
  const errors: FieldError[] = [];
  if (before !== '' && before !== after) {
    errors.push(invalid('spec.clusterIPs[0]', spec.clusterIPs ?? [], 'may not change once set'));
  }
  const [family] = old.ipFamilies ?? [];
  if (family !== undefined && family !== spec.ipFamilies?.[0]) {
    errors.push(invalid('spec.ipFamilies[0]', spec.ipFamilies ?? [], 'may not change once set'));
  }
  return errors;
}
