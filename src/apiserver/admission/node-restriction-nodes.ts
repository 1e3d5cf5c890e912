/** What a kubelet may write of Nodes: its own, and nothing that steers workloads to it. */
import type { Node } from '../../api/core/node.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { AdmissionRequest } from '../ports.ts';

/** Why a node may not write a Node in this way. Source: noderestriction's admitNode. */
export function nodeProblem(request: AdmissionRequest, node: string): string | undefined {
  const { operation, attributes } = request;
  const quoted = JSON.stringify(node);
  const object = request.object as Node | undefined;
  const old = request.old as Node | undefined;
  const name = object?.metadata.name ?? attributes.name;
  if (name !== node) return `node ${quoted} is not allowed to modify node ${JSON.stringify(name)}`;
  if (!object) return undefined;
  if (operation === 'CREATE') return creationProblem(object, quoted);
  return operation === 'UPDATE' && old ? updateProblem(object, old, quoted) : undefined;
}

function creationProblem({ metadata, spec }: Node, quoted: string): string | undefined {
  // What a node may see follows from its spec.
  if (spec.configSource) return `node ${quoted} is not allowed to create pods with a non-nil configSource`;
  const labels = forbiddenChanges(metadata.labels, undefined);
  return labels.length > 0
    ? `node ${quoted} is not allowed to set the following labels: ${labels.join(', ')}`
    : undefined;
}

function updateProblem({ metadata, spec }: Node, old: Node, quoted: string): string | undefined {
  if (spec.configSource && !equalJson(spec.configSource, old.spec.configSource))
    return `node ${quoted} is not allowed to update configSource to a new non-nil configSource`;
  if (!equalJson(spec.taints ?? [], old.spec.taints ?? [])) return `node ${quoted} is not allowed to modify taints`;
  // The garbage collector would delete the node for it.
  if (!equalJson(metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? []))
    return `node ${quoted} is not allowed to modify ownerReferences`;
  const labels = forbiddenChanges(metadata.labels, old.metadata.labels);
  return labels.length > 0 ? `is not allowed to modify labels: ${labels.join(', ')}` : undefined;
}

type Labels = Readonly<Record<string, string>> | undefined;

function forbiddenChanges(labels: Labels = {}, old: Labels = {}): readonly string[] {
  const names = new Set([...Object.keys(labels), ...Object.keys(old)]);
  return [...names].filter((name) => labels[name] !== old[name] && !isKubeletsOwn(name)).sort();
}

const restricted = 'node-restriction.kubernetes.io';

/** Whether a kubelet may set a label of its node. Source: kubelet's pkg/apis well_known_labels.go. */
function isKubeletsOwn(label: string): boolean {
  const slash = label.indexOf('/');
  const namespace = slash < 0 ? '' : label.slice(0, slash);
  if (isWithin(namespace, restricted)) return false;
  if (!isWithin(namespace, 'kubernetes.io') && !isWithin(namespace, 'k8s.io')) return true;
  if (kubeletLabels.has(label)) return true;
  return isWithin(namespace, 'kubelet.kubernetes.io') || isWithin(namespace, 'node.kubernetes.io');
}

function isWithin(namespace: string, domain: string): boolean {
  return namespace === domain || namespace.endsWith(`.${domain}`);
}

const kubeletLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]);
