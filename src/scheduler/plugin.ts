import type { NodeInfo } from './node-info.ts';
import type { PodGroup } from './pod-affinity.ts';
import type { PodInfo } from './pod-info.ts';

/** The cluster as one scheduling cycle sees it; nothing changes while the cycle lasts. */
export interface Snapshot {
  readonly nodes: readonly NodeInfo[];
  /** The node of a name. */
  node(name: string): NodeInfo | undefined;
  /** How many pods of a group are on each node; nodes without any are left out. */
  countsOf(group: PodGroup): ReadonlyMap<string, number>;
  /** Labels of a namespace, for selectors over namespaces. */
  namespaceLabels(name: string): Readonly<Record<string, string>>;
}

/** Why a node does not fit. */
export interface Refusal {
  /** As upstream words it, such as `Insufficient cpu`. */
  readonly reason: string;
  /** Whether evicting pods of lower priority could help. */
  readonly preemptible: boolean;
}

/** Tells whether a node fits: no refusal at all. */
export type NodeFilter = (node: NodeInfo) => readonly Refusal[];

/** A change in the cluster that may make a pod fit. */
export type ClusterEvent = 'node' | 'namespace' | 'pod-placed' | 'pod-changed' | 'pod-gone';

/** One rule that a node must meet. */
export interface FilterPlugin {
  /** Upstream's name. */
  readonly name: string;
  /** What may turn this rule's refusal around; nothing else wakes a pod that waits because of it. */
  readonly wakes: readonly ClusterEvent[];
  /** Does the work that all nodes share; undefined when this pod is none of its business. */
  prepare(pod: PodInfo, snapshot: Snapshot): NodeFilter | undefined;
}

/** One preference among the nodes that fit. */
export interface ScorePlugin {
  /** Upstream's name. */
  readonly name: string;
  readonly weight: number;
  /** `most`: scaled so that the highest raw score becomes 100; `least`: so that it becomes 0; absent: raw is 0 to 100. */
  readonly normalize?: 'most' | 'least';
  /** Does the work that all nodes share; undefined when this pod is none of its business. */
  prepare(pod: PodInfo, snapshot: Snapshot): ((node: NodeInfo) => number) | undefined;
}

/** One refusal that preemption could overcome. */
export const busy = (reason: string): Refusal => ({ reason, preemptible: true });
/** One refusal that preemption can't overcome. */
export const never = (reason: string): Refusal => ({ reason, preemptible: false });

/** No refusal: the node fits. */
export const fits: readonly Refusal[] = [];
