import { expect, test } from 'vitest';
import { ConfigMap } from '../api/core/config-map.ts';
import { testCluster } from '../distro/testing/test-cluster.ts';
import { again, defineController } from './controller.ts';

test('a controller that always wants its turn at once is slowed down, and keeps nothing else from running', async () => {
  let turns = 0;
  const greedy = defineController({
    name: 'greedy',
    for: ConfigMap,
    rbac: {},
    reconcile: async (key) => {
      if (key.name === 'c' && ++turns > 1_000) throw new Error('it starves everything else');
      return again(0);
    },
  });
  await using cluster = await testCluster([greedy]);
  await cluster.create(ConfigMap, { metadata: { name: 'c', namespace: 'default' } });
  await cluster.advance('10s');
  expect(turns).toBeGreaterThan(1);
  expect(turns).toBeLessThan(20);
});
