import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Pod } from '../../api/core/pod.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { Client } from '../../client/client.ts';
import { testServer } from '../testing/test-server.ts';
import { RequestEstimator } from './estimate-request.ts';
import { classOf } from './request-class.ts';
import { testExchange } from './testing/arrived-request.ts';
import type { TestRequest } from './testing/arrived-request.ts';

const namespace = 'default';

async function watched(
  client: Client,
  resource: Resource,
  watches: readonly object[],
  signal: AbortSignal,
): Promise<void> {
  for (const selection of watches) {
    const events = client.watch(resource, { ...selection, resourceVersion: '0', signal })[Symbol.asyncIterator]();
    void events.next().catch(() => undefined);
  }
  await new Promise((resolve) => setImmediate(resolve));
}

test('requests are estimated by what the cache holds and who watches', async () => {
  await using server = await testServer();
  const { client } = server;
  const { caches } = server.server.context;
  const ending = new AbortController();
  const estimator = new RequestEstimator((kind) => caches.find(kind), server.clock);
  const estimate = (asked: TestRequest): readonly number[] => {
    const { request } = testExchange({ namespace, ...asked });
    const { initialSeats, finalSeats } = estimator.estimate(classOf(request), request.target, 0);
    return [initialSeats, finalSeats];
  };
  for (let index = 0; index < 30; index++)
    await client.create(ConfigMap, { metadata: { namespace, name: `c${index}` }, data: { value: 'x'.repeat(10_000) } });
  // Thirty of ten kilobytes, of which a seat reads ten; names and other metadata are some more.
  expect(estimate({ verb: 'list', name: '' })).toEqual([4, 0]);
  expect(estimate({ verb: 'list', name: '', query: '?limit=5' })).toEqual([1, 0]);
  expect(estimate({ verb: 'list', name: '', query: '?fieldSelector=metadata.name%3Dc1' })).toEqual([1, 0]);
  expect(estimate({ verb: 'get', name: 'c1' })).toEqual([1, 0]);
  await watched(
    client,
    ConfigMap,
    Array.from({ length: 12 }, () => ({})),
    ending.signal,
  );
  await watched(
    client,
    ConfigMap,
    Array.from({ length: 10 }, () => ({ namespace })),
    ending.signal,
  );
  expect(estimate({ verb: 'patch', name: 'c1' })).toEqual([1, 3]);
  expect(estimate({ verb: 'patch', name: 'c1', namespace: 'kube-system' })).toEqual([1, 2]);
  // Kubelets hear of the pods of their nodes only.
  const ofNodes = Array.from({ length: 30 }, (_, index) => ({ fieldSelector: `spec.nodeName=n${index}` }));
  await watched(client, Pod, ofNodes, ending.signal);
  expect(estimate({ verb: 'create', resource: Pod, name: '' })).toEqual([1, 0]);
  ending.abort();
});
