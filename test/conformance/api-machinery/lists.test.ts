import { afterAll, expect } from 'vitest';
import { PodTemplate } from '../../../src/api/core/pod-template.ts';
import { hasReason } from '../../../src/base/errors.ts';
import type { StatusError } from '../../../src/base/errors.ts';
import { conformance, stopCluster } from './conformance.ts';
import type { Conformance } from './conformance.ts';

afterAll(stopCluster);

async function makeTemplates({ client, namespace }: Conformance, count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, i) => `template-${String(i).padStart(4, '0')}`);
  const template = { spec: { containers: [{ name: 'test', image: 'test2' }] } };
  await Promise.all(names.map((name) => client.create(PodTemplate, { metadata: { name, namespace }, template })));
  return names;
}

conformance('Servers with support for API chunking should return chunks of results for list calls', async (context) => {
  const { client, namespace } = context;
  const names = await makeTemplates(context, 40);
  const seen: string[] = [];
  let token: string | undefined;
  let version: string | undefined;
  do {
    const limit = 7;
    const { metadata, items } = await client.list(PodTemplate, { namespace, limit, continue: token });
    expect(items.length).toBeLessThanOrEqual(limit);
    version ??= metadata.resourceVersion;
    expect(metadata.resourceVersion).toBe(version);
    seen.push(...items.map((item) => item.metadata.name));
    token = metadata.continue || undefined;
    if (token) expect(metadata.remainingItemCount).toBe(names.length - seen.length);
    // What comes later is not seen, and disturbs nothing.
    const late = { metadata: { name: `late-${seen.length}`, namespace } };
    await client.create(PodTemplate, { ...late, template: { spec: { containers: [{ name: 'c', image: 'i' }] } } });
  } while (token);
  expect(seen).toEqual(names);
  const whole = await client.list(PodTemplate, { namespace });
  expect(whole.items.length).toBeGreaterThan(names.length);
});

conformance(
  'Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Slow]',
  async (context) => {
    const { client, cluster, namespace } = context;
    const names = await makeTemplates(context, 30);
    const first = await client.list(PodTemplate, { namespace, limit: 10 });
    await client.delete(PodTemplate, { namespace, name: names[15]! });
    const { store, caches } = cluster.server.context;
    await store.compact(caches.revision);
    const expired: unknown = await client
      .list(PodTemplate, { namespace, limit: 10, continue: first.metadata.continue })
      .catch((error: unknown) => error);
    expect(hasReason(expired, 'Expired')).toBe(true);
    const token = (expired as StatusError).metadata['continue'] as string;
    expect(token).not.toBe('');
    const rest = await client.list(PodTemplate, { namespace, limit: 10, continue: token });
    // The list goes on where it had been, as things are now.
    expect(rest.items.map((item) => item.metadata.name)).toEqual(names.slice(10, 21).filter((_, at) => at !== 5));
    const last = await client.list(PodTemplate, { namespace, continue: rest.metadata.continue });
    expect(last.items.map((item) => item.metadata.name)).toEqual(names.slice(21));
    expect(last.metadata.resourceVersion).toBe(rest.metadata.resourceVersion);
  },
);
