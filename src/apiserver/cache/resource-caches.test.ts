import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Secret } from '../../api/core/secret.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { StoreError } from '../../store/store.ts';
import type { Store, StoreErrorKind, StoreListener } from '../../store/store.ts';
import { encodeForStore } from './object-bytes.ts';
import { ResourceCaches } from './resource-caches.ts';
import { everything } from './selection.ts';
import { storageKey } from './storage-key.ts';

const secret = (name: string): Buffer =>
  encodeForStore(Secret, {
    metadata: { namespace: 'default', name, uid: name, creationTimestamp: '' },
    type: 'Opaque',
  });
const keyOf = (name: string): string => storageKey(Secret, { namespace: 'default', name });

test('what is stored is read page by page, and all of it', async () => {
  const store = new MemoryStore();
  const names = Array.from({ length: 2500 }, (_, index) => `s${String(index).padStart(4, '0')}`);
  for (const name of names) await store.create(keyOf(name), secret(name));
  const options = { store, clock: new FakeClock(), log: silentLogger };
  using caches = await ResourceCaches.open({ ...options, resources: [ConfigMap, Secret] });
  expect(caches.revision).toBe(2500);
  expect(
    caches
      .of(Secret)
      .objects()
      .map(({ metadata }) => metadata.name),
  ).toEqual(names);
  using later = await ResourceCaches.open({ ...options, resources: [ConfigMap] });
  await later.add(Secret);
  expect(later.of(Secret).size).toBe(2500);
});

test('a kind that is added later shows what was stored before, meanwhile and after', async () => {
  const store = new MemoryStore();
  using caches = await ResourceCaches.open({
    store,
    resources: [ConfigMap],
    clock: new FakeClock(),
    log: silentLogger,
  });
  await store.create(keyOf('before'), secret('before'));
  const adding = caches.add(Secret);
  const meanwhile = store.create(keyOf('meanwhile'), secret('meanwhile'));
  await Promise.all([adding, meanwhile]);
  await store.create(keyOf('after'), secret('after'));
  await caches.fresh();
  for (const name of ['before', 'meanwhile', 'after']) {
    expect(caches.of(Secret).get({ namespace: 'default', name })?.object.metadata.name).toBe(name);
  }
  caches.remove(Secret);
  expect(() => caches.of(Secret)).toThrow('could not find the requested resource');
});

class BreakableStore extends MemoryStore {
  readonly #watches = new Map<StoreListener, Disposable>();

  override watch(options: { readonly prefix: string; readonly after: number }, listener: StoreListener): Disposable {
    const watch = super.watch(options, listener);
    this.#watches.set(listener, watch);
    return watch;
  }

  /** Ends every watch, as a store does that lost its connection. */
  break(kind: StoreErrorKind): void {
    for (const [listener, watch] of this.#watches) {
      this.#watches.delete(listener);
      watch[Symbol.dispose]();
      listener.failed(new StoreError(kind, 'broken by the test'));
    }
  }
}

async function watched(store: Store) {
  const clock = new FakeClock();
  const caches = await ResourceCaches.open({ store, clock, log: silentLogger, resources: [ConfigMap, Secret] });
  const heard: string[] = [];
  caches.of(Secret).watchers.add(everything, {
    event: (event, type) => void heard.push(`${type} ${event.key}`),
    bookmark: () => undefined,
    end: () => void heard.push('END'),
  });
  return { caches, heard, clock };
}

test('a watch of the store that failed is begun again where it ended, without loss', async () => {
  const store = new BreakableStore();
  await store.create(keyOf('a'), secret('a'));
  const { caches, heard } = await watched(store);
  using _caches = caches;
  store.break('unavailable');
  expect(caches.failure?.message).toContain('broken by the test');
  await store.create(keyOf('b'), secret('b'));
  await expect.poll(() => heard).toEqual(['ADDED default/b']);
  expect(caches.failure).toBeUndefined();
});

