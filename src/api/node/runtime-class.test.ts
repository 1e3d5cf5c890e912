import { expect, test } from 'vitest';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import { RuntimeClass } from './runtime-class.ts';

const name = 'sandboxed';

test('a runtime class keeps its handler for good', async () => {
  await using cluster = await testCluster([]);
  await cluster.create(RuntimeClass, { metadata: { name }, handler: 'runsc', overhead: { podFixed: { cpu: 0.25 } } });
  const stored = await cluster.client.get(RuntimeClass, { name });
  expect(stored).toMatchObject({ handler: 'runsc', overhead: { podFixed: { cpu: '250m' } } });
  const change = { type: 'merge', body: { handler: 'kata' } } as const;
  await expect(cluster.client.patch(RuntimeClass, { name }, change)).rejects.toThrow(
    'handler: Invalid value: "kata": field is immutable',
  );
});

test.each([
  ['', 'handler: Required value'],
  ['Not A Label', 'handler: Invalid value: "Not A Label": a lowercase RFC 1123 label must consist of'],
])('the handler %j is refused', async (handler, reason) => {
  await using cluster = await testCluster([]);
  await expect(cluster.create(RuntimeClass, { metadata: { name }, handler })).rejects.toThrow(reason);
});
