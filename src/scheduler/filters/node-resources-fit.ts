import { busy, fits, never } from '../plugin.ts';
import type { FilterPlugin, Refusal } from '../plugin.ts';

/** Keeps pods off nodes that don't have left what they request. */
export const nodeResourcesFit: FilterPlugin = {
  name: 'NodeResourcesFit',
  wakes: ['node', 'pod-changed', 'pod-gone'],
  prepare({ requests }) {
    const wanted = Object.entries(requests).filter(([, amount]) => amount > 0);
    return (node) => {
      const refusals: Refusal[] = [];
      if (node.pods.size + 1 > (node.allocatable.pods ?? 0)) refusals.push(busy('Too many pods'));
      for (const [name, amount] of wanted) {
        const capacity = node.allocatable[name] ?? 0;
        const reason = `Insufficient ${name}`;
        if (amount > capacity) refusals.push(never(reason));
        else if (amount > capacity - (node.requested[name] ?? 0)) refusals.push(busy(reason));
      }
      return refusals.length === 0 ? fits : refusals;
    };
  },
};
