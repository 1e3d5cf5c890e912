import { expect, test } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { FlushSchedule } from './flush-schedule.ts';
import type { Flushable, JoinFrames } from './flush-schedule.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function flushable(flush: (join: JoinFrames) => void): Flushable {
  return { flush };
}

test('what is quick to write is written at once, again and again', async () => {
  const schedule = new FlushSchedule(new FakeClock());
  let flushed = 0;
  const target = flushable(() => flushed++);
  for (let round = 1; round <= 3; round++) {
    schedule.add(target);
    await settled();
    expect(flushed).toBe(round);
  }
});

test.each([
  [4, 4],
  [50, 10],
])('writing that takes %i ms is followed by a pause of %i ms', async (takes, pause) => {
  const timers = new FakeClock();
  let time = 0;
  const after: Clock['after'] = (ms, callback) => timers.after(ms, callback);
  const clock: Clock = { now: () => 0, monotonic: () => time, sleep: () => Promise.resolve(), after };
  const schedule = new FlushSchedule(clock);
  let flushed = 0;
  const slow = flushable(() => {
    flushed++;
    time += takes;
  });
  schedule.add(slow);
  await settled();
  schedule.add(slow);
  await settled();
  expect(flushed).toBe(1);
  await timers.advance(pause - 1);
  expect(flushed).toBe(1);
  await timers.advance(1);
  expect(flushed).toBe(2);
});

test('those who have the same to write share the bytes', async () => {
  const schedule = new FlushSchedule(new FakeClock());
  const [a, b, c] = ['a', 'b', 'c'].map((text) => Buffer.from(text));
  const written: Buffer[] = [];
  for (const frames of [[a!, b!], [a!, b!], [a!], [a!, c!]])
    schedule.add(flushable((join) => written.push(join(frames))));
  await settled();
  expect(written.map(String)).toEqual(['ab', 'ab', 'a', 'ac']);
  expect(written[1]).toBe(written[0]);
  expect(written[2]).toBe(a);
});
