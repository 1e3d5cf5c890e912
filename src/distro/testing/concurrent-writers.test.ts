import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { testCluster } from './test-cluster.ts';

const namespace = 'default';
const key = (name: string) => ({ namespace, name });
const map = (name: string, data: Record<string, string> = {}) => ({ metadata: { name, namespace }, data });

test('64 writers who try again on conflicts lose nothing', async () => {
  await using c = await testCluster();
  await c.create(ConfigMap, map('counter', { n: '0' }));
  const increment = async (): Promise<void> => {
    for (;;) {
      const current = await c.client.get(ConfigMap, key('counter'));
      const n = String(Number(current.data?.['n']) + 1);
      try {
        await c.client.update(ConfigMap, { ...current, data: { n } });
        return;
      } catch (error) {
        expect(error).toMatchObject({ reason: 'Conflict' });
      }
    }
  };
  await Promise.all(Array.from({ length: 64 }, increment));
  expect((await c.find(ConfigMap, key('counter')))?.data).toEqual({ n: '64' });
});

test('64 patches at once, none of which names a version, all take effect', async () => {
  await using c = await testCluster();
  await c.create(ConfigMap, map('shared'));
  const patch = (n: number) =>
    c.client.patch(ConfigMap, key('shared'), { type: 'merge', body: { data: { [`k${n}`]: 'v' } } });
  await Promise.all(Array.from({ length: 64 }, (_, n) => patch(n)));
  expect(Object.keys((await c.find(ConfigMap, key('shared')))?.data ?? {})).toHaveLength(64);
});
