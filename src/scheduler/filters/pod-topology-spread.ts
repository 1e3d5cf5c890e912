import { busy, fits, never } from '../plugin.ts';
import type { FilterPlugin } from '../plugin.ts';
import { leastCount, spreadOf } from '../topology-spread.ts';

/** Keeps the domains of a topology evenly filled, for constraints that say DoNotSchedule. */
export const podTopologySpread: FilterPlugin = {
  name: 'PodTopologySpread',
  wakes: ['node', 'pod-placed', 'pod-changed', 'pod-gone'],
  prepare({ pod }, snapshot) {
    const hard = (pod.spec.topologySpreadConstraints ?? []).filter((c) => c.whenUnsatisfiable === 'DoNotSchedule');
    if (hard.length === 0) return undefined;
    const spreads = hard.map((constraint) => spreadOf(constraint, pod, snapshot));
    const missing = [never("node(s) didn't match pod topology spread constraints (missing required label)")];
    const skewed = [busy("node(s) didn't match pod topology spread constraints")];
    return ({ labels }) => {
      for (const spread of spreads) {
        const domain = labels[spread.constraint.topologyKey];
        if (domain === undefined) return missing;
        const skew = (spread.counts.get(domain) ?? 0) + spread.self - leastCount(spread);
        if (skew > spread.constraint.maxSkew) return skewed;
      }
      return fits;
    };
  },
};
