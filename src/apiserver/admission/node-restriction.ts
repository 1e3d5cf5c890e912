/** Holds a kubelet to its own node, that node's lease and the pods that run there. */
import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import { nodeOfUser } from '../authentication/users.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { refusal } from './refusal.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const leaseNamespace = 'kube-node-lease';
const restrictedLabel = /(^|\.)node-restriction\.kubernetes\.io\//;

/** Upstream's NodeRestriction, as far as the served kinds go. */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  validate(request) {
    const node = nodeOfUser(request.attributes.user);
    if (node === undefined || request.operation === 'CONNECT') return;
    const check = checks[request.resource.qualified];
    const reason = check?.(request, node);
    if (reason !== undefined) throw refusal(request, reason);
  },
};

type Check = (request: AdmissionRequest, node: string) => string | undefined;

const checks: Readonly<Record<string, Check>> = {
  pods: podProblem,
  nodes: nodeProblem,
  'leases.coordination.k8s.io': leaseProblem,
};

function podProblem({ operation, attributes, object, old }: AdmissionRequest, node: string): string | undefined {
  const name = JSON.stringify(node);
  const pod = object as unknown as Pod | undefined;
  const current = old as Pod | undefined;
  const isOwn = current?.spec.nodeName === node;
  switch (attributes.subresource) {
    case '':
      if (operation === 'DELETE') {
        return isOwn ? undefined : `node ${name} can only delete pods with spec.nodeName set to itself`;
      }
      if (operation !== 'CREATE') return `unexpected operation ${operation}`;
      if (pod?.metadata.annotations?.[mirrorAnnotation] === undefined) {
        return `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, node ${name} can only create mirror pods`;
      }
      return pod.spec.nodeName === node
        ? undefined
        : `node ${name} can only create pods with spec.nodeName set to itself`;
    case 'status':
      return isOwn ? undefined : `node ${name} can only update pod status for pods with spec.nodeName set to itself`;
    case 'eviction':
      return current === undefined || isOwn
        ? undefined
        : `node ${name} can only evict pods with spec.nodeName set to itself`;
    default:
      return `unexpected pod subresource ${JSON.stringify(attributes.subresource)}, only 'status' and 'eviction' are allowed`;
  }
}

function nodeProblem({ operation, attributes, object, old }: AdmissionRequest, node: string): string | undefined {
  const changed = object as unknown as Node | undefined;
  const name = changed?.metadata.name ?? attributes.name;
  if (name !== node) return `node ${JSON.stringify(node)} is not allowed to modify node ${JSON.stringify(name)}`;
  if (operation === 'DELETE' || !changed) return undefined;
  const current = old as Node | undefined;
  if (
    operation === 'UPDATE' &&
    JSON.stringify(changed.spec.taints ?? []) !== JSON.stringify(current?.spec.taints ?? [])
  ) {
    return `node ${JSON.stringify(node)} is not allowed to modify taints`;
  }
  const labels = { ...current?.metadata.labels, ...changed.metadata.labels };
  const touched = Object.keys(labels).filter(
    (label) => restrictedLabel.test(label) && current?.metadata.labels?.[label] !== changed.metadata.labels?.[label],
  );
  if (touched.length === 0) return undefined;
  return `is not allowed to modify labels: ${touched.sort().join(', ')}`;
}

function leaseProblem({ attributes, object }: AdmissionRequest, node: string): string | undefined {
  if (attributes.namespace !== leaseNamespace) {
    return `can only access leases in the ${JSON.stringify(leaseNamespace)} system namespace`;
  }
  const name = (object?.['metadata'] as { readonly name?: string } | undefined)?.name ?? attributes.name;
  return name === node ? undefined : 'can only access node lease with the same name as the requesting node';
}
