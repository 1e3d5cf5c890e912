/** Every kind can be created, read, watched, changed in each way, and deleted; generated from what the kinds state. */
import { expect, test } from 'vitest';
import { sampleLabels, samples } from '../api/testing/sample-objects.ts';
import type { Sample } from '../api/testing/sample-objects.ts';
import { hasReason } from '../base/errors.ts';
import type { Client, PatchType, WatchEvent } from '../client/client.ts';
import { parseLabelSelector } from '../machinery/selector.ts';
import type { ApiObject, DraftObject } from '../machinery/resource.ts';
import { testServer } from './testing/test-server.ts';

const selector = { labelSelector: 'sample=true' };

const every = samples().map((sample) => [`${sample.resource.apiVersion} ${sample.resource.kind}`, sample] as const);

test.each(every)('%s lives a whole life', async (_, sample) => {
  await using server = await testServer();
  await lifeOf(sample, server.client);
});

async function lifeOf({ resource, object }: Sample, client: Client): Promise<void> {
  const { name } = object.metadata;
  const namespace = resource.namespaced ? { namespace: 'default' } : {};
  const key = { ...namespace, name };
  const stop = new AbortController();
  const { metadata } = await client.list(resource, namespace);
  const seen = collect(
    client.watch(resource, {
      ...namespace,
      ...selector,
      resourceVersion: metadata.resourceVersion,
      signal: stop.signal,
    }),
  );

  await client.create(resource, object);
  const created = await settled(() => client.get(resource, key));
  expect(created).toMatchObject({ apiVersion: resource.apiVersion, kind: resource.kind, metadata: object.metadata });
  expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  await expect(client.create(resource, object)).rejects.toSatisfy((error) => hasReason(error, 'AlreadyExists'));
  const listed = await client.list(resource, { ...namespace, ...selector, fieldSelector: `metadata.name=${name}` });
  expect(listed.items).toEqual([created]);

  const updated = await client.update(resource, relabelled(created, 'update'));
  expect(updated.metadata.labels).toMatchObject({ ...sampleLabels, last: 'update' });
  expect(Number(updated.metadata.resourceVersion)).toBeGreaterThan(Number(created.metadata.resourceVersion));
  await expect(client.update(resource, relabelled(created, 'stale'))).rejects.toSatisfy((error) =>
    hasReason(error, 'Conflict'),
  );
  const same = await client.update(resource, updated);
  expect(same).toEqual(updated);

  let latest = updated;
  for (const [type, body] of Object.entries(patches)) {
    latest = await client.patch(resource, key, { type: type as PatchType, body });
    expect(latest.metadata.labels).toMatchObject({ ...sampleLabels, last: type });
    expect(withoutMetadata(latest)).toEqual(withoutMetadata(created));
  }
  const { apiVersion, kind } = resource;
  const configuration = { apiVersion, kind, metadata: { name, labels: { applied: 'yes' } } };
  latest = await client.patch(resource, key, { type: 'apply', body: configuration }, { fieldManager: 'test' });
  expect(latest.metadata.labels).toMatchObject({ ...sampleLabels, last: 'json', applied: 'yes' });
  expect(latest.metadata.managedFields).toContainEqual(
    expect.objectContaining({ manager: 'test', operation: 'Apply', apiVersion }),
  );
  const dryRun = await client.patch(resource, key, { type: 'merge', body: label('dry') }, { dryRun: true });
  expect(dryRun.metadata.labels).toMatchObject({ last: 'dry' });
  expect(await client.get(resource, key)).toEqual(latest);

  const isThere = () => client.get(resource, key).then(() => true, notFound);
  await client.delete(resource, key, background);
  if (resource.kind === 'Namespace') {
    expect((await client.get(resource, key)).metadata.deletionTimestamp).toBeDefined();
  } else {
    await expect.poll(isThere, waiting).toBe(false);
    await expect.poll(() => seen.types.at(-1), waiting).toBe('DELETED');
    expect(seen.types).toEqual(['ADDED', ...seen.types.slice(1, -1).map(() => 'MODIFIED'), 'DELETED']);
    expect(seen.types.length).toBeGreaterThanOrEqual(7);
    expect(seen.matched).not.toContain(false);
  }
  stop.abort();
  if (!resource.verbs.includes('deletecollection') || resource.kind === 'Namespace') return;
  await client.create(resource, object);
  await client.deleteCollection(resource, { ...namespace, ...selector, ...background });
  await expect.poll(isThere, waiting).toBe(false);
}

/** Some kinds orphan what they own unless told otherwise, which takes the garbage collector. */
const background = { propagation: 'Background' } as const;
const waiting = { timeout: 3000, interval: 5 };

function notFound(error: unknown): false {
  if (hasReason(error, 'NotFound')) return false;
  throw error;
}

/** The object once the server itself has nothing more to say of it, as it has of definitions of kinds. */
async function settled(get: () => Promise<ApiObject>): Promise<ApiObject> {
  const isSettled = async (): Promise<boolean> => {
    const object = await get();
    return object.kind !== 'CustomResourceDefinition' || JSON.stringify(object).includes('"Established"');
  };
  await expect.poll(isSettled, waiting).toBe(true);
  return get();
}

const label = (last: string) => ({ metadata: { labels: { last } } });

/** A patch of each type that sets a label. */
const patches = {
  merge: label('merge'),
  strategic: label('strategic'),
  json: [{ op: 'replace', path: '/metadata/labels/last', value: 'json' }],
};

function relabelled(object: ApiObject, last: string): DraftObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, last } } };
}

function withoutMetadata({ metadata: _metadata, ...rest }: ApiObject): object {
  return rest;
}

interface Seen {
  readonly types: string[];
  readonly matched: boolean[];
}

/** Collects what a watch reports until it ends. */
function collect(events: AsyncIterable<WatchEvent<ApiObject>>): Seen {
  const seen: Seen = { types: [], matched: [] };
  const matches = parseLabelSelector(selector.labelSelector);
  void (async () => {
    for await (const event of events) {
      if (event.type === 'BOOKMARK') continue;
      seen.types.push(event.type);
      seen.matched.push(matches(event.object.metadata.labels));
    }
  })().catch((error: unknown) => seen.types.push(String(error)));
  return seen;
}
