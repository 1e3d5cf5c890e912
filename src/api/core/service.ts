/** Service: one address for changing pods. Source: core/v1. */
import { Condition } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, int32, intOrString, list, map, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { serviceColumns } from './service-columns.ts';
import { defaultService } from './service-defaults.ts';
import { serviceErrors } from './service-validation.ts';

export const ServicePort = defineStruct('ServicePort', {
  name: text(1).omitEmpty(),
  protocol: oneOf(2, ['SCTP', 'TCP', 'UDP']).default('TCP').omitEmpty(),
  port: int32(3),
  targetPort: intOrString(4).omitEmpty(),
  nodePort: int32(5).omitEmpty(),
  appProtocol: text(6).optional(),
});
export type ServicePort = TypeOf<typeof ServicePort>;

export const ClientIPConfig = defineStruct('ClientIPConfig', {
  timeoutSeconds: int32(1).optional(),
});
export type ClientIPConfig = TypeOf<typeof ClientIPConfig>;

export const SessionAffinityConfig = defineStruct('SessionAffinityConfig', {
  clientIP: struct(1, ClientIPConfig).optional(),
});
export type SessionAffinityConfig = TypeOf<typeof SessionAffinityConfig>;

export const ServiceSpec = defineStruct('ServiceSpec', {
  ports: list(1, ServicePort, { type: 'map', keys: ['port', 'protocol'], mergeKey: 'port', patch: 'merge' }).optional(),
  selector: map(2, text, { atomic: true }).optional(),
  clusterIP: text(3).omitEmpty(),
  type: oneOf(4, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']).default('ClusterIP').omitEmpty(),
  externalIPs: list(5, text).optional(),
  sessionAffinity: oneOf(7, ['ClientIP', 'None']).default('None').omitEmpty(),
  loadBalancerIP: text(8).omitEmpty(),
  loadBalancerSourceRanges: list(9, text).optional(),
  externalName: text(10).omitEmpty(),
  externalTrafficPolicy: oneOf(11, ['Cluster', 'Local']).omitEmpty(),
  healthCheckNodePort: int32(12).omitEmpty(),
  publishNotReadyAddresses: bool(13).omitEmpty(),
  sessionAffinityConfig: struct(14, SessionAffinityConfig).optional(),
  ipFamilyPolicy: oneOf(17, ['PreferDualStack', 'RequireDualStack', 'SingleStack']).optional(),
  clusterIPs: list(18, text).optional(),
  ipFamilies: list(19, text).optional(),
  allocateLoadBalancerNodePorts: bool(20).optional(),
  loadBalancerClass: text(21).optional(),
  internalTrafficPolicy: oneOf(22, ['Cluster', 'Local']).optional(),
  trafficDistribution: text(23).optional(),
});
export type ServiceSpec = TypeOf<typeof ServiceSpec>;

export const PortStatus = defineStruct('PortStatus', {
  port: int32(1),
  protocol: oneOf(2, ['SCTP', 'TCP', 'UDP']),
  error: text(3).optional(),
});
export type PortStatus = TypeOf<typeof PortStatus>;

export const LoadBalancerIngress = defineStruct('LoadBalancerIngress', {
  ip: text(1).omitEmpty(),
  hostname: text(2).omitEmpty(),
  ipMode: text(3).optional(),
  ports: list(4, PortStatus).optional(),
});
export type LoadBalancerIngress = TypeOf<typeof LoadBalancerIngress>;

export const LoadBalancerStatus = defineStruct('LoadBalancerStatus', {
  ingress: list(1, LoadBalancerIngress).optional(),
});
export type LoadBalancerStatus = TypeOf<typeof LoadBalancerStatus>;

export const ServiceStatus = defineStruct('ServiceStatus', {
  loadBalancer: struct(1, LoadBalancerStatus).default({}),
  conditions: list(2, Condition, { type: 'map', keys: ['type'], mergeKey: 'type', patch: 'merge' }).optional(),
});
export type ServiceStatus = TypeOf<typeof ServiceStatus>;

const serviceFields = {
  spec: struct(2, ServiceSpec).default({}),
  status: struct(3, ServiceStatus).default({}),
};
export type Service = StoredObject<typeof serviceFields>;

export const Service = defineResource({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  scope: 'Namespaced',
  answersWithDeleted: true,
  countsGeneration: false,
  createdByReplace: true,
  shortNames: ['svc'],
  categories: ['all'],
  subresources: ['status', 'proxy'],
  nameFormat: 'service',
  fields: serviceFields,
  columns: serviceColumns,
  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type,
  },
  defaults: defaultService,
  validate: serviceErrors,
  prepareForCreate(service) {
    service.status = { loadBalancer: {} };
  },
});
