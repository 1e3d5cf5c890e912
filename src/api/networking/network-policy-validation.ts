/** Validation of NetworkPolicies. Source: kubernetes' networking validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { cidrErrors, portNameErrors, portNumberErrors } from '../../machinery/formats.ts';
import { formatIP, networkContains, parseIP, parseNetwork } from '../../machinery/ip-address.ts';
import { labelSelectorErrors } from '../../machinery/label-validation.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each } from '../core/value-checks.ts';
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from './network-policy.ts';

const policyTypes = ['Ingress', 'Egress'];

/** What is wrong with a NetworkPolicy. Networks that the old version has stay allowed. */
export function networkPolicyErrors({ spec }: NetworkPolicy, { old }: ValidationContext<NetworkPolicy>): FieldError[] {
  const known = new Set(old ? networksOf(old.spec) : []);
  return [
    ...labelSelectorErrors(spec.podSelector, 'spec.podSelector'),
    ...each(spec.ingress, 'spec.ingress', ({ ports, from }, own) => [
      ...each(ports, `${own}.ports`, portErrors),
      ...each(from, `${own}.from`, (peer, path) => peerErrors(peer, known, path)),
    ]),
    ...each(spec.egress, 'spec.egress', ({ ports, to }, own) => [
      ...each(ports, `${own}.ports`, portErrors),
      ...each(to, `${own}.to`, (peer, path) => peerErrors(peer, known, path)),
    ]),
    ...typesErrors(spec.policyTypes ?? []),
  ];
}

/** What authors are told of networks whose text has bits beyond the prefix: they may mean one address. */
export function networkPolicyWarnings({ spec }: NetworkPolicy): string[] {
  const { ingress = [], egress = [] } = spec;
  const peers = [
    ...ingress.flatMap(({ from = [] }, rule) =>
      from.map((peer, at) => [`spec.ingress[${rule}].from[${at}]`, peer] as const),
    ),
    ...egress.flatMap(({ to = [] }, rule) => to.map((peer, at) => [`spec.egress[${rule}].to[${at}]`, peer] as const)),
  ];
  return peers.flatMap(([path, { ipBlock }]) => {
    if (!ipBlock) return [];
    const holes = (ipBlock.except ?? []).map((hole, index) => ambiguity(hole, `${path}.ipBlock.except[${index}]`));
    return [ambiguity(ipBlock.cidr, `${path}.ipBlock.cidr`), ...holes].flatMap((text) => text ?? []);
  });
}

function ambiguity(cidr: string, path: string): string | undefined {
  const [host = ''] = cidr.split('/');
  const [network, address] = [parseNetwork(cidr), parseIP(host)];
  if (!network || !address || network.address.value === address.value) return undefined;
  const whole = `${formatIP(network.address)}/${network.prefix}`;
  const single = `${formatIP(address)}/${address.family === 4 ? 32 : 128}`;
  return `${path}: CIDR value "${cidr}" is ambiguous in this context (should be "${whole}" or "${single}"?)`;
}

function networksOf({ ingress = [], egress = [] }: NetworkPolicySpec): string[] {
  const peers = [...ingress.flatMap(({ from = [] }) => from), ...egress.flatMap(({ to = [] }) => to)];
  return peers.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []));
}

function typesErrors(types: readonly string[]): FieldError[] {
  const path = 'spec.policyTypes';
  if (types.length > policyTypes.length) return [invalid(path, types, 'may not specify more than two policyTypes')];
  return each(types, path, (type, own) => (policyTypes.includes(type) ? [] : [notSupported(own, type, policyTypes)]));
}

function portErrors({ port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const end = `${path}.endPort`;
  if (port === undefined) {
    return endPort === undefined ? [] : [invalid(end, endPort, 'may not be specified when `port` is not specified')];
  }
  if (typeof port === 'string') {
    const errors = portNameErrors(port).map((detail) => invalid(`${path}.port`, port, detail));
    if (endPort === undefined) return errors;
    return [invalid(end, endPort, 'may not be specified when `port` is non-numeric'), ...errors];
  }
  const errors = portNumberErrors(port).map((detail) => invalid(`${path}.port`, port, detail));
  if (endPort === undefined) return errors;
  if (endPort < port) errors.push(invalid(end, endPort, 'must be greater than or equal to `port`'));
  return [...errors, ...portNumberErrors(endPort).map((detail) => invalid(end, endPort, detail))];
}

function peerErrors(peer: NetworkPolicyPeer, known: ReadonlySet<string>, path: string): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const errors = [
    ...labelSelectorErrors(podSelector, `${path}.podSelector`),
    ...labelSelectorErrors(namespaceSelector, `${path}.namespaceSelector`),
    ...(ipBlock ? blockErrors(ipBlock, known, `${path}.ipBlock`) : []),
  ];
  if (!podSelector && !namespaceSelector && !ipBlock) return [...errors, required(path, 'must specify a peer')];
  if (!ipBlock || !(podSelector || namespaceSelector)) return errors;
  return [...errors, forbidden(path, 'may not specify both ipBlock and another peer')];
}

function blockErrors({ cidr, except }: IPBlock, known: ReadonlySet<string>, path: string): FieldError[] {
  if (cidr === '') return [required(`${path}.cidr`)];
  const network = parseNetwork(cidr);
  if (!network) return networkErrors(cidr, known, `${path}.cidr`);
  return each(except, `${path}.except`, (hole, own) => {
    const inner = parseNetwork(hole);
    if (!inner) return networkErrors(hole, known, own);
    const isInside = networkContains(network, inner.address) && network.prefix < inner.prefix;
    return isInside ? [] : [invalid(own, hole, 'must be a strict subset of `cidr`')];
  });
}

function networkErrors(network: string, known: ReadonlySet<string>, path: string): FieldError[] {
  return known.has(network) ? [] : cidrErrors(network).map((detail) => invalid(path, network, detail));
}
