/** Writes through a server whose cache has not yet heard what another server has written. */
import { expect, test } from 'vitest';
import { ConfigMap } from '../api/core/config-map.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { StoreEvent, StoreListener } from '../store/store.ts';
import { storageKey } from './cache/storage-key.ts';
import { testServer } from './testing/test-server.ts';

const key = { namespace: 'default', name: 'a' };
const place = storageKey(ConfigMap, key);

/** A store whose changes are heard, once `hold` was called, only when somebody asks for the newest revision. */
class LaggingStore extends MemoryStore {
  asked = 0;
  #held: (() => void)[] | undefined;

  hold(): void {
    this.#held = [];
    this.asked = 0;
  }

  override revision(): number {
    const newest = super.revision();
    this.asked++;
    const held = this.#held ?? [];
    this.#held = undefined;
    // As another server's change would arrive: later than the answer.
    if (held.length > 0) setImmediate(() => held.forEach((tell) => tell()));
    return newest;
  }

  override watch(options: { readonly prefix: string; readonly after: number }, listener: StoreListener): Disposable {
    const events = (batch: readonly StoreEvent[]): void => {
      if (this.#held) this.#held.push(() => listener.events(batch));
      else listener.events(batch);
    };
    return super.watch(options, { events, failed: (error) => listener.failed(error) });
  }
}

/** A server that has seen `data: {n: '1'}`, and the version of `data: {n: '2'}`, which it has not. */
async function behind(): Promise<Awaited<ReturnType<typeof testServer>> & { store: LaggingStore; newest: string }> {
  const store = new LaggingStore();
  const started = await testServer({ store });
  await started.client.create(ConfigMap, { metadata: { ...key, labels: { b: '1' } }, data: { n: '1' } });
  store.hold();
  const known = (await store.get(place))!;
  const text = Buffer.from(known.value).toString().replace('"n":"1"', '"n":"2"');
  return Object.assign(started, {
    store,
    newest: String(await store.update(place, Buffer.from(text), known.revision)),
  });
}

test('an update by the newest version goes through, though the cache had an older one', async () => {
  await using server = await behind();
  const metadata = { ...key, resourceVersion: server.newest };
  expect((await server.client.update(ConfigMap, { metadata, data: { n: '3' } })).data).toEqual({ n: '3' });
});

test('a patch that would change nothing of the older version is applied to the newest', async () => {
  await using server = await behind();
  expect((await server.client.patch(ConfigMap, key, { type: 'merge', body: { data: { n: '1' } } })).data?.['n']).toBe(
    '1',
  );
  expect(Buffer.from((await server.store.get(place))!.value).toString()).toContain('"n":"1"');
});

test('a patch keeps what the cache had not seen, and asks nobody when it is refused by the store', async () => {
  await using server = await behind();
  const patched = await server.client.patch(ConfigMap, key, { type: 'merge', body: { data: { m: '1' } } });
  expect(patched.data).toEqual({ n: '2', m: '1' });
});

test('a JSON patch whose test fails on the older version is judged by the newest', async () => {
  await using server = await behind();
  const body = [
    { op: 'test', path: '/data/n', value: '2' },
    { op: 'replace', path: '/data/n', value: '3' },
  ];
  expect((await server.client.patch(ConfigMap, key, { type: 'json', body })).data).toEqual({ n: '3' });
});

test('a delete with the newest version as its precondition goes through', async () => {
  await using server = await behind();
  await server.client.delete(ConfigMap, key, { preconditions: { resourceVersion: server.newest } });
  expect(await server.store.get(place)).toBeUndefined();
});

test('what is refused on the newest version, too, is refused once it is known to be the newest', async () => {
  await using server = await behind();
  const metadata = { ...key, resourceVersion: '1' };
  await expect(server.client.update(ConfigMap, { metadata, data: {} })).rejects.toMatchObject({ reason: 'Conflict' });
});
