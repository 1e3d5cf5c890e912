import { expect, test } from 'vitest';
import { FakeClock } from './fake-clock.ts';
import { Wake } from './wake.ts';

const settled = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    promise.then(() => true),
    Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => new Promise<boolean>((r) => setImmediate(() => r(false)))),
  ]);

test('a wait ends when notified, and the next one begins anew', async () => {
  const wake = new Wake();
  const { signal } = new AbortController();
  const first = wake.wait(signal);
  expect(await settled(first)).toBe(false);
  wake.notify();
  await first;
  expect(await settled(wake.wait(signal))).toBe(false);
});

test('a call that nobody waited for ends the next wait at once', async () => {
  const wake = new Wake();
  wake.notify();
  await wake.wait(new AbortController().signal);
});

test('a wait ends at its limit or when aborted, and leaves no timer behind', async () => {
  const clock = new FakeClock();
  const wake = new Wake();
  const abort = new AbortController();
  const limited = wake.wait(abort.signal, { clock, ms: 100 });
  await clock.advance(99);
  expect(await settled(limited)).toBe(false);
  await clock.advance(1);
  await limited;
  const aborted = wake.wait(abort.signal, { clock, ms: 100 });
  abort.abort();
  await aborted;
  expect(clock.nextTimer).toBeUndefined();
});
