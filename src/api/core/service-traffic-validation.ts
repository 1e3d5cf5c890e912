/** Validation of how traffic comes to a Service. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import {
  cidrErrors,
  dns1123SubdomainErrors,
  ipErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from '../../machinery/formats.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import { endpointAddressErrors } from './endpoints-validation.ts';
import type { Service, ServiceSpec } from './service.ts';
import { each, formatted, inRange } from './value-checks.ts';

/** A day: the longest session affinity. */
const longestAffinity = 86_400;
const distributions: readonly string[] = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];
const forBalancers = "may only be used when `type` is 'LoadBalancer'";

/** Whether others than the cluster can reach a Service. */
export function isExternallyAccessible({ type, externalIPs = [] }: ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && externalIPs.length > 0);
}

/** What is wrong with how traffic comes to a Service. */
export function serviceTrafficErrors(spec: ServiceSpec): FieldError[] {
  return [
    ...affinityErrors(spec),
    ...each(spec.externalIPs, 'spec.externalIPs', (address, path) => {
      const malformed = ipErrors(address).map((detail) => invalid(path, address, detail));
      return malformed.length > 0 ? malformed : endpointAddressErrors(address, path);
    }),
    ...balancerErrors(spec),
    ...externalPolicyErrors(spec),
    ...internalPolicyErrors(spec),
  ];
}

function affinityErrors({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  if (sessionAffinity === 'ClientIP') {
    const path = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds';
    return inRange(sessionAffinityConfig?.clientIP?.timeoutSeconds, path, [1, longestAffinity]);
  }
  const detail = 'must not be set when session affinity is None';
  return sessionAffinityConfig ? [forbidden('spec.sessionAffinityConfig', detail)] : [];
}

function balancerErrors(spec: ServiceSpec): FieldError[] {
  const { loadBalancerSourceRanges = [], loadBalancerClass, allocateLoadBalancerNodePorts } = spec;
  const isBalanced = spec.type === 'LoadBalancer';
  // Upstream's path has the name of its own field.
  const ranges = 'spec.LoadBalancerSourceRanges';
  const path = 'spec.loadBalancerClass';
  return [
    ...(loadBalancerSourceRanges.length > 0 && !isBalanced ? [forbidden(ranges, forBalancers)] : []),
    ...each(loadBalancerSourceRanges, ranges, (range, own) =>
      cidrErrors(range.trim()).map((detail) => invalid(own, range.trim(), detail)),
    ),
    ...(allocateLoadBalancerNodePorts !== undefined && !isBalanced
      ? [forbidden('spec.allocateLoadBalancerNodePorts', forBalancers)]
      : []),
    ...(loadBalancerClass !== undefined && !isBalanced ? [forbidden(path, forBalancers)] : []),
    ...(loadBalancerClass !== undefined && isBalanced
      ? qualifiedNameErrors(loadBalancerClass).map((detail) => invalid(path, loadBalancerClass, detail))
      : []),
  ];
}

function externalPolicyErrors(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy, healthCheckNodePort } = spec;
  const path = 'spec.externalTrafficPolicy';
  const port = 'spec.healthCheckNodePort';
  const isOpen = isExternallyAccessible(spec);
  const needsCheck = spec.type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
  const unexpected = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
  return [
    ...(externalTrafficPolicy && !isOpen
      ? [invalid(path, externalTrafficPolicy, 'may only be set for externally-accessible services')]
      : []),
    ...(isOpen && !externalTrafficPolicy ? [required(path)] : []),
    ...(healthCheckNodePort && !needsCheck ? [invalid(port, healthCheckNodePort, unexpected)] : []),
    ...(needsCheck && !healthCheckNodePort ? [required(port)] : []),
    ...(needsCheck && healthCheckNodePort
      ? portNumberErrors(healthCheckNodePort).map((detail) => invalid(port, healthCheckNodePort, detail))
      : []),
  ];
}

function internalPolicyErrors({ type, internalTrafficPolicy, trafficDistribution }: ServiceSpec): FieldError[] {
  const isMissing = type !== 'ExternalName' && internalTrafficPolicy === undefined;
  const isUnknown = trafficDistribution !== undefined && !distributions.includes(trafficDistribution);
  return [
    ...(isMissing && ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(type)
      ? [required('spec.internalTrafficPolicy')]
      : []),
    ...(isUnknown ? [notSupported('spec.trafficDistribution', trafficDistribution, distributions)] : []),
  ];
}

/** What is wrong with how the way of traffic changes. */
export function serviceTrafficChangeErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type !== 'LoadBalancer' || old.type !== 'LoadBalancer') return [];
  const { loadBalancerClass, healthCheckNodePort, externalTrafficPolicy } = spec;
  const isChecked = externalTrafficPolicy === 'Local' && old.externalTrafficPolicy === 'Local';
  return [
    ...(loadBalancerClass === old.loadBalancerClass
      ? []
      : [invalid('spec.loadBalancerClass', loadBalancerClass ?? null, 'may not change once set')]),
    ...(isChecked && healthCheckNodePort !== old.healthCheckNodePort
      ? [forbidden('spec.healthCheckNodePort', 'field is immutable')]
      : []),
  ];
}

/** What is wrong with the addresses that a load balancer got. */
export function serviceStatusErrors({ spec, status }: Service): FieldError[] {
  const path = 'status.loadBalancer.ingress';
  const { ingress = [] } = status.loadBalancer;
  if (ingress.length > 0 && spec.type !== 'LoadBalancer') {
    return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  const modes = ['Proxy', 'VIP'];
  return each(ingress, path, ({ ip = '', hostname = '', ipMode }, own) => [
    ...formatted(ip, `${own}.ip`, ipErrors),
    ...(ip === '' && ipMode !== undefined ? [forbidden(`${own}.ipMode`, 'may not be used when `ip` is not set')] : []),
    ...(ip !== '' && ipMode === undefined ? [required(`${own}.ipMode`, 'must be set when `ip` is set')] : []),
    ...(ip !== '' && ipMode !== undefined && !modes.includes(ipMode)
      ? [notSupported(`${own}.ipMode`, ipMode, modes)]
      : []),
    ...formatted(hostname, `${own}.hostname`, dns1123SubdomainErrors),
    ...(hostname !== '' && ipFamily(hostname) !== 0
      ? [invalid(`${own}.hostname`, hostname, 'must be a DNS name, not an IP address')]
      : []),
  ]);
}
