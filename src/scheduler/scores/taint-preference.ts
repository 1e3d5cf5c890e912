import type { ScorePlugin } from '../plugin.ts';
import { toleratesTaint } from '../tolerations.ts';

/** Avoids nodes with PreferNoSchedule taints that the pod does not tolerate. */
export const taintPreference: ScorePlugin = {
  name: 'TaintToleration',
  weight: 3,
  normalize: 'least',
  prepare({ pod }) {
    return ({ node }) =>
      (node.spec.taints ?? []).filter(
        (taint) => taint.effect === 'PreferNoSchedule' && !toleratesTaint(pod.spec.tolerations, taint),
      ).length;
  },
};
