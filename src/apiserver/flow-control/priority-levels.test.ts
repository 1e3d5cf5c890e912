import { expect, test } from 'vitest';
import { mandatoryPriorityLevels, suggestedPriorityLevels } from '../../api/flowcontrol/bootstrap-objects.ts';
import type { LevelObject, PriorityLevel } from './priority-level.ts';
import { PriorityLevels } from './priority-levels.ts';
import { Ticket } from './ticket.ts';
import { oneSeat } from './work-estimate.ts';

const usual: readonly LevelObject[] = Object.entries({ ...mandatoryPriorityLevels, ...suggestedPriorityLevels }).map(
  ([name, spec]) => ({ metadata: { name }, spec }),
);

function usualLevels(seats = 600): PriorityLevels {
  const levels = new PriorityLevels(seats, 0);
  levels.configure(usual, 0);
  return levels;
}

const limits = (levels: PriorityLevels): Record<string, number> =>
  Object.fromEntries([...levels.all()].map(({ name, queues }) => [name, queues.limit]));

/** Has a level want so many seats from then on. */
function want({ queues }: PriorityLevel, seats: number, now: number): Ticket[] {
  const tickets = Array.from({ length: seats }, (_, index) => new Ticket(oneSeat, [index % 64]));
  for (const ticket of tickets) queues.admit(ticket, 'ifNobodyWaits', now);
  return tickets;
}

test('the seats of the server are divided by the shares of the levels', () => {
  const found = Object.fromEntries([...usualLevels().all()].map(({ name, limits }) => [name, limits]));
  expect(found).toEqual({
    exempt: { nominal: 0, lower: 0, upper: 600 },
    'catch-all': { nominal: 13, lower: 13, upper: 613 },
    system: { nominal: 74, lower: 50, upper: 674 },
    'node-high': { nominal: 98, lower: 73, upper: 698 },
    'leader-election': { nominal: 25, lower: 25, upper: 625 },
    'workload-high': { nominal: 98, lower: 49, upper: 698 },
    'workload-low': { nominal: 245, lower: 24, upper: 845 },
    'global-default': { nominal: 49, lower: 24, upper: 649 },
  });
});

test('a level borrows what the others lend, and they have it back when they want it', () => {
  const levels = usualLevels();
  const busy = levels.get('global-default')!;
  want(busy, 400, 0);
  levels.adjust(10_000);
  const borrowed = busy.queues.limit;
  expect(borrowed).toBeGreaterThan(300);
  // Nobody has less than what he does not lend.
  for (const { name, limits, queues } of levels.all())
    if (name !== 'exempt') expect(queues.limit).toBeGreaterThanOrEqual(limits.lower);
  want(levels.get('workload-low')!, 300, 10_000);
  levels.adjust(20_000);
  expect(levels.get('workload-low')!.queues.limit).toBeGreaterThanOrEqual(245);
  expect(busy.queues.limit).toBeLessThan(borrowed);
  const sum = Object.entries(limits(levels)).reduce((all, [name, limit]) => all + (name === 'exempt' ? 0 : limit), 0);
  // Nominal seats are rounded up, allocations to the nearest.
  expect(Math.abs(sum - 602)).toBeLessThanOrEqual(4);
});

test('a level borrows no more than it may', () => {
  const levels = new PriorityLevels(600, 0);
  const spec = suggestedPriorityLevels['global-default']!;
  const modest = { ...spec, limited: { ...spec.limited!, borrowingLimitPercent: 10 } };
  levels.configure(
    [
      ...usual.filter(({ metadata }) => metadata.name !== 'global-default'),
      { metadata: { name: 'global-default' }, spec: modest },
    ],
    0,
  );
  want(levels.get('global-default')!, 400, 0);
  levels.adjust(10_000);
  expect(levels.get('global-default')!.queues.limit).toBe(54);
});

test('what the exempt take the others do not have, but for what they keep', () => {
  const levels = usualLevels();
  want(levels.get('exempt')!, 1000, 0);
  levels.adjust(10_000);
  for (const { name, limits, queues } of levels.all())
    expect(queues.limit).toBe(name === 'exempt' ? 1000 : limits.lower);
});

test('demand is forgotten slowly', () => {
  const levels = usualLevels();
  const level = levels.get('global-default')!;
  const tickets = want(level, 49, 0);
  levels.adjust(10_000);
  expect(level.smoothed).toBeCloseTo(49, 5);
  for (const ticket of tickets) level.queues.finish(ticket, 10_000);
  levels.adjust(20_000);
  expect(level.smoothed).toBeCloseTo(49 * 0.977, 5);
  // Its half-life is five minutes.
  for (let period = 3; period <= 31; period++) levels.adjust(period * 10_000);
  expect(level.smoothed).toBeCloseTo(49 / 2, 0);
});

test('the levels that must be there are, whatever is given; what is described wrongly is not', () => {
  const levels = new PriorityLevels(600, 0);
  const broken = { metadata: { name: 'broken' }, spec: { type: 'Limited' } };
  expect([...levels.configure([broken], 0)].sort()).toEqual(['catch-all', 'exempt']);
  expect([...levels.all()].map(({ name }) => name).sort()).toEqual(['catch-all', 'exempt']);
});

test('a level that is no longer wanted goes when nothing is in it', () => {
  const levels = usualLevels();
  const level = levels.get('workload-low')!;
  const [ticket] = want(level, 1, 0);
  const rest = usual.filter(({ metadata }) => metadata.name !== 'workload-low');
  expect(levels.configure(rest, 1).has('workload-low')).toBe(false);
  expect(levels.get('workload-low')).toMatchObject({ quiescing: true });
  expect(levels.hasIdleLeftovers).toBe(false);
  level.queues.finish(ticket!, 2);
  expect(levels.hasIdleLeftovers).toBe(true);
  levels.configure(rest, 3);
  expect(levels.get('workload-low')).toBeUndefined();
  expect(levels.get('global-default')!.limits.nominal).toBe(83);
});
