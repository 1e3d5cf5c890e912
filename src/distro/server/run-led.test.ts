import { expect, test } from 'vitest';
import { Lease } from '../../api/coordination/lease.ts';
import { silentLogger } from '../../base/logger.ts';
import { testCluster } from '../testing/test-cluster.ts';
import type { TestCluster } from '../testing/test-cluster.ts';
import { runLed } from './run-led.ts';

const key = { namespace: 'kube-system', name: 'kube-scheduler' };

function candidate(c: TestCluster, identity: string, run: (signal: AbortSignal) => Promise<void>) {
  const stop = new AbortController();
  const candidacy = { client: c.client, clock: c.clock, log: silentLogger, identity };
  const ended = runLed({ name: key.name, run }, candidacy, stop.signal);
  return { stop, ended };
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

test('who loses the lease ends its work, and works again once it has the lease back', async () => {
  await using c = await testCluster();
  const states: string[] = [];
  const one = candidate(c, 'one', async (signal) => {
    states.push('works');
    await untilAborted(signal);
    states.push('ended');
  });
  await c.advance('1s');
  await c.change(Lease, key, (found) => ({
    ...found,
    spec: { ...found.spec, holderIdentity: 'other', leaseDurationSeconds: 15 },
  }));
  await c.advance('13s');
  expect(states).toEqual(['works', 'ended']);
  await c.advance('20s');
  expect(states).toEqual(['works', 'ended', 'works']);
  one.stop.abort();
  await one.ended;
  expect(states).toEqual(['works', 'ended', 'works', 'ended']);
});

test('work that fails is begun again', async () => {
  await using c = await testCluster();
  let runs = 0;
  const one = candidate(c, 'one', async (signal) => {
    if (++runs === 1) throw new Error('it failed');
    await untilAborted(signal);
  });
  await c.advance('10s');
  expect(runs).toBe(2);
  one.stop.abort();
  await one.ended;
});
