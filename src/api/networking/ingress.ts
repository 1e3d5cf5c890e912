/** Ingress: which requests from outside go to which service, by host and path. Source: networking.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, inlined, int32, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { TypedLocalObjectReference } from '../core/volume.ts';
import { ingressErrors, ingressWarnings } from './ingress-validation.ts';

/** A port of a service, by name or by number. */
export const ServiceBackendPort = defineStruct(
  'ServiceBackendPort',
  {
    name: text(1).omitEmpty(),
    number: int32(2).omitEmpty(),
  },
  { atomic: true },
);
export type ServiceBackendPort = TypeOf<typeof ServiceBackendPort>;

/** A service that requests go to. */
export const IngressServiceBackend = defineStruct('IngressServiceBackend', {
  name: text(1),
  port: struct(2, ServiceBackendPort).default({}),
});
export type IngressServiceBackend = TypeOf<typeof IngressServiceBackend>;

/** Where requests go: a service, or an object of another kind that the ingress controller knows. */
export const IngressBackend = defineStruct('IngressBackend', {
  resource: struct(3, TypedLocalObjectReference).optional(),
  service: struct(4, IngressServiceBackend).optional(),
});
export type IngressBackend = TypeOf<typeof IngressBackend>;

/** Requests for one path, and where they go. */
export const HTTPIngressPath = defineStruct('HTTPIngressPath', {
  path: text(1).omitEmpty(),
  backend: struct(2, IngressBackend),
  pathType: oneOf(3, ['Exact', 'ImplementationSpecific', 'Prefix']),
});
export type HTTPIngressPath = TypeOf<typeof HTTPIngressPath>;

/** The paths of a host. */
export const HTTPIngressRuleValue = defineStruct('HTTPIngressRuleValue', {
  paths: list(1, HTTPIngressPath),
});
export type HTTPIngressRuleValue = TypeOf<typeof HTTPIngressRuleValue>;

/** What a rule says of the protocol it is for. */
export const IngressRuleValue = defineStruct('IngressRuleValue', {
  http: struct(1, HTTPIngressRuleValue).optional(),
});
export type IngressRuleValue = TypeOf<typeof IngressRuleValue>;

/** A host, which may begin with `*.`, and its paths; no host stands for all. */
export const IngressRule = defineStruct('IngressRule', {
  host: text(1).omitEmpty(),
  ...inlined(2, IngressRuleValue),
});
export type IngressRule = TypeOf<typeof IngressRule>;

/** Hosts whose TLS ends at the ingress, with the certificate of a secret. */
export const IngressTLS = defineStruct('IngressTLS', {
  hosts: list(1, text).optional(),
  secretName: text(2).omitEmpty(),
});
export type IngressTLS = TypeOf<typeof IngressTLS>;

/** The rules and who carries them out. */
export const IngressSpec = defineStruct('IngressSpec', {
  defaultBackend: struct(1, IngressBackend).optional(),
  tls: list(2, IngressTLS).optional(),
  rules: list(3, IngressRule).optional(),
  ingressClassName: text(4).optional(),
});
export type IngressSpec = TypeOf<typeof IngressSpec>;

/** A port of a load balancer, or why it could not be opened. */
export const IngressPortStatus = defineStruct('IngressPortStatus', {
  port: int32(1),
  protocol: oneOf(2, ['SCTP', 'TCP', 'UDP']),
  error: text(3).optional(),
});
export type IngressPortStatus = TypeOf<typeof IngressPortStatus>;

/** An address under which the ingress is reached. */
export const IngressLoadBalancerIngress = defineStruct('IngressLoadBalancerIngress', {
  ip: text(1).omitEmpty(),
  hostname: text(2).omitEmpty(),
  ports: list(4, IngressPortStatus).optional(),
});
export type IngressLoadBalancerIngress = TypeOf<typeof IngressLoadBalancerIngress>;

/** The addresses of the load balancer. */
export const IngressLoadBalancerStatus = defineStruct('IngressLoadBalancerStatus', {
  ingress: list(1, IngressLoadBalancerIngress).optional(),
});
export type IngressLoadBalancerStatus = TypeOf<typeof IngressLoadBalancerStatus>;

/** Where the ingress is reached now. */
export const IngressStatus = defineStruct('IngressStatus', {
  loadBalancer: struct(1, IngressLoadBalancerStatus).default({}),
});
export type IngressStatus = TypeOf<typeof IngressStatus>;

const ingressFields = {
  spec: struct(2, IngressSpec).default({}),
  status: struct(3, IngressStatus).default({}),
};
export type Ingress = StoredObject<typeof ingressFields>;

/** Brings requests from outside to services, by host and path. */
export const Ingress = defineResource({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  scope: 'Namespaced',
  shortNames: ['ing'],
  subresources: ['status'],
  fields: ingressFields,
  columns: {
    Class: {
      value: ({ spec }) => spec.ingressClassName ?? '<none>',
      description: 'The name of the IngressClass resource that should be used for additional configuration',
    },
    Hosts: {
      value: hostsText,
      description: 'Hosts that incoming requests are matched against before the ingress rule',
    },
    Address: { value: addressText, description: 'Address is a list containing ingress points for the load-balancer' },
    Ports: { value: ({ spec }) => (spec.tls ? '80, 443' : '80'), description: 'Ports of TLS configurations that open' },
  },
  validate: ingressErrors,
  warnings: ingressWarnings,
});

function hostsText({ spec: { rules = [] } }: Ingress): string {
  const hosts: string[] = [];
  for (const { host } of rules) {
    if (hosts.length === 3) return `${hosts.join(',')} + ${rules.length - 3} more...`;
    if (host) hosts.push(host);
  }
  return hosts.join(',') || '*';
}

function addressText({ status }: Ingress): string {
  const addresses = (status.loadBalancer.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '');
  return [...new Set(addresses.filter((address) => address !== ''))].sort().join(',');
}