test('after changes that were missed everything is read anew, and those who watch must list again', async () => {
  const store = new BreakableStore();
  for (const name of ['a', 'b']) await store.create(keyOf(name), secret(name));
  const { caches, heard, clock } = await watched(store);
  using _caches = caches;
  store.break('unavailable');
  await expect.poll(() => caches.failure).toBeUndefined();
  // From the second failure in a row on there is a pause.
  store.break('unavailable');
  await store.delete(keyOf('a'));
  const newest = await store.create(keyOf('c'), secret('c'));
  await store.compact(newest);
  expect(caches.failure).toBeDefined();
  await clock.advance(1000);
  await expect.poll(() => heard).toEqual(['END']);
  expect(caches.revision).toBe(newest);
  expect(
    caches
      .of(Secret)
      .objects()
      .map(({ metadata }) => metadata.name),
  ).toEqual(['b', 'c']);
  expect(() => caches.of(Secret).changesAfter(newest - 1)).toThrow('too old resource version');
  await store.create(keyOf('d'), secret('d'));
  await caches.fresh();
  expect(caches.of(Secret).size).toBe(3);
});

/** A store elsewhere: what it is made of can be replaced, and part of what it does. */
function remote(memory: () => MemoryStore, replaced: Partial<Store> = {}): Store {
  return {
    revision: async () => memory().revision(),
    get: (key, options) => memory().get(key, options),
    list: (prefix, options) => memory().list(prefix, options),
    create: (key, value) => memory().create(key, value),
    update: (key, value, expected) => memory().update(key, value, expected),
    delete: (key, expected) => memory().delete(key, expected),
    watch: (options, listener) => memory().watch(options, listener),
    compact: (revision) => memory().compact(revision),
    [Symbol.asyncDispose]: () => memory()[Symbol.asyncDispose](),
    ...replaced,
  };
}

test('reads wait for what other servers wrote, and fail without a majority', async () => {
  let majority = true;
  const memory = new MemoryStore();
  const store = remote(() => memory, {
    async revision() {
      await Promise.resolve();
      if (!majority) throw new StoreError('unavailable', 'etcdserver: no leader');
      return memory.revision();
    },
  });
  const { caches } = await watched(store);
  using _caches = caches;
  await memory.create(keyOf('a'), secret('a'));
  await caches.fresh();
  expect(caches.of(Secret).size).toBe(1);
  majority = false;
  await expect(caches.fresh()).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  expect(caches.of(Secret).size).toBe(1);
});

test('revisions in which nothing was written here are reached all the same', async () => {
  const memory = new MemoryStore();
  const writes: string[] = [];
  const store = remote(() => memory, {
    create: (key, value) => memory.create(key, value).finally(() => writes.push(key)),
    update: (key, value, expected) => memory.update(key, value, expected).finally(() => writes.push(key)),
    // As an etcd that does not tell how far it is.
    watch: (options, { events, failed }) => memory.watch(options, { events, failed }),
  });
  const { caches, clock } = await watched(store);
  using _caches = caches;
  for (const round of [1, 2]) {
    const newest = await memory.create(`/elsewhere/${round}`, Buffer.from('x'));
    const reads = Array.from({ length: 10 }, () => caches.fresh());
    await clock.advance(149);
    expect(caches.revision).toBeLessThan(newest);
    await clock.advance(1);
    await Promise.all(reads);
    expect(caches.revision).toBeGreaterThan(newest);
    expect(writes).toHaveLength(round);
  }
});

test('a store that comes back with less than was seen of it is taken as it is', async () => {
  let memory = new MemoryStore();
  for (const name of ['a', 'b', 'c']) await memory.create(keyOf(name), secret(name));
  const { caches, heard } = await watched(remote(() => memory));
  using _caches = caches;
  const before = memory;
  memory = new MemoryStore();
  await memory.create(keyOf('b'), secret('b'));
  await before[Symbol.asyncDispose]();
  await expect.poll(() => heard).toEqual(['END']);
  expect(caches.revision).toBe(1);
  expect(caches.of(Secret).size).toBe(1);
  await memory.create(keyOf('d'), secret('d'));
  await caches.fresh();
  expect(caches.of(Secret).size).toBe(2);
});
