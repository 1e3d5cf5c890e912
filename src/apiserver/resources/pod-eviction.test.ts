import { expect, test } from 'vitest';
import { Pod } from '../../api/core/pod.ts';
import { Eviction } from '../../api/policy/eviction.ts';
import { PodDisruptionBudget } from '../../api/policy/pod-disruption-budget.ts';
import type { Client } from '../../client/client.ts';
import { testServer } from '../testing/test-server.ts';

const namespace = 'default';
const key = { namespace, name: 'a' };

async function runningPod(client: Client, { ready = true } = {}): Promise<void> {
  const metadata = { ...key, labels: { app: 'web' } };
  await client.create(Pod, { metadata, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] } });
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  const body = { status: { phase: 'Running', conditions } };
  await client.patch(Pod, key, { type: 'merge', body }, { subresource: 'status' });
}

async function budget(client: Client, status: object, name = 'web', spec: object = {}): Promise<void> {
  const selector = { matchLabels: { app: 'web' } };
  await client.create(PodDisruptionBudget, {
    metadata: { name, namespace },
    spec: { minAvailable: 1, selector, ...spec },
  });
  const body = { status: { observedGeneration: 1, desiredHealthy: 1, currentHealthy: 1, expectedPods: 2, ...status } };
  await client.patch(PodDisruptionBudget, { namespace, name }, { type: 'merge', body }, { subresource: 'status' });
}

async function evict(client: Client, name = 'a'): Promise<void> {
  const object = { metadata: { name, namespace } };
  await client.createSubresource(Pod, key, { subresource: 'eviction', kind: Eviction, object });
}

test('a pod that a budget can spare goes, and is counted as gone', async () => {
  await using server = await testServer();
  await runningPod(server.client);
  await budget(server.client, { disruptionsAllowed: 1 });
  await evict(server.client);
  const pod = await server.client.get(Pod, key);
  expect(pod.metadata.deletionTimestamp).toBeDefined();
  expect(pod.status.conditions).toContainEqual({
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: '2026-01-01T00:00:00Z',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  });
  const { status } = await server.client.get(PodDisruptionBudget, { namespace, name: 'web' });
  expect(status).toMatchObject({
    disruptionsAllowed: 0,
    disruptedPods: { a: '2026-01-01T00:00:00Z' },
    conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
  });
});

test('a pod that a budget needs stays', async () => {
  await using server = await testServer();
  await runningPod(server.client);
  await budget(server.client, { disruptionsAllowed: 0 });
  await expect(evict(server.client)).rejects.toMatchObject({
    reason: 'TooManyRequests',
    code: 429,
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [
        { reason: 'DisruptionBudget', message: 'The disruption budget web needs 1 healthy pods and has 1 currently' },
      ],
    },
  });
  expect((await server.client.get(Pod, key)).metadata.deletionTimestamp).toBeUndefined();
});

test('a budget that its controller has not seen asks for patience', async () => {
  await using server = await testServer();
  await runningPod(server.client);
  await budget(server.client, { disruptionsAllowed: 1, observedGeneration: 0 });
  await expect(evict(server.client)).rejects.toMatchObject({ code: 429, details: { retryAfterSeconds: 10 } });
});

test('a pod that is not ready goes where enough others are healthy, or where the budget says so', async () => {
  await using server = await testServer();
  await runningPod(server.client, { ready: false });
  await budget(server.client, { disruptionsAllowed: 0, currentHealthy: 0 });
  await expect(evict(server.client)).rejects.toMatchObject({ code: 429 });
  const body = { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } };
  await server.client.patch(PodDisruptionBudget, { namespace, name: 'web' }, { type: 'merge', body });
  await evict(server.client);
  expect((await server.client.get(Pod, key)).metadata.deletionTimestamp).toBeDefined();
});

test('nobody can satisfy two budgets', async () => {
  await using server = await testServer();
  await runningPod(server.client);
  await budget(server.client, { disruptionsAllowed: 1 });
  await budget(server.client, { disruptionsAllowed: 1 }, 'other');
  await expect(evict(server.client)).rejects.toMatchObject({
    code: 500,
    message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  });
});

test('the eviction names the pod of its path', async () => {
  await using server = await testServer();
  await runningPod(server.client);
  await expect(evict(server.client, 'b')).rejects.toMatchObject({
    reason: 'BadRequest',
    message: 'name in URL does not match name in Eviction object',
  });
});

test('an eviction may still be sent in its beta version, and in no other', async () => {
  await using server = await testServer();
  const evictAs = async (apiVersion: string): Promise<void> => {
    const object = { apiVersion, kind: 'Eviction', metadata: key };
    await server.client.createSubresource(Pod, key, { subresource: 'eviction', kind: Eviction, object });
  };
  await runningPod(server.client);
  await expect(evictAs('policy/v2')).rejects.toThrow(
    'the API version in the data (policy/v2) does not match the expected API version (policy/v1)',
  );
  await evictAs('policy/v1beta1');
  expect((await server.client.get(Pod, key)).metadata.deletionTimestamp).toBeDefined();
});
