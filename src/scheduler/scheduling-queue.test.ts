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
  queue.failed(taken, queue.cycle);
  await clock.advance(60_000);
  expect(queue.take()).toBeUndefined();
  queue.clusterChanged();
  expect(queue.take()).toMatchObject({ uid: 'a', attempts: 1 });
});

test('a change during the attempt is not missed', async () => {
  const clock = new FakeClock();
  const queue = new SchedulingQueue(clock);
  queue.add('a', 0);
  const { cycle } = queue;
  const taken = queue.take();
  if (!taken) throw new Error('nothing was taken');
  queue.clusterChanged();
  queue.failed(taken, cycle);
  expect(queue.take()).toBeUndefined();
  expect(queue.nextDue).toBe(1_000);
  await clock.advance(1_000);
  expect(queue.take()?.uid).toBe('a');
});

test('without any change a pod is tried again after five minutes', async () => {
  const clock = new FakeClock();
  const queue = new SchedulingQueue(clock);
  queue.add('a', 0);
  const taken = queue.take();
  if (!taken) throw new Error('nothing was taken');
  queue.failed(taken, queue.cycle);
  await clock.advance(301_000);
  expect(queue.take()?.uid).toBe('a');
});
