import { afterAll, expect } from 'vitest';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import type { WatchOptions } from '../../../src/client/client.ts';
import { conformance, eventually, stopCluster } from './conformance.ts';
import type { Conformance } from './conformance.ts';

afterAll(stopCluster);

const map = (namespace: string, name: string, labels: Record<string, string> = {}) => ({
  metadata: { name, namespace, labels },
});

/** What a watch of the namespace's ConfigMaps has seen so far, as `TYPE name value`; it is under way when this resolves. */
async function observe({ client, namespace, signal }: Conformance, options: WatchOptions): Promise<readonly string[]> {
  const seen: string[] = [];
  const { metadata } = await client.list(ConfigMap, { namespace, ...options, resourceVersion: undefined });
  const resourceVersion = options.resourceVersion ?? metadata.resourceVersion;
  const read = async (): Promise<void> => {
    for await (const event of client.watch(ConfigMap, { namespace, ...options, resourceVersion, signal })) {
      if (event.type === 'BOOKMARK') continue;
      const { metadata: found, data } = event.object;
      seen.push(`${event.type} ${found.name} ${data?.['n'] ?? ''}`.trim());
    }
  };
  read().catch((error: unknown) => void seen.push(String(error)));
  return seen;
}

function set({ client, namespace }: Conformance, name: string, body: object): Promise<ConfigMap> {
  return client.patch(ConfigMap, { namespace, name }, { type: 'merge', body: body as never });
}

conformance('Watchers should observe add, update, and delete watch notifications on configmaps', async (context) => {
  const { client, namespace } = context;
  const a = await observe(context, { labelSelector: 'watch=a' });
  const b = await observe(context, { labelSelector: 'watch=b' });
  const both = await observe(context, { labelSelector: 'watch in (a,b)' });
  await client.create(ConfigMap, map(namespace, 'x', { watch: 'a' }));
  await set(context, 'x', { data: { n: '1' } });
  await set(context, 'x', { data: { n: '2' } });
  await client.delete(ConfigMap, { namespace, name: 'x' });
  await client.create(ConfigMap, map(namespace, 'y', { watch: 'b' }));
  await client.delete(ConfigMap, { namespace, name: 'y' });
  await eventually(() => {
    expect(a).toEqual(['ADDED x', 'MODIFIED x 1', 'MODIFIED x 2', 'DELETED x 2']);
    expect(b).toEqual(['ADDED y', 'DELETED y']);
    expect(both).toEqual([...a, ...b]);
  });
});

conformance('Watchers should be able to start watching from a specific resource version', async (context) => {
  const { client, namespace } = context;
  await client.create(ConfigMap, map(namespace, 'x'));
  const first = await set(context, 'x', { data: { n: '1' } });
  await set(context, 'x', { data: { n: '2' } });
  await client.delete(ConfigMap, { namespace, name: 'x' });
  const { resourceVersion } = first.metadata;
  const seen = await observe(context, { fieldSelector: 'metadata.name=x', resourceVersion });
  await eventually(() => expect(seen).toEqual(['MODIFIED x 2', 'DELETED x 2']));
});

conformance(
  'Watchers should be able to restart watching from the last resource version observed by the previous watch',
  async (context) => {
    const { client, namespace } = context;
    const first = await client.create(ConfigMap, map(namespace, 'x', { watch: 'yes' }));
    let last = '';
    const end = new AbortController();
    const { resourceVersion } = first.metadata;
    const options = { namespace, labelSelector: 'watch=yes', resourceVersion, signal: end.signal };
    const update = set(context, 'x', { data: { n: '1' } });
    for await (const event of client.watch(ConfigMap, options)) {
      if (event.type !== 'MODIFIED') continue;
      last = event.object.metadata.resourceVersion;
      break;
    }
    end.abort();
    expect(last).toBe((await update).metadata.resourceVersion);
    await set(context, 'x', { data: { n: '2' } });
    await client.delete(ConfigMap, { namespace, name: 'x' });
    const seen = await observe(context, { labelSelector: 'watch=yes', resourceVersion: last });
    await eventually(() => expect(seen).toEqual(['MODIFIED x 2', 'DELETED x 2']));
  },
);

conformance(
  'Watchers should observe an object deletion if it stops meeting the requirements of the selector',
  async (context) => {
    const { client, namespace } = context;
    const relabel = (watch: string, n: string) => set(context, 'x', { metadata: { labels: { watch } }, data: { n } });
    await client.create(ConfigMap, map(namespace, 'x', { watch: 'a' }));
    const seen = await observe(context, { labelSelector: 'watch=a' });
    await set(context, 'x', { data: { n: '1' } });
    await relabel('b', '2');
    await relabel('b', '3');
    await relabel('a', '4');
    await client.delete(ConfigMap, { namespace, name: 'x' });
    // The deletion shows the last state that met the selector.
    await eventually(() => expect(seen).toEqual(['MODIFIED x 1', 'DELETED x 1', 'ADDED x 4', 'DELETED x 4']));
  },
);

conformance('Watchers should receive events on concurrent watches in same order', async (context) => {
  const { client, namespace } = context;
  const first = await observe(context, {});
  const watches: { readonly from: number; readonly seen: readonly string[] }[] = [];
  for (let n = 0; n < 20; n++) {
    const name = `m${n}`;
    const { metadata } = await client.create(ConfigMap, map(namespace, name));
    watches.push({ from: n, seen: await observe(context, { resourceVersion: metadata.resourceVersion }) });
    const removal = n % 2 === 0 ? client.delete(ConfigMap, { namespace, name }) : undefined;
    await Promise.all([removal, client.create(ConfigMap, map(namespace, `other${n}`))]);
  }
  await eventually(() => expect(first).toHaveLength(50));
  for (const { seen } of watches) {
    await eventually(() => {
      expect(seen.length).toBeGreaterThan(0);
      expect(seen).toEqual(first.slice(first.length - seen.length));
    });
  }
  // The earliest one has seen everything but the object from which on it watched.
  await eventually(() => expect(watches[0]?.seen).toHaveLength(49));
});
