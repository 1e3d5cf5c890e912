import { expect, test } from 'vitest';
import { Secret } from '../../api/core/secret.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { aesGcm } from '../../store/encryption/aes-gcm.ts';
import { encryptedStore } from '../../store/encryption/encrypted-store.ts';
import { resourceTransformers } from '../../store/encryption/resource-transformers.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import type { Store } from '../../store/store.ts';
import { encodeForStore } from './object-bytes.ts';
import { ResourceCaches } from './resource-caches.ts';
import { storageKey } from './storage-key.ts';

const key = storageKey(Secret, { namespace: 'default', name: 'a' });
const secret = encodeForStore(Secret, {
  metadata: { namespace: 'default', name: 'a', uid: 'a', creationTimestamp: '' },
  type: 'Opaque',
});

/** The store as a server with one key sees it. */
function withKey(plain: Store, name: string, clock = new FakeClock()): Store {
  const transformer = aesGcm(Buffer.from(name.padEnd(32)));
  const rule = { resources: ['*.*'], transformers: [{ prefix: `k8s:enc:aesgcm:v1:${name}:`, transformer }] } as const;
  return encryptedStore(plain, { resourceOf: () => 'secrets', transformers: resourceTransformers([rule]), clock });
}

test('a value that can not be read ends the start, naming it', async () => {
  const plain = new MemoryStore();
  await withKey(plain, 'lost').create(key, secret);
  const opening = ResourceCaches.open({
    store: withKey(plain, 'known'),
    clock: new FakeClock(),
    log: silentLogger,
    resources: [Secret],
  });
  await expect(opening).rejects.toThrow(
    'unable to transform key "/registry/secrets/default/a": no matching prefix found; it is encrypted by k8s:enc:aesgcm:v1:lost:',
  );
});

test('a value that can not be read is told of, until it can be, and then nothing is missed', async () => {
  const plain = new MemoryStore();
  const clock = new FakeClock();
  const store = withKey(plain, 'known', clock);
  using caches = await ResourceCaches.open({ store, clock, log: silentLogger, resources: [Secret] });
  const revision = await withKey(plain, 'other').create(key, secret);
  await expect.poll(() => caches.failure?.message).toContain('k8s:enc:aesgcm:v1:other:');
  await store.update(key, secret, revision);
  const recovered = async (): Promise<unknown> => {
    await clock.advance(1000);
    return caches.failure;
  };
  await expect.poll(recovered).toBeUndefined();
  expect(caches.of(Secret).get({ namespace: 'default', name: 'a' })?.revision).toBe(revision + 1);
});
