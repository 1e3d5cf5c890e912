import { expect, test } from 'vitest';
import { Pod } from '../../api/core/pod.ts';
import { PriorityClass } from '../../api/scheduling/priority-class.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';

const pod = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});

test('a pod gets the number and the policy of the class that it names', async () => {
  await using cluster = await testCluster([]);
  await cluster.create(PriorityClass, { metadata: { name: 'high' }, value: 1000, preemptionPolicy: 'Never' });
  const created = await cluster.create(Pod, pod('a', { priorityClassName: 'high' }));
  expect(created.spec).toMatchObject({ priority: 1000, preemptionPolicy: 'Never' });
});

test('a pod that names none gets the default class, or zero where there is none', async () => {
  await using cluster = await testCluster([]);
  expect((await cluster.create(Pod, pod('a'))).spec.priority).toBe(0);
  await cluster.create(PriorityClass, { metadata: { name: 'usual' }, value: 7, globalDefault: true });
  expect((await cluster.create(Pod, pod('b'))).spec).toMatchObject({ priorityClassName: 'usual', priority: 7 });
});

test('a class that is not there, and a number that is not its, are refused', async () => {
  await using cluster = await testCluster([]);
  await expect(cluster.create(Pod, pod('a', { priorityClassName: 'none' }))).rejects.toThrow(
    'pods "a" is forbidden: no PriorityClass with name none was found',
  );
  await expect(cluster.create(Pod, pod('b', { priority: 5 }))).rejects.toThrow(
    'the integer value of priority (5) must not be provided in pod spec',
  );
});

test('every cluster has the two system classes', async () => {
  await using cluster = await testCluster([]);
  const classes = await cluster.list(PriorityClass);
  expect(classes.map(({ metadata, value }) => [metadata.name, value])).toEqual([
    ['system-cluster-critical', 2_000_000_000],
    ['system-node-critical', 2_000_001_000],
  ]);
});
