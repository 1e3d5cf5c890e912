import { expect, test } from 'vitest';
import { startEtcd } from './etcd-process.ts';

test('three members elect a leader, and another one when it is killed', { timeout: 60_000 }, async () => {
  await using cluster = await startEtcd({ members: 3, version: '3.4' });
  const first = await cluster.leader();
  await first.kill();
  expect(first.running).toBe(false);
  const second = await cluster.leader();
  expect(second).not.toBe(first);
  first.start();
  await cluster.healthy();
});

test('a member over TLS starts', { timeout: 60_000 }, async () => {
  await using cluster = await startEtcd({ tls: true, version: '3.5' });
  expect(cluster.endpoints[0]).toMatch(/^https:/);
  expect(await cluster.members[0]?.isHealthy()).toBe(true);
});
