import type { Random } from '../base/random.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { ClusterEvent, FilterPlugin, NodeFilter, Refusal, ScorePlugin, Snapshot } from './plugin.ts';

/** What became of one pod: a node, or why each of them does not fit. */
export type Choice =
  | { readonly node: NodeInfo }
  | {
      readonly node: undefined;
      readonly refusals: ReadonlyMap<string, readonly Refusal[]>;
      /** What may make the pod fit after all. */
      readonly wakes: ReadonlySet<ClusterEvent>;
    };

/** What choosing goes by. */
export interface ChoosingRules {
  readonly filters: readonly FilterPlugin[];
  readonly scores: readonly ScorePlugin[];
  readonly random: Random;
}

/** From this many nodes on, not all that fit are looked for. Source: upstream's minFeasibleNodesToFind. */
const allBelow = 100;

/** Chooses among all nodes that fit, or says why none does. `start`: where in the list to begin looking. */
export function chooseNode(pod: PodInfo, snapshot: Snapshot, rules: ChoosingRules, start = 0): Choice {
  const prepared = prepareFilters(pod, snapshot, rules.filters);
  const wakes = new Set<ClusterEvent>(['node']);
  const refusals = new Map<string, readonly Refusal[]>();
  const fitting: NodeInfo[] = [];
  const wanted = feasibleToFind(snapshot.nodes.length);
  for (let index = 0; index < snapshot.nodes.length && fitting.length < wanted; index++) {
    const node = snapshot.nodes[(start + index) % snapshot.nodes.length];
    if (!node) continue;
    const refused = firstRefusal(prepared, node);
    if (!refused) {
      fitting.push(node);
      continue;
    }
    refusals.set(node.name, refused.refusals);
    for (const event of refused.by.wakes) wakes.add(event);
  }
  const [only, second] = fitting;
  if (only === undefined) return { node: undefined, refusals, wakes };
  return { node: second === undefined ? only : best(pod, fitting, { snapshot, rules }) };
}

interface PreparedFilter {
  readonly plugin: FilterPlugin;
  readonly filter: NodeFilter;
}

function prepareFilters(pod: PodInfo, snapshot: Snapshot, filters: readonly FilterPlugin[]): readonly PreparedFilter[] {
  return filters.flatMap((plugin) => {
    const filter = plugin.prepare(pod, snapshot);
    return filter ? [{ plugin, filter }] : [];
  });
}

function firstRefusal(
  filters: readonly PreparedFilter[],
  node: NodeInfo,
): { readonly by: FilterPlugin; readonly refusals: readonly Refusal[] } | undefined {
  for (const { plugin, filter } of filters) {
    const refusals = filter(node);
    if (refusals.length > 0) return { by: plugin, refusals };
  }
  return undefined;
}

/** Whether one node fits. */
export function fitsNode(
  pod: PodInfo,
  node: NodeInfo,
  context: { readonly snapshot: Snapshot; readonly filters: readonly FilterPlugin[] },
): boolean {
  return firstRefusal(prepareFilters(pod, context.snapshot, context.filters), node) === undefined;
}

/** Half of a hundred nodes, a twentieth of thousands: the best of a good sample is good enough. */
function feasibleToFind(nodes: number): number {
  if (nodes < allBelow) return nodes;
  const percentage = Math.max(5, 50 - nodes / 125);
  return Math.max(allBelow, Math.floor((nodes * percentage) / 100));
}

function best(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  { snapshot, rules }: { readonly snapshot: Snapshot; readonly rules: ChoosingRules },
): NodeInfo {
  const totals = nodes.map(() => 0);
  for (const plugin of rules.scores) {
    const score = plugin.prepare(pod, snapshot);
    if (!score) continue;
    normalized(nodes.map(score), plugin.normalize).forEach((value, index) => {
      totals[index] = (totals[index] ?? 0) + value * plugin.weight;
    });
  }
  const highest = Math.max(...totals);
  const winners = nodes.filter((_, index) => totals[index] === highest);
  return winners[Math.floor(rules.random.next() * winners.length)] ?? (nodes[0] as NodeInfo);
}

function normalized(raw: readonly number[], how: ScorePlugin['normalize']): readonly number[] {
  if (how === undefined) return raw;
  const low = Math.min(...raw);
  const high = Math.max(...raw);
  if (high === low) return raw.map(() => (how === 'least' ? 100 : 0));
  return raw.map((value) => ((how === 'least' ? high - value : value - low) * 100) / (high - low));
}
