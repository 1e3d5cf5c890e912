import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { Deadlines } from './deadlines.ts';

test('what has not ended by its deadline is called back, at most a quarter of a second late; what has ended is not', async () => {
  const clock = new FakeClock();
  const deadlines = new Deadlines(clock);
  const late: string[] = [];
  deadlines.after(1000, () => late.push('a'));
  deadlines.after(1001, () => late.push('b'));
  deadlines.after(1000, () => late.push('never'))[Symbol.dispose]();
  await clock.advance(999);
  expect(late).toEqual([]);
  await clock.advance(1);
  expect(late).toEqual(['a']);
  await clock.advance(250);
  expect(late).toEqual(['a', 'b']);
});
