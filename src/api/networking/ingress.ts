import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, inlined, int32, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { TypedLocalObjectReference } from '../core/volume.ts';

export const ServiceBackendPort = defineStruct(
  'ServiceBackendPort',
  {
    name: text(1).omitEmpty(),
    number: int32(2).omitEmpty(),
  },
  { atomic: true },
);
export type ServiceBackendPort = TypeOf<typeof ServiceBackendPort>;

export const IngressServiceBackend = defineStruct('IngressServiceBackend', {
  name: text(1),
  port: struct(2, ServiceBackendPort).default({}),
});
export type IngressServiceBackend = TypeOf<typeof IngressServiceBackend>;

export const IngressBackend = defineStruct('IngressBackend', {
  resource: struct(3, TypedLocalObjectReference).optional(),
  service: struct(4, IngressServiceBackend).optional(),
});
export type IngressBackend = TypeOf<typeof IngressBackend>;

export const HTTPIngressPath = defineStruct('HTTPIngressPath', {
  path: text(1).omitEmpty(),
  backend: struct(2, IngressBackend),
  pathType: oneOf(3, ['Exact', 'ImplementationSpecific', 'Prefix']),
});
export type HTTPIngressPath = TypeOf<typeof HTTPIngressPath>;

export const HTTPIngressRuleValue = defineStruct('HTTPIngressRuleValue', {
  paths: list(1, HTTPIngressPath),
});
export type HTTPIngressRuleValue = TypeOf<typeof HTTPIngressRuleValue>;

export const IngressRuleValue = defineStruct('IngressRuleValue', {
  http: struct(1, HTTPIngressRuleValue).optional(),
});
export type IngressRuleValue = TypeOf<typeof IngressRuleValue>;

export const IngressRule = defineStruct('IngressRule', {
  host: text(1).omitEmpty(),
  ...inlined(2, IngressRuleValue),
});
export type IngressRule = TypeOf<typeof IngressRule>;

export const IngressTLS = defineStruct('IngressTLS', {
  hosts: list(1, text).optional(),
  secretName: text(2).omitEmpty(),
});
export type IngressTLS = TypeOf<typeof IngressTLS>;

export const IngressSpec = defineStruct('IngressSpec', {
  defaultBackend: struct(1, IngressBackend).optional(),
  tls: list(2, IngressTLS).optional(),
  rules: list(3, IngressRule).optional(),
  ingressClassName: text(4).optional(),
});
export type IngressSpec = TypeOf<typeof IngressSpec>;

export const IngressPortStatus = defineStruct('IngressPortStatus', {
  port: int32(1),
  protocol: oneOf(2, ['SCTP', 'TCP', 'UDP']),
  error: text(3).optional(),
});
export type IngressPortStatus = TypeOf<typeof IngressPortStatus>;

export const IngressLoadBalancerIngress = defineStruct('IngressLoadBalancerIngress', {
  ip: text(1).omitEmpty(),
  hostname: text(2).omitEmpty(),
  ports: list(4, IngressPortStatus).optional(),
});
export type IngressLoadBalancerIngress = TypeOf<typeof IngressLoadBalancerIngress>;

export const IngressLoadBalancerStatus = defineStruct('IngressLoadBalancerStatus', {
  ingress: list(1, IngressLoadBalancerIngress).optional(),
});
export type IngressLoadBalancerStatus = TypeOf<typeof IngressLoadBalancerStatus>;

export const IngressStatus = defineStruct('IngressStatus', {
  loadBalancer: struct(1, IngressLoadBalancerStatus).default({}),
});
export type IngressStatus = TypeOf<typeof IngressStatus>;

const ingressFields = {
  spec: struct(2, IngressSpec).default({}),
  status: struct(3, IngressStatus).default({}),
};
/** A Ingress. Source: networking.k8s.io/v1. */
export type Ingress = StoredObject<typeof ingressFields>;

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
});
