import { expect, test } from 'vitest';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import { clusterRoleAggregation } from './cluster-role-aggregation.ts';

const rule = (resource: string) => ({ verbs: ['get'], apiGroups: [''], resources: [resource] });
const part = (name: string, ...resources: string[]) => ({
  metadata: { name, labels: { part: 'yes' } },
  rules: resources.map(rule),
});

test('an aggregated role has the rules of the roles it selects, each once, and follows them', async () => {
  await using c = await testCluster([clusterRoleAggregation]);
  await c.create(ClusterRole, part('b', 'pods', 'secrets'));
  const role = await c.create(ClusterRole, {
    metadata: { name: 'all' },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'yes' } }] },
  });
  await c.settle();
  expect((await c.find(role))?.rules).toEqual([rule('pods'), rule('secrets')]);
  await c.create(ClusterRole, part('a', 'nodes', 'pods'));
  await c.settle();
  expect((await c.find(role))?.rules).toEqual([rule('nodes'), rule('pods'), rule('secrets')]);
  await c.client.delete(ClusterRole, { name: 'b' });
  await c.settle();
  expect((await c.find(role))?.rules).toEqual([rule('nodes'), rule('pods')]);
});
