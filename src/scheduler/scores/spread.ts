import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import type { ScorePlugin, Snapshot } from '../plugin.ts';
import { spreadOf } from '../topology-spread.ts';
import type { Spread } from '../topology-spread.ts';

/**
 * Prefers domains with fewer pods: by the pod's own ScheduleAnyway constraints or, when it has none at all, away from
 * nodes and zones that have pods of the same controller.
 */
export const spread: ScorePlugin = {
  name: 'PodTopologySpread',
  weight: 2,
  normalize: 'least',
  prepare(info, snapshot) {
    const constraints = info.pod.spec.topologySpreadConstraints ?? [];
    if (constraints.length === 0) return siblings(info, snapshot);
    const soft = constraints
      .filter((constraint) => constraint.whenUnsatisfiable === 'ScheduleAnyway')
      .map((constraint) => spreadOf(constraint, info.pod, snapshot));
    return soft.length === 0 ? undefined : (node) => soft.reduce((sum, one) => sum + crowd(one, node), 0);
  },
};

function crowd({ constraint, counts }: Spread, { labels }: NodeInfo): number {
  const domain = labels[constraint.topologyKey];
  return domain === undefined ? 0 : (counts.get(domain) ?? 0) * Math.log(counts.size + 2) + constraint.maxSkew - 1;
}

function siblings({ pod }: PodInfo, snapshot: Snapshot): ((node: NodeInfo) => number) | undefined {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
  if (owner === undefined) return undefined;
  const perNode = new Map<string, number>();
  const perZone = new Map<string, number>();
  for (const node of snapshot.nodes) {
    let here = 0;
    for (const { pod: other } of node.pods.values()) {
      if (!other.metadata.deletionTimestamp && other.metadata.ownerReferences?.some(({ uid }) => uid === owner)) here++;
    }
    perNode.set(node.name, here);
    const zone = zoneOf(node);
    if (zone !== undefined) perZone.set(zone, (perZone.get(zone) ?? 0) + here);
  }
  return (node) => (perNode.get(node.name) ?? 0) + (perZone.get(zoneOf(node) ?? '') ?? 0);
}

function zoneOf({ labels }: NodeInfo): string | undefined {
  return labels['topology.kubernetes.io/zone'];
}
