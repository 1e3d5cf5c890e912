import type { NodeInfo } from '../node-info.ts';
import type { PodGroup } from '../pod-affinity.ts';
import { countByDomain } from '../pod-affinity.ts';
import type { PodInfo } from '../pod-info.ts';
import type { ScorePlugin, Snapshot } from '../plugin.ts';
import { spreadOf } from '../topology-spread.ts';
import type { Spread } from '../topology-spread.ts';

const zoneLabel = 'topology.kubernetes.io/zone';

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
  const group = ownedBy(owner);
  const perNode = snapshot.countsOf(group);
  const perZone = countByDomain(snapshot, zoneLabel, group);
  return ({ name, labels }) => (perNode.get(name) ?? 0) + (perZone.get(labels[zoneLabel] ?? '') ?? 0);
}

function ownedBy(owner: string): PodGroup {
  return {
    key: `owner ${owner}`,
    usesNamespaces: false,
    holds: ({ metadata }) =>
      !metadata.deletionTimestamp && metadata.ownerReferences?.some(({ uid }) => uid === owner) === true,
  };
}
