import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';

test('a large list that goes out in turns arrives whole, by all streams of a connection at once', async () => {
  await using server = await httpsTestServer();
  const values = Array.from({ length: 5 }, (_, index) => String(index).repeat(300_000));
  for (const [index, value] of values.entries()) {
    await server.client.create(ConfigMap, { metadata: { name: `c${index}`, namespace: 'default' }, data: { value } });
  }
  using client = rawClient(server);
  const list = (): ReturnType<typeof client.request> => client.request('/api/v1/namespaces/default/configmaps');
  for (const answer of await Promise.all(Array.from({ length: 8 }, list))) {
    expect(answer.bytes.length).toBe(Number(answer.headers['content-length']));
    const { items } = answer.json() as unknown as { items: { data: { value: string } }[] };
    expect(items.map(({ data }) => data.value)).toEqual(values);
  }
});
