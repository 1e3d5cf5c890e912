import { expect, test } from 'vitest';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import { followServers } from './follow-servers.ts';
import { ServerList } from './server-list.ts';

const key = { namespace: 'default', name: 'kubernetes' };

function slice(...addresses: readonly string[]) {
  return {
    metadata: { ...key, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4' as const,
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'https', port: 6443, protocol: 'TCP' as const }],
  };
}

test('the list follows the endpoints of the Service kubernetes, is kept for the next start, and is never emptied', async () => {
  await using c = await testCluster();
  const list = new ServerList(['192.0.2.9:6443']);
  const saved: (readonly string[])[] = [];
  const stop = new AbortController();
  const following = followServers(list, {
    ...{ client: c.client, clock: c.clock, random: seededRandom(), log: silentLogger, signal: stop.signal },
    save: (servers) => void saved.push(servers),
  });
  await c.advance('1s');
  expect(list.all).toEqual(['192.0.2.9:6443']);
  await c.create(EndpointSlice, slice('192.0.2.1', '192.0.2.2'));
  await c.advance('1s');
  expect(list.all).toEqual(['192.0.2.1:6443', '192.0.2.2:6443']);
  await c.change(EndpointSlice, key, (found) => ({ ...found, endpoints: slice('192.0.2.2').endpoints }));
  await c.change(EndpointSlice, key, (found) => ({ ...found, endpoints: [] }));
  await c.advance('1s');
  expect(list.all).toEqual(['192.0.2.2:6443']);
  expect(saved.at(-1)).toEqual(['192.0.2.2:6443']);
  stop.abort();
  await following;
});
