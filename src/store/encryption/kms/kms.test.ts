import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../base/fake-clock.ts';
import { silentLogger } from '../../../base/logger.ts';
import { seededRandom } from '../../../base/random.ts';
import { bytes, field, int32, map, message, string } from '../../../machinery/protobuf/wire-codec.ts';
import { MemoryStore } from '../../memory-store.ts';
import type { Store, StoreEvent } from '../../store.ts';
import { storeSuite } from '../../store.testsuite.ts';
import { encryptedStore } from '../encrypted-store.ts';
import { resourceTransformers } from '../resource-transformers.ts';
import { KmsPluginProcess } from '../testing/kms-plugin-process.ts';
import { connectKmsPlugin } from './kms-plugin.ts';
import { KmsProvider, kmsTimes } from './kms-provider.ts';

let plugin: KmsPluginProcess;

beforeAll(async () => {
  plugin = new KmsPluginProcess();
  await plugin.start();
});
afterAll(() => plugin[Symbol.asyncDispose]());

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value);

/** An API server's view of the plug-in: each has its own, as after a restart or on another machine. */
class Server implements Disposable {
  readonly clock = new FakeClock();
  readonly store: Store;
  readonly provider: KmsProvider;
  readonly #connection: Disposable;

  constructor(plain: Store, timeoutMs = 3000) {
    const connection = connectKmsPlugin({ endpoint: plugin.endpoint, timeoutMs });
    this.#connection = connection;
    this.provider = new KmsProvider({
      ...{ name: 'far', plugin: connection, clock: this.clock, random: seededRandom(), log: silentLogger },
    });
    const transformers = resourceTransformers([
      { resources: ['*.*'], transformers: [{ prefix: 'k8s:enc:kms:v2:far:', transformer: this.provider.transformer }] },
    ]);
    this.store = encryptedStore(plain, { resourceOf: () => 'secrets', transformers, clock: this.clock });
  }

  /** As much later as is believed of the last answer, asks again. */
  async check(): Promise<void> {
    await this.clock.advance(kmsTimes.believedMs);
    await this.provider.check();
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }
}

async function readyServer(plain: Store): Promise<Server> {
  const server = new Server(plain);
  await server.provider.check();
  return server;
}

const disposables = new DisposableStack();
afterAll(() => disposables.dispose());
storeSuite('MemoryStore, encrypted by a KMS plug-in,', async () => {
  return disposables.use(await readyServer(new MemoryStore())).store;
});

/** As upstream's api.proto has it, stated once more. */
const encryptedObject = message<{
  encryptedData: Uint8Array;
  keyID: string;
  encryptedDEKSource: Uint8Array;
  annotations: Readonly<Record<string, Uint8Array>>;
  encryptedDEKSourceType: number;
}>({
  encryptedData: field(1, bytes),
  keyID: field(2, string),
  encryptedDEKSource: field(3, bytes),
  annotations: map(4, bytes),
  encryptedDEKSourceType: field(5, int32),
});

test('a value stands beside its key in an EncryptedObject, behind the prefix of the provider', async () => {
  await using plain = new MemoryStore();
  using server = await readyServer(plain);
  for (const length of [1, 30, 100, 20_000]) {
    const key = `/registry/secrets/a/${length}`;
    await server.store.create(key, Buffer.alloc(length));
    const { value } = (await plain.get(key))!;
    const prefix = 'k8s:enc:kms:v2:far:';
    expect(text(value.subarray(0, prefix.length))).toBe(prefix);
    const object = encryptedObject.decode(value.subarray(prefix.length));
    expect(object).toMatchObject({ keyID: 'key-1', encryptedDEKSourceType: 1 });
    expect(object.encryptedData).toHaveLength(32 + 12 + length + 16);
    expect(object.encryptedDEKSource).toHaveLength(12 + 32 + 16);
    expect(text(object.annotations['version.kubets.test'])).toBe('1');
    expect(encryptedObject.encode(object).equals(value.subarray(prefix.length))).toBe(true);
  }
});

