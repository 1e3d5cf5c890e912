import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Lease } from '../../api/coordination/lease.ts';
import { messageOf } from '../../base/errors.ts';
import { canonicalQuantity } from '../../machinery/quantity.ts';
import { asKind } from '../resource/kube-object.ts';
import { knownResources } from '../resource/known-resources.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { longTime, writeAnnotations, writeLabels } from './meta-lines.ts';
import { writeNodePods } from './node-pods.ts';

/** Everything about a node but its events: what it is, what it has and what runs on it. */
export async function describeNode(node: Node, context: DescribeContext): Promise<void> {
  const { writer, read } = context;
  const { metadata, spec, status } = node;
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Roles:\t${rolesOf(metadata.labels) || '<none>'}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  writeTaints(writer, spec?.taints);
  writer.line(0, `Unschedulable:\t${spec?.unschedulable ?? false}`);
  await writeLease(node, context);
  writeConditions(writer, status?.conditions);
  writer.line(0, 'Addresses:');
  for (const { type, address } of status?.addresses ?? []) writer.line(1, `${type}:\t${address}`);
  writeAmounts(writer, 'Capacity', status?.capacity);
  writeAmounts(writer, 'Allocatable', status?.allocatable);
  writeSystemInfo(writer, node);
  const pods = await read.list(knownResources.Pod, {
    fieldSelector: `spec.nodeName=${metadata.name},status.phase!=Failed,status.phase!=Succeeded`,
  });
  if (pods)
    writeNodePods(
      context,
      node,
      pods.map((pod) => asKind<Pod>(pod)),
    );
  else writer.line(0, 'Pods:\tnot authorized');
}

/** The roles that a node's labels name, comma-separated. */
export function rolesOf(labels: Readonly<Record<string, string>> | undefined): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.entries(labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(prefix)) return key.length > prefix.length ? [key.slice(prefix.length)] : [];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return [...new Set(roles)].toSorted().join(',');
}

function writeTaints(
  writer: DescribeWriter,
  taints: readonly { key: string; value?: string | undefined; effect: string }[] = [],
): void {
  if (taints.length === 0) writer.line(0, 'Taints:\t<none>');
  const text = ({ key, value, effect }: (typeof taints)[number]): string =>
    `${key}${value ? `=${value}` : ''}${effect ? `:${effect}` : ''}`;
  taints
    .toSorted((a, b) => {
      const [x, y] = [`${a.effect}${a.key}`, `${b.effect}${b.key}`];
      return x < y ? -1 : x > y ? 1 : 0;
    })
    .forEach((taint, at) => writer.line(0, `${at === 0 ? 'Taints:' : ''}\t${text(taint)}`));
}

async function writeLease({ metadata }: Node, { writer, read }: DescribeContext): Promise<void> {
  let lease: Lease;
  try {
    lease = asKind<Lease>(await read.get(knownResources.Lease, { namespace: 'kube-node-lease', name: metadata.name }));
  } catch (error) {
    writer.line(0, `Lease:\tFailed to get lease: ${messageOf(error)}`);
    return;
  }
  const { holderIdentity, acquireTime, renewTime } = lease.spec ?? {};
  writer.line(0, 'Lease:');
  writer.line(1, `HolderIdentity:\t${holderIdentity ?? '<unset>'}`);
  writer.line(1, `AcquireTime:\t${acquireTime ? longTime(acquireTime) : '<unset>'}`);
  writer.line(1, `RenewTime:\t${renewTime ? longTime(renewTime) : '<unset>'}`);
}

function writeConditions(writer: DescribeWriter, conditions: NonNullable<Node['status']>['conditions']): void {
  if (!conditions?.length) return;
  writer.line(0, 'Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage');
  writer.line(1, '----\t------\t-----------------\t------------------\t------\t-------');
  for (const one of conditions) {
    writer.line(
      1,
      `${one.type} \t${one.status} \t${longTime(one.lastHeartbeatTime)} \t${longTime(one.lastTransitionTime)} \t${one.reason ?? ''} \t${one.message ?? ''}`,
    );
  }
}

function writeAmounts(
  writer: DescribeWriter,
  title: string,
  amounts: Readonly<Record<string, string>> | undefined,
): void {
  const names = Object.keys(amounts ?? {}).toSorted();
  if (names.length === 0) return;
  writer.line(0, `${title}:`);
  for (const name of names) writer.line(1, `${name}:\t${canonicalQuantity(amounts?.[name] ?? '0')}`);
}

function writeSystemInfo(writer: DescribeWriter, { spec, status }: Node): void {
  const info = status?.nodeInfo;
  writer.line(0, 'System Info:');
  writer.line(1, `Machine ID:\t${info?.machineID ?? ''}`);
  writer.line(1, `System UUID:\t${info?.systemUUID ?? ''}`);
  writer.line(1, `Boot ID:\t${info?.bootID ?? ''}`);
  writer.line(1, `Kernel Version:\t${info?.kernelVersion ?? ''}`);
  writer.line(1, `OS Image:\t${info?.osImage ?? ''}`);
  writer.line(1, `Operating System:\t${info?.operatingSystem ?? ''}`);
  writer.line(1, `Architecture:\t${info?.architecture ?? ''}`);
  writer.line(1, `Container Runtime Version:\t${info?.containerRuntimeVersion ?? ''}`);
  writer.line(1, `Kubelet Version:\t${info?.kubeletVersion ?? ''}`);
  writer.line(1, `Kube-Proxy Version:\t${info?.kubeProxyVersion ?? ''}`);
  if (spec?.podCIDR) writer.line(0, `PodCIDR:\t${spec.podCIDR}`);
  if (spec?.podCIDRs?.length) writer.line(0, `PodCIDRs:\t${spec.podCIDRs.join(',')}`);
  if (spec?.providerID) writer.line(0, `ProviderID:\t${spec.providerID}`);
}
