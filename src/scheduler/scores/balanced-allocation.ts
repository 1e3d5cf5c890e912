import type { ScorePlugin } from '../plugin.ts';

/** Prefers nodes whose cpu and memory would be used to a similar degree. Source: NodeResourcesBalancedAllocation. */
export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  prepare({ requests }) {
    if (!requests.cpu && !requests.memory) return undefined;
    return (node) => {
      const [cpu = 1, memory = 1] = ['cpu', 'memory'].map((name) =>
        Math.min(
          1,
          ((node.requested[name] ?? 0) + (requests[name] ?? 0)) / (node.allocatable[name] || Number.MIN_VALUE),
        ),
      );
      return Math.floor((1 - Math.abs(cpu - memory) / 2) * 100);
    };
  },
};
