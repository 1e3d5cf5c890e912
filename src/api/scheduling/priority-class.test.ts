import { expect, test } from 'vitest';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import { PriorityClass } from './priority-class.ts';

test('a priority class keeps its value and gets the default policy', async () => {
  await using cluster = await testCluster([]);
  const created = await cluster.create(PriorityClass, { metadata: { name: 'high' }, value: 1000 });
  expect(created).toMatchObject({ value: 1000, preemptionPolicy: 'PreemptLowerPriority' });
  const change = { type: 'merge', body: { value: 2000 } } as const;
  await expect(cluster.client.patch(PriorityClass, { name: 'high' }, change)).rejects.toThrow(
    'PriorityClass.scheduling.k8s.io "high" is invalid: value: Forbidden: may not be changed in an update.',
  );
});

test.each([
  ['too-high', 1_000_000_001, 'value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  [
    'system-mine',
    1,
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only",
  ],
])('the class %s with %i is refused', async (name, value, reason) => {
  await using cluster = await testCluster([]);
  await expect(cluster.create(PriorityClass, { metadata: { name }, value })).rejects.toThrow(reason);
});
