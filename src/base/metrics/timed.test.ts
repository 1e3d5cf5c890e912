import { expect, test } from 'vitest';
import { timed } from './timed.ts';

/** Runs something that begins when it is 1 s; what was told of its end. */
async function endOf(run: (set: (ms: number) => void) => unknown): Promise<{ told: unknown[]; outcome: unknown }> {
  let now = 1000;
  const set = (ms: number): void => void (now = ms);
  const told: unknown[] = [];
  const end = {
    done: (result: unknown, seconds: number) => void told.push(['done', result, seconds]),
    failed: (seconds: number, error: unknown) => void told.push(['failed', seconds, String(error)]),
  };
  try {
    return { told, outcome: await timed({ monotonic: () => now }, () => run(set), end) };
  } catch (error) {
    return { told, outcome: String(error) };
  }
}

test('what is there at once and what is waited for are told alike', async () => {
  const expected = { told: [['done', 'x', 2]], outcome: 'x' };
  const run = (set: (ms: number) => void): string => {
    set(3000);
    return 'x';
  };
  expect(await endOf(run)).toEqual(expected);
  expect(await endOf(async (set) => run(set))).toEqual(expected);
});

test('failures are told and go on', async () => {
  const expected = { told: [['failed', 2, 'Error: no']], outcome: 'Error: no' };
  const fail = (set: (ms: number) => void): never => {
    set(3000);
    throw new Error('no');
  };
  expect(await endOf(fail)).toEqual(expected);
  expect(await endOf(async (set) => fail(set))).toEqual(expected);
});
