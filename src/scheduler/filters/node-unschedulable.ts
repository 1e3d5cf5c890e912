import { fits, never } from '../plugin.ts';
import type { FilterPlugin } from '../plugin.ts';
import { toleratesTaint } from '../tolerations.ts';

const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;

/** Keeps pods off cordoned nodes, unless they tolerate it. */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  wakes: ['node'],
  prepare({ pod }) {
    if (toleratesTaint(pod.spec.tolerations, taint)) return undefined;
    const refusal = [never('node(s) were unschedulable')];
    return (node) => (node.node.spec.unschedulable ? refusal : fits);
  },
};
