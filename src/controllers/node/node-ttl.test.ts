import { expect, test } from 'vitest';
import { Node } from '../../api/core/node.ts';
import { testNode } from '../../distro/testing/fake-kubelet.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import { nodeTtl, secondsFor } from './node-ttl.ts';

const ttls = (nodes: readonly Node[]): ReadonlySet<string | undefined> =>
  new Set(nodes.map(({ metadata }) => metadata.annotations?.['node.alpha.kubernetes.io/ttl']));

test('every node is told, and told anew when the cluster has grown', async () => {
  await using cluster = await testCluster([nodeTtl]);
  await cluster.create(testNode('node-1'));
  expect(ttls(await cluster.list(Node, ''))).toEqual(new Set(['0']));
  for (let index = 2; index <= 101; index++) await cluster.create(testNode(`node-${index}`));
  expect(ttls(await cluster.list(Node, ''))).toEqual(new Set(['15']));
});

test.each([
  [1, undefined, 0],
  [101, 0, 15],
  [95, 15, 15],
  [89, 15, 0],
  [5000, 60, 300],
])('%i nodes, where %s held, have %i seconds', (nodes, present, seconds) => {
  expect(secondsFor(nodes, present)).toBe(seconds);
});
