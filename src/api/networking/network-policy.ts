import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, intOrString, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const IPBlock = defineStruct('IPBlock', {
  cidr: text(1),
  except: list(2, text).optional(),
});
export type IPBlock = TypeOf<typeof IPBlock>;

export const NetworkPolicyPeer = defineStruct('NetworkPolicyPeer', {
  podSelector: struct(1, LabelSelector).optional(),
  namespaceSelector: struct(2, LabelSelector).optional(),
  ipBlock: struct(3, IPBlock).optional(),
});
export type NetworkPolicyPeer = TypeOf<typeof NetworkPolicyPeer>;

export const NetworkPolicyPort = defineStruct('NetworkPolicyPort', {
  protocol: oneOf(1, ['SCTP', 'TCP', 'UDP']).default('TCP'),
  port: intOrString(2).optional(),
  endPort: int32(3).optional(),
});
export type NetworkPolicyPort = TypeOf<typeof NetworkPolicyPort>;

export const NetworkPolicyEgressRule = defineStruct('NetworkPolicyEgressRule', {
  ports: list(1, NetworkPolicyPort).optional(),
  to: list(2, NetworkPolicyPeer).optional(),
});
export type NetworkPolicyEgressRule = TypeOf<typeof NetworkPolicyEgressRule>;

export const NetworkPolicyIngressRule = defineStruct('NetworkPolicyIngressRule', {
  ports: list(1, NetworkPolicyPort).optional(),
  from: list(2, NetworkPolicyPeer).optional(),
});
export type NetworkPolicyIngressRule = TypeOf<typeof NetworkPolicyIngressRule>;

export const NetworkPolicySpec = defineStruct('NetworkPolicySpec', {
  podSelector: struct(1, LabelSelector).default({}),
  ingress: list(2, NetworkPolicyIngressRule).optional(),
  egress: list(3, NetworkPolicyEgressRule).optional(),
  policyTypes: list(4, text).optional(),
});
export type NetworkPolicySpec = TypeOf<typeof NetworkPolicySpec>;

const networkPolicyFields = {
  spec: struct(2, NetworkPolicySpec).default({}),
};
/** A NetworkPolicy. Source: networking.k8s.io/v1. */
export type NetworkPolicy = StoredObject<typeof networkPolicyFields>;

export const NetworkPolicy = defineResource({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  scope: 'Namespaced',
  shortNames: ['netpol'],
  fields: networkPolicyFields,
});
