/** NetworkPolicy: which traffic reaches and leaves the pods it selects. Source: networking.k8s.io/v1. */
import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, intOrString, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import { networkPolicyErrors, networkPolicyWarnings } from './network-policy-validation.ts';

/** A network, with holes. */
export const IPBlock = defineStruct('IPBlock', {
  cidr: text(1),
  except: list(2, text).optional(),
});
export type IPBlock = TypeOf<typeof IPBlock>;

/** The other end of allowed traffic: pods, by their own and their namespaces' labels, or a network. */
export const NetworkPolicyPeer = defineStruct('NetworkPolicyPeer', {
  podSelector: struct(1, LabelSelector).optional(),
  namespaceSelector: struct(2, LabelSelector).optional(),
  ipBlock: struct(3, IPBlock).optional(),
});
export type NetworkPolicyPeer = TypeOf<typeof NetworkPolicyPeer>;

/** A port, or the range from `port` to `endPort`. */
export const NetworkPolicyPort = defineStruct('NetworkPolicyPort', {
  protocol: oneOf(1, ['SCTP', 'TCP', 'UDP']).default('TCP'),
  port: intOrString(2).optional(),
  endPort: int32(3).optional(),
});
export type NetworkPolicyPort = TypeOf<typeof NetworkPolicyPort>;

/** Traffic that may leave; absent lists stand for everything. */
export const NetworkPolicyEgressRule = defineStruct('NetworkPolicyEgressRule', {
  ports: list(1, NetworkPolicyPort).optional(),
  to: list(2, NetworkPolicyPeer).optional(),
});
export type NetworkPolicyEgressRule = TypeOf<typeof NetworkPolicyEgressRule>;

/** Traffic that may come in; absent lists stand for everything. */
export const NetworkPolicyIngressRule = defineStruct('NetworkPolicyIngressRule', {
  ports: list(1, NetworkPolicyPort).optional(),
  from: list(2, NetworkPolicyPeer).optional(),
});
export type NetworkPolicyIngressRule = TypeOf<typeof NetworkPolicyIngressRule>;

/** The pods meant, and all that is allowed in the directions that `policyTypes` names. */
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
export type NetworkPolicy = StoredObject<typeof networkPolicyFields>;

/** Says which traffic the pods of a namespace may receive and send. */
export const NetworkPolicy = defineResource({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  scope: 'Namespaced',
  shortNames: ['netpol'],
  fields: networkPolicyFields,
  columns: { 'Pod-Selector': ({ spec }) => formatLabelSelector(spec.podSelector) || '<none>' },
  validate: networkPolicyErrors,
  warnings: networkPolicyWarnings,
  defaults({ spec }) {
    if (spec.policyTypes?.length) return;
    spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
  },
});
