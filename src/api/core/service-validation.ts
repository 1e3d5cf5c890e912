/** Validation of Services. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, required } from '../../machinery/field-error.ts';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from '../../machinery/formats.ts';
import { labelsErrors } from '../../machinery/label-validation.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { isHeadless, serviceAddressChangeErrors, serviceAddressErrors } from './service-address-validation.ts';
import { serviceStatusErrors, serviceTrafficChangeErrors, serviceTrafficErrors } from './service-traffic-validation.ts';
import type { Service, ServicePort, ServiceSpec } from './service.ts';
import { each, formatted, portOrName } from './value-checks.ts';

/** What is wrong with a Service. */
export function serviceErrors(service: Service, { old, subresource }: ValidationContext<Service>): FieldError[] {
  if (subresource === 'status') return serviceStatusErrors(service);
  const { spec } = service;
  return [
    ...(old ? serviceAddressChangeErrors(spec, old.spec) : []),
    ...(old ? serviceTrafficChangeErrors(spec, old.spec) : []),
    ...typeErrors(spec),
    ...portsErrors(spec),
    ...labelsErrors(spec.selector, 'spec.selector'),
    ...serviceAddressErrors(spec),
    ...serviceTrafficErrors(spec),
  ];
}

function typeErrors(spec: ServiceSpec): FieldError[] {
  const { type, ports = [], externalName = '' } = spec;
  const isBare = isHeadless(spec);
  if (type === 'ExternalName') {
    const name = externalName.replace(/\.$/, '');
    if (name === '') return [required('spec.externalName')];
    return dns1123SubdomainErrors(name).map((detail) => invalid('spec.externalName', name, detail));
  }
  const isReachable = type === 'NodePort' || type === 'LoadBalancer';
  return [
    ...(ports.length === 0 && !isBare ? [required('spec.ports')] : []),
    ...(isReachable && isBare
      ? [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)]
      : []),
  ];
}

function portsErrors({ ports = [], type }: ServiceSpec): FieldError[] {
  const [names, pairs, nodePorts] = [new Set<string>(), new Set<string>(), new Set<string>()];
  return each(ports, 'spec.ports', (port, own) => [
    ...portErrors(port, ports.length > 1, own),
    ...(port.name && seenBefore(names, port.name) ? [duplicate(`${own}.name`, port.name)] : []),
    ...(port.nodePort && type === 'ClusterIP'
      ? [forbidden(`${own}.nodePort`, "may not be used when `type` is 'ClusterIP'")]
      : []),
    ...(port.nodePort && seenBefore(nodePorts, `${port.protocol}/${port.nodePort}`)
      ? [duplicate(`${own}.nodePort`, port.nodePort)]
      : []),
    ...(seenBefore(pairs, `${port.protocol}/${port.port}`)
      ? [duplicate(own, { port: port.port, protocol: port.protocol })]
      : []),
  ]);
}

function portErrors(
  { name = '', port, targetPort, appProtocol }: ServicePort,
  needsName: boolean,
  path: string,
): FieldError[] {
  return [
    ...(needsName && name === '' ? [required(`${path}.name`)] : []),
    ...formatted(name, `${path}.name`, dns1123LabelErrors),
    ...portNumberErrors(port).map((detail) => invalid(`${path}.port`, port, detail)),
    ...portOrName(targetPort, `${path}.targetPort`),
    ...(appProtocol === undefined
      ? []
      : qualifiedNameErrors(appProtocol).map((detail) => invalid(`${path}.appProtocol`, appProtocol, detail))),
  ];
}

function seenBefore(seen: Set<string>, key: string): boolean {
  const known = seen.has(key);
  seen.add(key);
  return known;
}
