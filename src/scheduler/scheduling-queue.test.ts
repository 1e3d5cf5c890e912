import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { SchedulingQueue } from './scheduling-queue.ts';

test('pods come by priority, then by age', async () => {
  const clock = new FakeClock();
  const queue = new SchedulingQueue(clock);
  queue.add('old', 0);
  await clock.advance(1);
  queue.add('young', 0);
  queue.add('urgent', 10);
  expect([queue.take()?.uid, queue.take()?.uid, queue.take()?.uid, queue.take()]).toEqual([
    'urgent',
    'old',
    'young',
    undefined,
  ]);
});

test('a pod that did not fit waits for a change that may help, and for its back-off', async () => {
  const clock = new FakeClock();
  const queue = new SchedulingQueue(clock);
  queue.add('a', 0);
  const taken = queue.take();
  if (!taken) throw new Error('nothing was taken');
  queue.failed(taken, new Set(['node'] as const));
  await clock.advance(60_000);
  expect(queue.take()).toBeUndefined();
  queue.clusterChanged('node');
  expect(queue.take()).toMatchObject({ uid: 'a', attempts: 1 });
});

test('a change that could not help wakes nobody', async () => {
  const clock = new FakeClock();
  const queue = new SchedulingQueue(clock);
  queue.add('a', 0);
  queue.failed(queue.take()!, new Set(['node'] as const));
  await clock.advance(60_000);
  queue.clusterChanged('pod-gone');
  expect(queue.take()).toBeUndefined();
  expect(queue.sizes).toEqual({ active: 0, backoff: 0, unschedulable: 1 });
});

test('a helpful change during the back-off counts when that is over, and back-offs double', async () => {
  const clock = new FakeClock();
  const queue = new SchedulingQueue(clock);
  queue.add('a', 0);
  const waits: (number | undefined)[] = [];
  for (let i = 0; i < 6; i++) {
    queue.failed(queue.take()!, new Set(['node'] as const));
    queue.clusterChanged('node');
    expect(queue.take()).toBeUndefined();
    waits.push(queue.nextDue);
    await clock.advance(queue.nextDue ?? 0);
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test('an attempt that went wrong is repeated after the back-off, without any change', async () => {
  const clock = new FakeClock();
  const queue = new SchedulingQueue(clock);
  queue.add('a', 0);
  queue.retry(queue.take()!);
  expect(queue.take()).toBeUndefined();
  await clock.advance(1000);
  expect(queue.take()?.uid).toBe('a');
});

test('without any change a pod is tried again after five minutes', async () => {
  const clock = new FakeClock();
  const queue = new SchedulingQueue(clock);
  queue.add('a', 0);
  const taken = queue.take();
  if (!taken) throw new Error('nothing was taken');
  queue.failed(taken, new Set(['node'] as const));
  await clock.advance(301_000);
  expect(queue.take()?.uid).toBe('a');
});
