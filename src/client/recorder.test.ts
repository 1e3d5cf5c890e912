import { expect, test } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { seededRandom } from '../base/random.ts';
import { Event } from '../api/core/event.ts';
import { testCluster } from '../distro/testing/test-cluster.ts';
import type { TestCluster } from '../distro/testing/test-cluster.ts';
import { createEventRecorder } from './recorder.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '7' },
};
const pulled = {
  type: 'Normal' as const,
  reason: 'Pulled',
  message: 'Container image "web:1" already present',
  fieldPath: 'spec.containers{web}',
};

function recorderOf(c: TestCluster) {
  return createEventRecorder({
    client: c.client,
    clock: c.clock,
    random: seededRandom(),
    log: silentLogger,
    component: 'kubelet',
    host: 'node-1',
  });
}

test('an event names its object, its source and its time, as upstream writes it', async () => {
  await using c = await testCluster();
  await using recorder = recorderOf(c);
  recorder.record(pod, pulled);
  await c.settle();
  const [event] = await c.list(Event);
  expect(event).toMatchObject({
    involvedObject: {
      kind: 'Pod',
      namespace: 'default',
      name: 'web',
      uid: 'u',
      apiVersion: 'v1',
      resourceVersion: '7',
      fieldPath: 'spec.containers{web}',
    },
    reason: 'Pulled',
    message: 'Container image "web:1" already present',
    source: { component: 'kubelet', host: 'node-1' },
    type: 'Normal',
    count: 1,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
  });
  expect(event?.metadata.name).toMatch(/^web\.[0-9a-f]{16}$/);
});

test('the same event again is counted, not written twice', async () => {
  await using c = await testCluster();
  await using recorder = recorderOf(c);
  recorder.record(pod, pulled);
  await c.advance('5s');
  recorder.record(pod, pulled);
  await c.settle();
  const events = await c.list(Event);
  expect(events.map(({ count, firstTimestamp, lastTimestamp }) => ({ count, firstTimestamp, lastTimestamp }))).toEqual([
    { count: 2, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:05Z' },
  ]);
});

test('an event that has expired meanwhile is written anew', async () => {
  await using c = await testCluster();
  await using recorder = recorderOf(c);
  recorder.record(pod, pulled);
  await c.settle();
  await c.client.deleteCollection(Event, { namespace: 'default' });
  recorder.record(pod, pulled);
  await c.settle();
  expect((await c.list(Event)).map(({ count }) => count)).toEqual([1]);
});

test('events about objects without a namespace go to default, and failures reach nobody', async () => {
  await using c = await testCluster();
  await using recorder = recorderOf(c);
  recorder.record({ kind: 'Pod', metadata: { name: 'lost', namespace: 'nowhere' } }, pulled);
  recorder.record(
    { kind: 'Node', metadata: { name: 'node-1', uid: 'node-1' } },
    { type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' },
  );
  await c.settle();
  expect((await c.list(Event)).map(({ involvedObject }) => involvedObject.kind)).toEqual(['Node']);
});

test('disposing a recorder writes what was recorded before', async () => {
  await using c = await testCluster();
  {
    await using recorder = recorderOf(c);
    for (let i = 0; i < 5; i++) recorder.record(pod, { ...pulled, message: `m${i}` });
  }
  expect(await c.list(Event)).toHaveLength(5);
});
