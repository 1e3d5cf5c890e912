import { fits, never } from '../plugin.ts';
import type { FilterPlugin } from '../plugin.ts';

/** Holds a pod that names its node to that node. */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  wakes: ['node'],
  prepare({ pod }) {
    const wanted = pod.spec.nodeName;
    if (!wanted) return undefined;
    const refusal = [never("node(s) didn't match the requested node name")];
    return (node) => (node.name === wanted ? fits : refusal);
  },
};
