import { fits, never } from '../plugin.ts';
import type { FilterPlugin } from '../plugin.ts';
import { toleratesTaint } from '../tolerations.ts';

/** Keeps pods off nodes with a NoSchedule or NoExecute taint that they don't tolerate. */
export const taintToleration: FilterPlugin = {
  name: 'TaintToleration',
  wakes: ['node'],
  prepare({ pod }) {
    return (node) => {
      const taint = node.node.spec.taints?.find(
        ({ key, value, effect }) =>
          effect !== 'PreferNoSchedule' && !toleratesTaint(pod.spec.tolerations, { key, value, effect }),
      );
      return taint ? [never(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`)] : fits;
    };
  },
};