test('values by a key of their own, as upstream wrote them once, can be read and are stale', async () => {
  await using plain = new MemoryStore();
  using server = await readyServer(plain);
  const { createCipheriv } = await import('node:crypto');
  const [dek, nonce] = [Buffer.alloc(32, 5), Buffer.alloc(12, 6)];
  const cipher = createCipheriv('aes-256-gcm', dek, nonce);
  cipher.setAAD(Buffer.from('/registry/secrets/a/b'));
  const sealed = Buffer.concat([nonce, cipher.update('a secret'), cipher.final(), cipher.getAuthTag()]);
  using connection = connectKmsPlugin({ endpoint: plugin.endpoint, timeoutMs: 3000 });
  const wrapped = await connection.encrypt(dek, 'uid');
  const object = encryptedObject.encode({
    encryptedData: sealed,
    keyID: wrapped.keyId,
    encryptedDEKSource: wrapped.ciphertext,
    annotations: wrapped.annotations,
    encryptedDEKSourceType: 0,
  });
  await plain.create('/registry/secrets/a/b', Buffer.concat([Buffer.from('k8s:enc:kms:v2:far:'), object]));
  expect(text((await server.store.get('/registry/secrets/a/b'))?.value)).toBe('a secret');
  expect(await server.store.isOutdated?.('/registry/secrets/a/b')).toBe(true);
});

test('another server asks the plug-in once for all the values of a key', async () => {
  await using plain = new MemoryStore();
  using first = await readyServer(plain);
  for (let i = 0; i < 50; i++) await first.store.create(`/registry/secrets/a/${i}`, utf8(`${i}`));
  using second = await readyServer(plain);
  const before = (await plugin.calls()).decrypt;
  expect((await second.store.list('/')).items).toHaveLength(50);
  await second.store.list('/');
  expect((await plugin.calls()).decrypt - before).toBe(1);
  expect(await second.store.isOutdated?.('/registry/secrets/a/1')).toBe(false);
});

test('a watch hears of what another server has written, before its own writers do', async () => {
  await using plain = new MemoryStore();
  using first = await readyServer(plain);
  using second = await readyServer(plain);
  const heard: StoreEvent[] = [];
  const listener = { events: (batch: readonly StoreEvent[]) => void heard.push(...batch), failed: unexpected };
  using _watch = second.store.watch({ prefix: '/', after: 0 }, listener);
  await first.store.create('/registry/secrets/a/foreign', utf8('foreign'));
  await second.store.create('/registry/secrets/a/own', utf8('own'));
  expect(heard.map(({ value }) => text(value))).toEqual(['foreign', 'own']);
});

test('when the plug-in has a new key, values are written by it, and older ones are stale but readable', async () => {
  await using plain = new MemoryStore();
  using server = await readyServer(plain);
  await server.store.create('/registry/secrets/a/b', utf8('1'));
  await plugin.tell({ keyId: 'key-2' });
  expect(await server.store.isOutdated?.('/registry/secrets/a/b')).toBe(false);
  await server.check();
  expect(await server.store.isOutdated?.('/registry/secrets/a/b')).toBe(true);
  const found = (await server.store.get('/registry/secrets/a/b'))!;
  await server.store.update('/registry/secrets/a/b', found.value, found.revision);
  expect(await server.store.isOutdated?.('/registry/secrets/a/b')).toBe(false);
  expect(text((await plain.get('/registry/secrets/a/b'))?.value)).toContain('key-2');
});

describe('while the plug-in is gone', () => {
  test('what was read before can be read, and written for three minutes', async () => {
    await using plain = new MemoryStore();
    using server = await readyServer(plain);
    await server.store.create('/registry/secrets/a/b', utf8('1'));
    await plugin.kill();
    try {
      await server.clock.advance(kmsTimes.writableMs);
      const revision = await server.store.update('/registry/secrets/a/b', utf8('2'), 1);
      await server.clock.advance(1);
      await expect(server.store.update('/registry/secrets/a/b', utf8('3'), revision)).rejects.toMatchObject({
        kind: 'unavailable',
        message:
          "the value of /registry/secrets/a/b can't be encrypted: the KMS plug-in far has not confirmed its key for more than three minutes",
      });
      expect(text((await server.store.get('/registry/secrets/a/b'))?.value)).toBe('2');
    } finally {
      await plugin.start();
    }
    await expect.poll(() => server.check().then(() => 'well', String), { timeout: 10_000 }).toBe('well');
    await server.store.update('/registry/secrets/a/b', utf8('3'), 2);
  });

  test('a server that starts says so, and reads and writes once it is back', async () => {
    await using plain = new MemoryStore();
    using before = await readyServer(plain);
    await before.store.create('/registry/secrets/a/b', utf8('1'));
    await plugin.kill();
    using server = new Server(plain, 200);
    try {
      await expect(server.provider.check()).rejects.toThrow(
        'failed to perform status section of the healthz check for KMS Provider far, error: rpc error: code =',
      );
      expect(server.provider.failure?.message).toContain('KMS Provider far');
      await expect(server.store.create('/registry/secrets/a/c', utf8('1'))).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringContaining('the KMS plug-in far has given no key yet'),
      });
      await expect(server.store.get('/registry/secrets/a/b')).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringContaining('it is encrypted by k8s:enc:kms:v2:far:'),
      });
    } finally {
      await plugin.start();
    }
    await expect.poll(() => server.check().then(() => 'well', String), { timeout: 10_000 }).toBe('well');
    expect(server.provider.failure).toBeUndefined();
    expect(text((await server.store.get('/registry/secrets/a/b'))?.value)).toBe('1');
    await server.store.create('/registry/secrets/a/c', utf8('1'));
  });
});

