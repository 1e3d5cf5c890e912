import type { Refusal } from './plugin.ts';

/**
 * Says per reason how many nodes don't fit, as upstream words it:
 * `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: …`.
 */
export function failureMessage(total: number, refusals: ReadonlyMap<string, readonly Refusal[]>): string {
  if (total === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  for (const { reason } of [...refusals.values()].flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return `0/${total} nodes are available: ${listed(counts)}. preemption: 0/${total} nodes are available: ${listed(preemption(refusals))}.`;
}

function preemption(refusals: ReadonlyMap<string, readonly Refusal[]>): ReadonlyMap<string, number> {
  const hopeless = [...refusals.values()].filter((reasons) => reasons.some(({ preemptible }) => !preemptible)).length;
  const open = refusals.size - hopeless;
  return new Map([
    ...(open > 0 ? [['No preemption victims found for incoming pod', open] as const] : []),
    ...(hopeless > 0 ? [['Preemption is not helpful for scheduling', hopeless] as const] : []),
  ]);
}

function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
