/** Deletes in their finer points, as upstream's registry decides them. */
import { describe, expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Event } from '../../api/core/event.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Pod } from '../../api/core/pod.ts';
import { Deployment } from '../../api/apps/deployment.ts';
import type { JsonObject } from '../../base/json.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';
import { testServer } from '../testing/test-server.ts';
import type { TestServer } from '../testing/test-server.ts';

const namespace = 'default';
const key = { namespace, name: 'a' };

async function withRunningPod(): Promise<TestServer> {
  const server = await testServer();
  const spec = { nodeName: 'n', terminationGracePeriodSeconds: 20, containers: [{ name: 'c', image: 'i' }] };
  await server.client.create(Pod, { metadata: key, spec });
  return server;
}

describe('a pod that is going', () => {
  test('is not deleted anew: neither its grace period nor its finalizers change', async () => {
    await using server = await withRunningPod();
    await server.client.delete(Pod, key);
    const before = await server.client.get(Pod, key);
    await server.client.delete(Pod, key, { propagation: 'Foreground' });
    await server.client.delete(Pod, key, { gracePeriodSeconds: 20 });
    await server.client.patch(
      Pod,
      key,
      { type: 'merge', body: { status: { phase: 'Failed' } } },
      { subresource: 'status' },
    );
    await server.client.delete(Pod, key);
    const after = await server.client.get(Pod, key);
    expect(after.status.phase).toBe('Failed');
    expect({ ...after.metadata, resourceVersion: '', managedFields: [] }).toEqual({
      ...before.metadata,
      resourceVersion: '',
      managedFields: [],
    });
  });

  test('whose time is over goes on having a second, from now', async () => {
    await using server = await withRunningPod();
    await server.client.delete(Pod, key);
    await server.clock.advance(60_000);
    await server.client.delete(Pod, key, { gracePeriodSeconds: 10 });
    expect((await server.client.get(Pod, key)).metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:01:00Z',
      deletionGracePeriodSeconds: 1,
    });
  });
});

test('events own nothing, so no policy keeps them', async () => {
  await using server = await testServer();
  await server.client.create(Event, { metadata: key, involvedObject: { namespace } });
  await server.client.delete(Event, key, { propagation: 'Orphan' });
  await expect(server.client.get(Event, key)).rejects.toMatchObject({ reason: 'NotFound' });
});

test('a collection that is deleted answers with its objects as they were listed', async () => {
  await using server = await testServer();
  await server.client.create(ConfigMap, { metadata: { ...key, finalizers: ['example.com/x'] } });
  const user = { name: 'x', groups: [] };
  const call = { user, resource: ConfigMap, namespace, name: '' };
  const listed = await server.server.api.deleteCollection(call, {}, {});
  expect(listed.map(({ object }) => object.metadata.deletionTimestamp)).toEqual([undefined]);
});

test('conflicts of preconditions name the kind', async () => {
  await using server = await testServer();
  const containers = [{ name: 'c', image: 'i' }];
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers } };
  await server.client.create(Deployment, {
    metadata: key,
    spec: { selector: { matchLabels: { app: 'a' } }, template },
  });
  await expect(server.client.delete(Deployment, key, { preconditions: { uid: 'u' } })).rejects.toMatchObject({
    message: expect.stringContaining(
      'Operation cannot be fulfilled on Deployment.apps "a": the UID in the precondition (u) does not match',
    ),
    details: { name: 'a', group: 'apps', kind: 'Deployment' },
  });
});

test('deletes on the wire: options that make no sense, and 202 where dependents go later', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await server.client.create(ConfigMap, { metadata: { ...key, finalizers: ['example.com/x'] } });
  const path = '/api/v1/namespaces/default/configmaps/a';
  const headers = { 'content-type': 'application/json' };
  const remove = (options: object) =>
    client.request(path, { method: 'DELETE', headers, body: JSON.stringify({ kind: 'DeleteOptions', ...options }) });
  const policy = await remove({ propagationPolicy: 'Never' });
  const supported = '"Foreground", "Background", "Orphan", "nil"';
  expect(policy.status).toBe(422);
  expect(policy.json()).toMatchObject({
    message: `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Never": supported values: ${supported}`,
    details: {
      group: 'meta.k8s.io',
      kind: 'DeleteOptions',
      causes: [{ reason: 'FieldValueNotSupported', field: 'propagationPolicy' }],
    },
  });
  expect((await remove({ orphanDependents: false })).status).toBe(202);
  expect((await remove({})).status).toBe(200);
});

describe('an update', () => {
  test('cannot begin a deletion', async () => {
    await using server = await testServer();
    await server.client.create(ConfigMap, { metadata: key });
    const patch = (metadata: JsonObject) => server.client.patch(ConfigMap, key, { type: 'merge', body: { metadata } });
    await expect(patch({ deletionTimestamp: '2026-01-01T00:00:00Z' })).rejects.toThrow(
      'ConfigMap "a" is invalid: metadata.deletionTimestamp: Invalid value: "2026-01-01T00:00:00Z": field is immutable',
    );
    await expect(patch({ deletionGracePeriodSeconds: 3 })).rejects.toThrow('field is immutable');
  });

  test('cannot end a deletion either: what it leaves out stays', async () => {
    await using server = await testServer();
    await server.client.create(ConfigMap, { metadata: { ...key, finalizers: ['example.com/x'] } });
    await server.client.delete(ConfigMap, key);
    await server.client.update(ConfigMap, { metadata: { ...key, finalizers: ['example.com/x'] }, data: { k: 'v' } });
    expect(await server.client.get(ConfigMap, key)).toMatchObject({
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 },
      data: { k: 'v' },
    });
  });
});

test('what is in no namespace loses one that it was sent with', async () => {
  await using server = await testServer();
  const made = await server.client.create(Namespace, { metadata: { name: 'n', namespace: 'other' } });
  expect(made.metadata.namespace).toBeUndefined();
});

test('owners: one controller at most, and no event', async () => {
  await using server = await testServer();
  const owner = (kind: string, name: string) => ({ apiVersion: 'v1', kind, name, uid: name });
  const create = (ownerReferences: readonly object[]) =>
    server.server.api.create(
      { user: { name: 'x', groups: [] }, resource: ConfigMap, namespace },
      { value: () => ({ metadata: { ...key, ownerReferences } }), duplicates: [] },
    );
  await expect(create([owner('Event', 'e')])).rejects.toThrow('/v1, Kind=Event is disallowed from being an owner');
  const controllers = ['a', 'b', 'c'].map((name) => ({ ...owner('Pod', name), controller: true }));
  await expect(create(controllers)).rejects.toMatchObject({
    details: {
      causes: [
        { message: expect.stringContaining('Found "true" in references for Pod/a and Pod/b') },
        { message: expect.stringContaining('Found "true" in references for Pod/a and Pod/c') },
      ],
    },
  });
});

test('the failure of an object without a name has none either', async () => {
  await using server = await testServer();
  const failure: unknown = await server.client.create(ConfigMap, { metadata: { namespace } }).catch((error) => error);
  expect(failure).toMatchObject({ reason: 'Invalid', details: { kind: 'ConfigMap' } });
  expect((failure as { details: object }).details).not.toHaveProperty('name');
});
