import type { ScorePlugin } from '../plugin.ts';

/** Prefers nodes with more left of cpu and memory. Source: NodeResourcesFit, strategy LeastAllocated. */
export const leastAllocated: ScorePlugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  prepare({ scoringRequests }) {
    return (node) => {
      const shares = ['cpu', 'memory'].map((name) => {
        const capacity = node.allocatable[name] ?? 0;
        const used = (node.scoringRequested[name] ?? 0) + (scoringRequests[name] ?? 0);
        return capacity === 0 || used > capacity ? 0 : ((capacity - used) * 100) / capacity;
      });
      return Math.floor(shares.reduce((sum, share) => sum + share, 0) / shares.length);
    };
  },
};
