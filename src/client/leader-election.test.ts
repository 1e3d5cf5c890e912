import { expect, test } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { Lease } from '../api/coordination/lease.ts';
import { testCluster } from '../distro/testing/test-cluster.ts';
import type { TestCluster } from '../distro/testing/test-cluster.ts';
import { runAsLeader } from './leader-election.ts';

const lease = { namespace: 'kube-system', name: 'test' };

interface Candidate {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  leading: boolean;
}

function candidate(c: TestCluster, identity: string): Candidate {
  const stop = new AbortController();
  const options = { client: c.client, clock: c.clock, log: silentLogger, lease, identity };
  const lead = async (signal: AbortSignal): Promise<void> => {
    self.leading = true;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    self.leading = false;
  };
  const self: Candidate = { stop, leading: false, ended: runAsLeader(options, lead, stop.signal) };
  return self;
}

const holder = async (c: TestCluster): Promise<string | undefined> => (await c.find(Lease, lease))?.spec.holderIdentity;

test('one candidate leads; when it stops the other takes over at its next attempt', async () => {
  await using c = await testCluster();
  const [a, b] = [candidate(c, 'a'), candidate(c, 'b')];
  await c.advance('30s');
  expect([a.leading, b.leading].filter(Boolean)).toHaveLength(1);
  const [leader, other] = a.leading ? [a, b] : [b, a];
  leader.stop.abort();
  await leader.ended;
  expect((await holder(c)) ?? '').toBe('');
  await c.advance('2s');
  expect(other.leading).toBe(true);
  expect((await c.find(Lease, lease))?.spec.leaseTransitions).toBe(1);
  other.stop.abort();
  await other.ended;
});

test('the lease of a holder that fell silent is taken after its duration, not before', async () => {
  await using c = await testCluster();
  const spec = { holderIdentity: 'dead', leaseDurationSeconds: 15, renewTime: '2020-01-01T00:00:00.000000Z' };
  await c.create(Lease, { metadata: lease, spec });
  const a = candidate(c, 'a');
  await c.advance('14s');
  expect(await holder(c)).toBe('dead');
  await c.advance('3s');
  expect(await holder(c)).toBe('a');
  expect(a.leading).toBe(true);
  a.stop.abort();
  await a.ended;
});

test('a leader that cannot renew stops leading and says so', async () => {
  await using c = await testCluster();
  const a = candidate(c, 'a');
  const ended = expect(a.ended).rejects.toThrow('leader election lost');
  await c.advance('4s');
  expect(a.leading).toBe(true);
  await c.change(Lease, lease, (found) => ({
    ...found,
    spec: { ...found.spec, holderIdentity: 'thief', leaseDurationSeconds: 3600 },
  }));
  await c.advance('12s');
  expect(a.leading).toBe(false);
  await ended;
});
