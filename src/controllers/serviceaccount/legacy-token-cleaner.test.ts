import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { invalidSinceLabel, lastUsedLabel, trackingKey } from '../../api/core/legacy-token.ts';
import { Pod } from '../../api/core/pod.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import type { TestCluster } from '../../distro/testing/test-cluster.ts';
import { legacyTokenCleaner } from './legacy-token-cleaner.ts';
import { tokenSecretType } from './token-secret.ts';
import { endOf, isTrackedLongEnough, isUnused } from './unused-tokens.ts';

const day = 24 * 3_600_000;
const now = Date.parse('2026-03-10T12:00:00Z');
const rule = { now, period: 2 * day };
const token = (created: string, labels?: Readonly<Record<string, string>>): Secret =>
  ({ metadata: { creationTimestamp: `${created}T12:00:00Z`, labels } }) as unknown as Secret;

test.each([
  ['2026-03-08', undefined, false],
  ['2026-03-07', undefined, true],
  ['2026-01-01', { [lastUsedLabel]: '2026-03-08' }, false],
  ['2026-01-01', { [lastUsedLabel]: '2026-03-07' }, true],
  // Nothing can be said then.
  ['2026-01-01', { [lastUsedLabel]: 'yesterday' }, false],
])('of a token of %s with the labels %j it is %s that it is unused', (created, labels, unused) => {
  expect(isUnused(token(created, labels), rule)).toBe(unused);
});

test.each([
  [undefined, 'invalidate'],
  [{ [invalidSinceLabel]: 'soon' }, 'invalidate'],
  [{ [invalidSinceLabel]: '2026-03-10' }, 'wait'],
  [{ [invalidSinceLabel]: '2026-03-08' }, 'wait'],
  [{ [invalidSinceLabel]: '2026-03-07' }, 'delete'],
])('what becomes of an unused token with the labels %j is: %s', (labels, end) => {
  expect(endOf(token('2026-01-01', labels), rule)).toBe(end);
});

test('nothing is decided until uses have been noted for the whole period, after the day on which that began', () => {
  expect(isTrackedLongEnough('2026-03-07', { ...rule, now: Date.parse('2026-03-10T00:00:00Z') })).toBe(true);
  expect(isTrackedLongEnough('2026-03-07', { ...rule, now: Date.parse('2026-03-09T23:59:59Z') })).toBe(false);
});

const namespace = 'default';

const hour = 3_600_000;

/** Tokens made at eight in the evening, which count as unused after an hour; uses have been noted since a day. */
async function withTokens(since: string, ...names: readonly string[]): Promise<TestCluster> {
  const clock = new FakeClock(Date.UTC(2026, 0, 1, 20));
  const cluster = await testCluster([legacyTokenCleaner({ period: hour, interval: hour })], { clock });
  await cluster.change(ConfigMap, trackingKey, (kept) => ({ ...kept, data: { since } }));
  await cluster.create(ServiceAccount, {
    metadata: { namespace, name: 'old' },
    secrets: names.filter((name) => name !== 'manual').map((name) => ({ name })),
  });
  for (const name of names) {
    const annotations = { 'kubernetes.io/service-account.name': 'old' };
    await cluster.create(Secret, { metadata: { namespace, name, annotations }, type: tokenSecretType });
  }
  return cluster;
}

async function labelsOf({ client }: TestCluster, name: string): Promise<unknown> {
  return (await client.get(Secret, { namespace, name })).metadata.labels;
}

test('tokens that were made by themselves are marked invalid when nobody uses them, and deleted later', async () => {
  await using cluster = await withTokens('2025-12-30', 'unused', 'mounted', 'manual');
  const volumes = [{ name: 'v', secret: { secretName: 'mounted' } }];
  await cluster.create(Pod, {
    metadata: { namespace, name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i' }], volumes },
  });
  await cluster.advance('1h');
  expect(await labelsOf(cluster, 'unused')).toBeUndefined();
  await cluster.advance('1h');
  expect(await labelsOf(cluster, 'unused')).toEqual({ [invalidSinceLabel]: '2026-01-01' });
  await cluster.advance('2h');
  expect(await labelsOf(cluster, 'unused')).toEqual({ [invalidSinceLabel]: '2026-01-01' });
  await cluster.advance('1h');
  const { items } = await cluster.client.list(Secret, { namespace });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['manual', 'mounted']);
  expect([await labelsOf(cluster, 'manual'), await labelsOf(cluster, 'mounted')]).toEqual([undefined, undefined]);
});

test('while uses have not been noted for long enough no token is touched', async () => {
  await using cluster = await withTokens('2026-01-01', 'unused');
  await cluster.advance('4h');
  expect(await labelsOf(cluster, 'unused')).toBeUndefined();
  await cluster.advance('1h');
  expect(await labelsOf(cluster, 'unused')).toEqual({ [invalidSinceLabel]: '2026-01-02' });
});
