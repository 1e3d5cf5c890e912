import type { Refusal } from './plugin.ts';

/** Why each node does not fit, by name. */
export type Refusals = ReadonlyMap<string, readonly Refusal[]>;

/**
 * Says per reason how many nodes don't fit, as upstream words it:
 * `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: …`. `preemption`: what came
 * of trying to make room; empty when room is being made.
 */
export function failureMessage(
  total: number,
  refusals: Refusals,
  preemption: string | undefined = noVictims(total, refusals),
): string {
  if (total === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  for (const { reason } of [...refusals.values()].flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const text = `0/${total} nodes are available: ${listed(counts)}.`;
  return preemption === '' ? text : `${text} preemption: ${preemption}`;
}

/** What is said when preemption finds nothing: `0/3 nodes are available: 3 Preemption is not helpful for scheduling.` */
export function noVictims(total: number, refusals: Refusals): string {
  const hopeless = [...refusals.values()].filter((reasons) => reasons.some(({ preemptible }) => !preemptible)).length;
  const open = refusals.size - hopeless;
  const counts = new Map([
    ...(open > 0 ? [['No preemption victims found for incoming pod', open] as const] : []),
    ...(hopeless > 0 ? [['Preemption is not helpful for scheduling', hopeless] as const] : []),
  ]);
  return `0/${total} nodes are available: ${listed(counts)}.`;
}

function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .toSorted(byText)
    .join(', ');
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
