import { isSelectedNode } from '../node-selection.ts';
import { fits, never } from '../plugin.ts';
import type { FilterPlugin } from '../plugin.ts';

/** Holds pods to the nodes that their nodeSelector and required node affinity select. */
export const nodeAffinity: FilterPlugin = {
  name: 'NodeAffinity',
  wakes: ['node'],
  prepare({ pod }) {
    const { nodeSelector, affinity } = pod.spec;
    if (!nodeSelector && !affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution) return undefined;
    const refusal = [never("node(s) didn't match Pod's node affinity/selector")];
    return (node) => (isSelectedNode(pod, node) ? fits : refusal);
  },
};
