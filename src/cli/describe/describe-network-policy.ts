import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../api/networking/network-policy.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import type { LabelSelector } from '../../machinery/meta.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { writeAnnotations, writeLabels } from './meta-lines.ts';

/** The words of one direction. */
interface Direction {
  readonly name: 'ingress' | 'egress';
  /** How a peer is introduced. */
  readonly peer: 'From' | 'To';
  readonly unrestricted: string;
}

interface Rule {
  readonly ports?: readonly NetworkPolicyPort[] | undefined;
  readonly peers?: readonly NetworkPolicyPeer[] | undefined;
}

const indent = '    ';

/** A network policy, as sentences about each direction. */
export async function describeNetworkPolicy(policy: NetworkPolicy, { writer }: DescribeContext): Promise<void> {
  const { metadata, spec } = policy;
  const created = (metadata.creationTimestamp ?? '').replace('T', ' ').replace('Z', ' +0000 UTC');
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Namespace:\t${metadata.namespace ?? ''}`);
  writer.line(0, `Created on:\t${created}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, 'Spec:');
  const selected = formatLabelSelector(spec.podSelector);
  const everything = '<none> (Allowing the specific traffic to all pods in this namespace)';
  writer.raw(1, 'PodSelector: ');
  writer.line(2, selected || everything);
  const types = spec.policyTypes ?? [];
  const incoming = (spec.ingress ?? []).map(({ ports, from }) => ({ ports, peers: from }));
  const outgoing = (spec.egress ?? []).map(({ ports, to }) => ({ ports, peers: to }));
  if (types.length === 0 || types.includes('Ingress')) {
    writeRules(writer, incoming, { name: 'ingress', peer: 'From', unrestricted: 'not restricted by source' });
  } else writer.line(1, 'Not affecting ingress traffic');
  if (types.includes('Egress')) {
    writeRules(writer, outgoing, { name: 'egress', peer: 'To', unrestricted: 'not restricted by destination' });
  } else writer.line(1, 'Not affecting egress traffic');
  writer.line(1, `Policy Types: ${types.join(', ')}`);
}

function writeRules(writer: DescribeWriter, rules: readonly Rule[], direction: Direction): void {
  const { name, peer, unrestricted } = direction;
  writer.line(1, `Allowing ${name} traffic:`);
  if (rules.length === 0) writer.line(0, `${indent}<none> (Selected pods are isolated for ${name} connectivity)`);
  rules.forEach(({ ports = [], peers = [] }, index) => {
    if (ports.length === 0) writer.line(0, `${indent}To Port: <any> (traffic allowed to all ports)`);
    for (const port of ports) writer.line(0, `${indent}${portText(port)}`);
    if (peers.length === 0) writer.line(0, `${indent}${peer}: <any> (traffic ${unrestricted})`);
    for (const one of peers) {
      writer.line(0, `${indent}${peer}:`);
      writePeer(writer, one);
    }
    if (index < rules.length - 1) writer.line(0, `${indent}----------`);
  });
}

function portText({ port = '<nil>', endPort, protocol }: NetworkPolicyPort): string {
  return endPort === undefined ? `To Port: ${port}/${protocol}` : `To Port Range: ${port}-${endPort}/${protocol}`;
}

function writePeer(writer: DescribeWriter, { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer): void {
  const text = (selector: LabelSelector): string => formatLabelSelector(selector) || '<none>';
  if (namespaceSelector) writer.line(1, `${indent}NamespaceSelector: ${text(namespaceSelector)}`);
  if (podSelector) writer.line(1, `${indent}PodSelector: ${text(podSelector)}`);
  if (podSelector || namespaceSelector || !ipBlock) return;
  writer.line(1, `${indent}IPBlock:`);
  writer.line(2, `${indent}CIDR: ${ipBlock.cidr}`);
  writer.line(2, `${indent}Except: ${(ipBlock.except ?? []).join(', ')}`);
}
