import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Secret } from '../../api/core/secret.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { encodeForStore } from './object-bytes.ts';
import { ResourceCaches } from './resource-caches.ts';
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
