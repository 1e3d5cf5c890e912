import { expect } from 'vitest';
import { hasReason } from '../../../src/base/errors.ts';
import type { Json } from '../../../src/base/json.ts';
import type { Resource } from '../../../src/machinery/resource.ts';
import { eventually } from './conformance.ts';
import type { Conformance } from './conformance.ts';

interface Found {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status?: unknown;
}

interface Named {
  readonly items: readonly Found[];
  readonly metadata: { readonly resourceVersion: string };
}

/** What a kind is tried with. */
export interface OperationsSample {
  /** An object without a name. */
  readonly object: object;
  /** A condition to write to the status, where the kind has one. */
  readonly condition?: object | undefined;
}

/**
 * That a cluster-scoped kind has every operation: discovery, create, get, list, watch, patch, update, the status, delete and
 * deletecollection. What upstream's "should support … API operations" tests do.
 */
export async function expectApiOperations(
  context: Conformance,
  resource: Resource,
  sample: OperationsSample,
): Promise<void> {
  const { client, namespace: mark } = context;
  const { group, version, plural, kind, apiVersion } = resource;
  const base = `/apis/${group}/${version}`;
  const discovered = (await client.json({ path: base })) as {
    readonly resources: readonly { readonly name: string }[];
  };
  expect(discovered.resources.map(({ name }) => name)).toContain(plural);
  const path = `${base}/${plural}`;
  const selection = `labelSelector=${encodeURIComponent(`special-label=${mark}`)}`;
  const create = (): Promise<Found> => {
    const metadata = { generateName: 'e2e-test-', labels: { 'special-label': mark } };
    return client.json({
      method: 'POST',
      path,
      body: JSON.stringify({ apiVersion, kind, metadata, ...sample.object }),
    }) as Promise<Found>;
  };
  const made = [await create(), await create(), await create()];
  const [first] = made as [Found];
  const one = `${path}/${first.metadata.name}`;
  expect(await client.json({ path: one })).toMatchObject({ kind, metadata: { name: first.metadata.name } });
  const list = (await client.json({ path: `${path}?${selection}` })) as Named;
  expect(list.items).toHaveLength(3);

  const seen: string[] = [];
  const watchPath = `${path}?watch=true&${selection}&resourceVersion=${list.metadata.resourceVersion}`;
  const watch = await client.request({ path: watchPath, signal: context.signal });
  watch.body.on('data', (chunk) => {
    for (const line of String(chunk).split('\n')) seen.push(...(/^\{"type":"(\w+)"/.exec(line)?.slice(1) ?? []));
  });
  watch.body.on('error', () => undefined);

  const patch = async (at: string, body: Json): Promise<Found> => {
    const headers = { 'content-type': 'application/merge-patch+json' };
    return (await client.json({ method: 'PATCH', path: at, headers, body: JSON.stringify(body) })) as Found;
  };
  const patched = await patch(one, { metadata: { annotations: { patched: 'true' } } });
  expect(patched.metadata.annotations).toMatchObject({ patched: 'true' });
  const updated = {
    ...patched,
    metadata: { ...patched.metadata, annotations: { ...patched.metadata.annotations, updated: 'true' } },
  };
  const after = (await client.json({ method: 'PUT', path: one, body: JSON.stringify(updated) })) as Found;
  expect(after.metadata.annotations).toMatchObject({ patched: 'true', updated: 'true' });
  await eventually(() => expect(seen).toEqual(expect.arrayContaining(['MODIFIED'])));

  if (sample.condition) {
    const { condition } = sample;
    expect(await client.json({ path: `${one}/status` })).toMatchObject({ kind });
    const withStatus = await patch(`${one}/status`, { status: { conditions: [condition as never] } });
    expect(withStatus.status).toMatchObject({ conditions: [condition] });
  }

  await client.json({ method: 'DELETE', path: one });
  const missing: unknown = await client.json({ path: one }).catch((error: unknown) => error);
  expect(hasReason(missing, 'NotFound')).toBe(true);
  await eventually(() => expect(seen).toEqual(expect.arrayContaining(['DELETED'])));
  await client.json({ method: 'DELETE', path: `${path}?${selection}` });
  expect(((await client.json({ path: `${path}?${selection}` })) as Named).items).toEqual([]);
}
