import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '../api/core/pod-spec.ts';
import type { Pod } from '../api/core/pod.ts';
import type { NodeInfo } from './node-info.ts';

/** Whether a node meets a pod's nodeSelector and required node affinity. */
export function isSelectedNode(pod: Pod, node: NodeInfo): boolean {
  const wanted = Object.entries(pod.spec.nodeSelector ?? {});
  if (!wanted.every(([key, value]) => node.labels[key] === value)) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

function matchesNodeSelector(selector: NodeSelector, node: NodeInfo): boolean {
  return selector.nodeSelectorTerms.some((term) => matchesNodeTerm(term, node));
}

/** Whether a node meets every requirement of a term; a term without any matches nothing. */
export function matchesNodeTerm(term: NodeSelectorTerm, node: NodeInfo): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((requirement) => meets(requirement, node.labels[requirement.key])) &&
    matchFields.every((requirement) => meets(requirement, requirement.key === 'metadata.name' ? node.name : undefined))
  );
}

function meets({ operator, values = [] }: NodeSelectorRequirement, actual: string | undefined): boolean {
  const [first = ''] = values;
  switch (operator) {
    case 'In':
      return actual !== undefined && values.includes(actual);
    case 'NotIn':
      return actual === undefined || !values.includes(actual);
    case 'Exists':
      return actual !== undefined;
    case 'DoesNotExist':
      return actual === undefined;
    case 'Gt':
      return actual !== undefined && Number(actual) > Number(first);
    case 'Lt':
      return actual !== undefined && Number(actual) < Number(first);
    default:
      return false;
  }
}
