import { interPodAffinity } from './filters/inter-pod-affinity.ts';
import { nodeAffinity } from './filters/node-affinity.ts';
import { nodeName } from './filters/node-name.ts';
import { nodePorts } from './filters/node-ports.ts';
import { nodeResourcesFit } from './filters/node-resources-fit.ts';
import { nodeUnschedulable } from './filters/node-unschedulable.ts';
import { podTopologySpread } from './filters/pod-topology-spread.ts';
import { taintToleration } from './filters/taint-toleration.ts';
import type { FilterPlugin, ScorePlugin } from './plugin.ts';
import { balancedAllocation } from './scores/balanced-allocation.ts';
import { imageLocality } from './scores/image-locality.ts';
import { leastAllocated } from './scores/least-allocated.ts';
import { preferredNodeAffinity } from './scores/preferred-node-affinity.ts';
import { preferredPodAffinity } from './scores/preferred-pod-affinity.ts';
import { spread } from './scores/spread.ts';
import { taintPreference } from './scores/taint-preference.ts';

/** Every filter, cheap ones first: a node's first refusing filter settles it. */
export const filters: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  podTopologySpread,
  interPodAffinity,
];

/** Every preference. */
export const scores: readonly ScorePlugin[] = [
  taintPreference,
  preferredNodeAffinity,
  leastAllocated,
  balancedAllocation,
  spread,
  preferredPodAffinity,
  imageLocality,
];