test.each([
  [
    { healthz: 'out of order' },
    'kmsv2 Provider far is not healthy, error: got unexpected healthz status: out of order',
  ],
  [{ version: 'v1beta1' }, 'expected KMSv2 API version v2, got v1beta1'],
  [
    { version: 'v2beta1' },
    'KMSv2 API version should not change after the initial status response version v2, got v2beta1',
  ],
  [{ keyId: '' }, 'keyID is empty'],
  [{ keyId: 'x'.repeat(1025) }, 'keyID is 1025 bytes, which exceeds the max size of 1024'],
  [{ keyId: 'key-3', encryptsBy: 'key-4' }, 'failed to rotate DEK'],
])('a plug-in that says %j is not well, and the last key goes on', async (state, message) => {
  await using plain = new MemoryStore();
  using server = await readyServer(plain);
  const well = {
    version: 'v2',
    healthz: 'ok',
    keyId: server.provider.transformer.writeKey!.keyId,
    encryptsBy: undefined,
  };
  try {
    await plugin.tell(state);
    await expect(server.check()).rejects.toThrow(message);
    await server.store.create('/registry/secrets/a/b', utf8('1'));
  } finally {
    await plugin.tell(well);
  }
  await server.check();
  expect(server.provider.failure).toBeUndefined();
});

test('the plug-in is asked again and again, more often while it is not well', async () => {
  await using plain = new MemoryStore();
  using server = new Server(plain);
  const stop = new AbortController();
  const running = server.provider.run(stop.signal);
  await expect.poll(() => server.clock.nextTimer).toBe(kmsTimes.pollMs);
  await plugin.tell({ healthz: 'tired' });
  await server.clock.advance(kmsTimes.pollMs);
  await expect.poll(() => server.clock.nextTimer).toBe(kmsTimes.retryMs);
  expect(server.provider.failure?.message).toContain('tired');
  await plugin.tell({ healthz: 'ok' });
  await server.clock.advance(kmsTimes.retryMs);
  await expect.poll(() => server.clock.nextTimer).toBe(kmsTimes.pollMs);
  expect(server.provider.failure).toBeUndefined();
  stop.abort();
  await running;
});

test('what is no EncryptedObject is refused', async () => {
  await using plain = new MemoryStore();
  using server = await readyServer(plain);
  const good = { encryptedData: utf8('x'), keyID: 'k', encryptedDEKSource: utf8('x'), annotations: {} };
  const bad: readonly (readonly [Uint8Array, string])[] = [
    [Buffer.from([0xff]), 'the stored data is no EncryptedObject'],
    [encryptedObject.encode({ ...good, encryptedDEKSourceType: 2 }), 'unknown encryptedDEKSourceType: 2'],
    [
      encryptedObject.encode({ ...good, encryptedData: utf8(''), encryptedDEKSourceType: 1 }),
      'encrypted data is empty',
    ],
    [encryptedObject.encode({ ...good, keyID: '', encryptedDEKSourceType: 1 }), 'keyID is empty'],
    [
      encryptedObject.encode({ ...good, encryptedDEKSource: Buffer.alloc(1025), encryptedDEKSourceType: 1 }),
      'encrypted DEK source is 1025 bytes, which exceeds the max size of 1024',
    ],
    [
      encryptedObject.encode({ ...good, annotations: { short: utf8('') }, encryptedDEKSourceType: 1 }),
      'should be a domain with at least two segments',
    ],
    [encryptedObject.encode({ ...good, encryptedDEKSourceType: 1 }), 'failed to decrypt DEK'],
  ];
  for (const [object, message] of bad) {
    const key = `/registry/secrets/a/${message.length}`;
    await plain.create(key, Buffer.concat([Buffer.from('k8s:enc:kms:v2:far:'), object]));
    await expect(server.store.get(key)).rejects.toThrow(message);
  }
});

function unexpected(): never {
  throw new Error('unexpected');
}
