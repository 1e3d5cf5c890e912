import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { WriteTurns } from './write-turns.ts';

test('writers of one object take turns in their order; those of another do not wait', async () => {
  const turns = new WriteTurns(new FakeClock());
  const seen: string[] = [];
  const first = await turns.take('a');
  const write = async (name: string): Promise<void> => {
    using _turn = await turns.take('a');
    seen.push(name);
  };
  const later = Promise.all([write('second'), write('third')]);
  (await turns.take('b'))[Symbol.dispose]();
  expect(turns.isBusy('b')).toBe(false);
  expect([seen, turns.isBusy('a')]).toEqual([[], true]);
  first[Symbol.dispose]();
  await later;
  expect([seen, turns.isBusy('a')]).toEqual([['second', 'third'], false]);
});

test('nobody waits for ever for a turn', async () => {
  const clock = new FakeClock();
  const turns = new WriteTurns(clock);
  const held = await turns.take('a');
  const waiting = turns.take('a');
  await clock.advance(1000);
  (await waiting)[Symbol.dispose]();
  held[Symbol.dispose]();
  expect(turns.isBusy('a')).toBe(false);
});
