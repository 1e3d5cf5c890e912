import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { WorkQueue } from './work-queue.ts';

test('a key added twice is handed out once', async () => {
  const queue = new WorkQueue({ clock: new FakeClock() });
  queue.add('a');
  queue.add('a');
  expect(await queue.take()).toBe('a');
  expect(queue.depth).toBe(0);
});

test('a key added while it is worked on is handed out again afterwards, not meanwhile', async () => {
  const queue = new WorkQueue({ clock: new FakeClock() });
  queue.add('a');
  await queue.take();
  queue.add('a');
  expect(queue.depth).toBe(0);
  queue.done('a');
  expect(await queue.take()).toBe('a');
});

test('retries wait 5 ms, then twice as long each time, until success is noted', async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock });
  const delays: (number | undefined)[] = [];
  for (let i = 0; i < 3; i++) {
    queue.retry('a');
    delays.push(clock.nextTimer);
    await clock.advance(1000);
    queue.done((await queue.take())!);
  }
  queue.forget('a');
  queue.retry('a');
  delays.push(clock.nextTimer);
  expect(delays).toEqual([5, 10, 20, 5]);
});

test('a retry never waits longer than the longest delay', () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock, baseDelay: 2_000_000 });
  queue.retry('a');
  expect(clock.nextTimer).toBe(1_000_000);
});

test('of several delays the earliest counts', async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock });
  queue.addAfter('a', 100);
  queue.addAfter('a', 50);
  queue.addAfter('a', 70);
  await clock.advance(50);
  expect(queue.depth).toBe(1);
  expect(clock.nextTimer).toBeUndefined();
});

test('a stopped queue releases who waits and leaves no timer', async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock });
  const waiting = queue.take();
  queue.addAfter('a', 100);
  queue.stop();
  expect(await waiting).toBeUndefined();
  expect(clock.nextTimer).toBeUndefined();
});
