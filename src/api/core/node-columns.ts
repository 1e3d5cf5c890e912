/** The columns of `kubectl get nodes`. */
import { ageOf } from '../../machinery/human-duration.ts';
import type { Column } from '../../machinery/resource.ts';
import type { Node } from './node.ts';

const rolePrefix = 'node-role.kubernetes.io/';

/** The columns beside Name; Age stands before Version. */
export const nodeColumns: Readonly<Record<string, Column<Node>>> = {
  Status: { description: 'The status of the node', value: nodeStatusText },
  Roles: { description: 'The roles of the node', value: nodeRoles },
  Age: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now),
  Version: {
    description: 'Kubelet Version reported by the node.',
    value: ({ status }) => status.nodeInfo.kubeletVersion,
  },
  'Internal-IP': { wide: true, value: (node) => addressOf(node, 'InternalIP') },
  'External-IP': { wide: true, value: (node) => addressOf(node, 'ExternalIP') },
  'OS-Image': { wide: true, value: ({ status }) => status.nodeInfo.osImage || '<unknown>' },
  'Kernel-Version': { wide: true, value: ({ status }) => status.nodeInfo.kernelVersion || '<unknown>' },
  'Container-Runtime': { wide: true, value: ({ status }) => status.nodeInfo.containerRuntimeVersion || '<unknown>' },
};

function nodeStatusText({ spec, status }: Node): string {
  const ready = (status.conditions ?? []).find(({ type }) => type === 'Ready');
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec.unschedulable ? `${text},SchedulingDisabled` : text;
}

function nodeRoles({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([label, value]) => {
    if (label.startsWith(rolePrefix) && label.length > rolePrefix.length) return [label.slice(rolePrefix.length)];
    return label === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return [...new Set(roles)].sort().join(',') || '<none>';
}

function addressOf({ status }: Node, wanted: string): string {
  return (status.addresses ?? []).find(({ type }) => type === wanted)?.address ?? '<none>';
}
