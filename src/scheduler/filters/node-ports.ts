import { busy, fits } from '../plugin.ts';
import type { FilterPlugin } from '../plugin.ts';

/** Keeps two pods from taking the same port of a node. */
export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  wakes: ['node', 'pod-gone'],
  prepare({ hostPorts }) {
    if (hostPorts.length === 0) return undefined;
    const refusal = [busy("node(s) didn't have free ports for the requested pod ports")];
    return (node) => (node.conflictsWith(hostPorts) ? refusal : fits);
  },
};
