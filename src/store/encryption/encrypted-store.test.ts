import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { openEtcdStore } from '../etcd/etcd-store.ts';
import { startEtcd } from '../etcd/testing/etcd-process.ts';
import type { EtcdCluster } from '../etcd/testing/etcd-process.ts';
import { MemoryStore } from '../memory-store.ts';
import { openSqliteStore } from '../sqlite-store.ts';
import type { Store, StoreError, StoreEvent } from '../store.ts';
import { storeSuite } from '../store.testsuite.ts';
import { aesCbc } from './aes-cbc.ts';
import { aesGcm } from './aes-gcm.ts';
import { encryptedStore } from './encrypted-store.ts';
import { identity } from './identity.ts';
import type { PrefixedTransformer } from './prefixed.ts';
import { resourceTransformers } from './resource-transformers.ts';
import { secretbox } from './secretbox.ts';
import { TransformError } from './value-transformer.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-encryption-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const sqliteFile = (): string => join(folder, `${++files}.db`);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value);
const key = (fill: number): Buffer => Buffer.alloc(32, fill);
const gcm = (name: string, fill: number): PrefixedTransformer => ({
  prefix: `k8s:enc:aesgcm:v1:${name}:`,
  transformer: aesGcm(key(fill)),
});

/** A store that encrypts everything under /secrets/, and is told more freely what by than a configuration is. */
function withKeys(store: Store, first: PrefixedTransformer, ...others: PrefixedTransformer[]): Store {
  return encryptedStore(store, {
    resourceOf: (path) => (path.startsWith('/secrets/') ? 'secrets' : 'others'),
    transformers: resourceTransformers([{ resources: ['secrets'], transformers: [first, ...others] }]),
    clock: new FakeClock(),
  });
}

function everything(store: Store, first: PrefixedTransformer): Store {
  const transformers = resourceTransformers([{ resources: ['*.*'], transformers: [first] }]);
  return encryptedStore(store, { resourceOf: () => 'things', transformers, clock: new FakeClock() });
}

storeSuite('SqliteStore, encrypted by aescbc,', async () =>
  everything(await openSqliteStore({ path: sqliteFile() }), {
    prefix: 'k8s:enc:aescbc:v1:k:',
    transformer: aesCbc(key(1)),
  }),
);

describe('etcd', () => {
  let etcd: EtcdCluster;
  let prefixes = 0;
  beforeAll(async () => {
    etcd = await startEtcd({ version: '3.5' });
  }, 60_000);
  afterAll(() => etcd[Symbol.asyncDispose]());
  storeSuite('the store in it, encrypted by secretbox,', async () => {
    const [endpoints, prefix] = [etcd.endpoints, `/test-${++prefixes}`];
    const store = openEtcdStore({ endpoints, prefix, clock: systemClock, log: silentLogger });
    return everything(store, { prefix: 'k8s:enc:secretbox:v1:k:', transformer: secretbox(key(1)) });
  });
});

test('values lie encrypted in the other store, under the same keys and revisions, and others plain', async () => {
  await using plain = new MemoryStore();
  const store = withKeys(plain, gcm('key1', 1));
  await store.create('/secrets/a', bytes('a secret'));
  await store.create('/others/a', bytes('no secret'));
  expect(text((await plain.get('/secrets/a'))?.value)).toMatch(/^k8s:enc:aesgcm:v1:key1:/);
  expect(text((await plain.get('/others/a'))?.value)).toBe('no secret');
  expect(await store.get('/secrets/a')).toMatchObject({ key: '/secrets/a', revision: 1 });
  expect((await store.list('')).items.map(({ value }) => text(value))).toEqual(['no secret', 'a secret']);
});

test("nothing of a secret is in SQLite's files, while they are open and after", async () => {
  const path = sqliteFile();
  const secret = 'hunter2-'.repeat(8);
  const traces = (): readonly string[] =>
    readdirSync(folder).filter((name) => join(folder, name).startsWith(path) && holds(join(folder, name), secret));
  {
    await using store = withKeys(await openSqliteStore({ path }), gcm('key1', 1));
    const revision = await store.create('/secrets/a', bytes(`{"data":"${secret}"}`));
    await store.update('/secrets/a', bytes(`{"data":"${secret}","more":"${secret}"}`), revision);
    await store.create('/secrets/b', bytes(secret));
    await store.delete('/secrets/b');
    expect(traces()).toEqual([]);
    await store.create('/others/a', bytes(secret));
    expect(traces(), 'the search finds what is there').not.toEqual([]);
    await store.delete('/others/a');
  }
  await using store = withKeys(await openSqliteStore({ path }), gcm('key1', 1));
  expect(text((await store.get('/secrets/a'))?.value)).toContain(secret);
});

function holds(path: string, secret: string): boolean {
  return readFileSync(path).includes(secret);
}

test('a key is rotated: added second, promoted, everything rewritten, the old one removed', async () => {
  await using plain = new MemoryStore();
  const [old, young] = [gcm('old', 1), gcm('young', 2)];
  await withKeys(plain, old).create('/secrets/a', bytes('1'));
  const both = withKeys(plain, old, young);
  expect(await both.isOutdated?.('/secrets/a')).toBe(false);
  const promoted = withKeys(plain, young, old);
  expect(await promoted.isOutdated?.('/secrets/a')).toBe(true);
  const found = await promoted.get('/secrets/a');
  await promoted.update('/secrets/a', found!.value, found!.revision);
  expect(await promoted.isOutdated?.('/secrets/a')).toBe(false);
  expect(text((await withKeys(plain, young).get('/secrets/a'))?.value)).toBe('1');
  await expect(withKeys(plain, old).get('/secrets/a')).rejects.toThrow('no matching prefix found');
});

test('what is not encrypted, or not there, is never outdated; what is no longer to be encrypted is', async () => {
  await using plain = new MemoryStore();
  const store = withKeys(plain, gcm('key1', 1));
  await store.create('/others/a', bytes('1'));
  await store.create('/secrets/a', bytes('1'));
  expect(await store.isOutdated?.('/others/a')).toBe(false);
  expect(await store.isOutdated?.('/secrets/none')).toBe(false);
  const decrypting = withKeys(plain, { prefix: '', transformer: identity }, gcm('key1', 1));
  expect(await decrypting.isOutdated?.('/secrets/a')).toBe(true);
});

test('a value that nobody has the key of is an error that names it and its provider', async () => {
  await using plain = new MemoryStore();
  await withKeys(plain, gcm('lost', 1)).create('/secrets/a', bytes('1'));
  const store = withKeys(plain, gcm('key1', 1));
  const failure = {
    kind: 'corrupt',
    message:
      'unable to transform key "/secrets/a": no matching prefix found; it is encrypted by k8s:enc:aesgcm:v1:lost:',
  };
  await expect(store.get('/secrets/a')).rejects.toMatchObject(failure);
  await expect(store.list('')).rejects.toMatchObject(failure);
  await expect(store.isOutdated?.('/secrets/a')).rejects.toMatchObject(failure);
  const heard = Promise.withResolvers<StoreError>();
  store.watch({ prefix: '', after: 0 }, { events: () => undefined, failed: heard.resolve });
  expect(await heard.promise).toMatchObject(failure);
});

test('what belongs to no resource is left as it is', async () => {
  await using plain = new MemoryStore();
  const transformers = resourceTransformers([{ resources: ['*.*'], transformers: [gcm('key1', 1)] }]);
  const store = encryptedStore(plain, { resourceOf: () => undefined, transformers, clock: new FakeClock() });
  await store.create('/own', bytes('k8s:enc:of another kind'));
  expect(text((await plain.get('/own'))?.value)).toBe('k8s:enc:of another kind');
  expect(text((await store.get('/own'))?.value)).toBe('k8s:enc:of another kind');
  expect(await store.isOutdated?.('/own')).toBe(false);
});

test('a store without rules refuses encrypted values', async () => {
  await using plain = new MemoryStore();
  await withKeys(plain, gcm('key1', 1)).create('/secrets/a', bytes('1'));
  const transformers = resourceTransformers([]);
  const store = encryptedStore(plain, { resourceOf: () => 'secrets', transformers, clock: new FakeClock() });
  await expect(store.get('/secrets/a')).rejects.toThrow(
    'unable to transform key "/secrets/a": identity transformer tried to read encrypted data; it is encrypted by k8s:enc:aesgcm:v1:key1:',
  );
});

test('a value that stands plain where it must not says so', async () => {
  await using plain = new MemoryStore();
  await plain.create('/secrets/a', bytes('{}'));
  await expect(withKeys(plain, gcm('key1', 1)).get('/secrets/a')).rejects.toThrow(
    'unable to transform key "/secrets/a": no matching prefix found; it is not encrypted',
  );
});

test('a value that was moved to another key is refused', async () => {
  await using plain = new MemoryStore();
  const store = withKeys(plain, gcm('key1', 1));
  await store.create('/secrets/a', bytes('1'));
  await plain.create('/secrets/b', (await plain.get('/secrets/a'))!.value);
  await expect(store.get('/secrets/b')).rejects.toThrow('message authentication failed');
});

/** Needs its key asked for, as often as it fails, before it can read. */
function asking(outcomes: ('gone' | 'there')[]): PrefixedTransformer {
  const inner = aesGcm(key(3));
  return {
    prefix: 'k8s:enc:kms:v2:far:',
    transformer: {
      seal: (value, path) => inner.seal(value, path),
      async open(stored, path) {
        await Promise.resolve();
        if (outcomes.shift() === 'gone') throw new TransformError('nobody answers', { isTransient: true });
        return inner.open(stored, path);
      },
    },
  };
}

test('a watch that must wait for a key hears of everything in order, and before the writer does', async () => {
  await using plain = new MemoryStore();
  await withKeys(plain, asking([])).create('/secrets/foreign', bytes('foreign'));
  const store = withKeys(plain, asking([]));
  const heard: StoreEvent[] = [];
  const progress: number[] = [];
  using _watch = store.watch(
    { prefix: '', after: 0 },
    { events: (batch) => heard.push(...batch), progress: (at) => progress.push(at), failed: unexpected },
  );
  await store.create('/others/a', bytes('own'));
  expect(heard.map(({ value }) => text(value))).toEqual(['foreign', 'own']);
});

test('a watch waits until a key can be had again, and then misses nothing', async () => {
  await using plain = new MemoryStore();
  const clock = new FakeClock();
  const far = asking(['gone', 'gone', 'there']);
  const transformers = resourceTransformers([{ resources: ['secrets'], transformers: [far] }]);
  const store = encryptedStore(plain, {
    resourceOf: (path) => (path.startsWith('/secrets/') ? 'secrets' : 'others'),
    transformers,
    clock,
  });
  const heard: StoreEvent[] = [];
  using _watch = store.watch({ prefix: '', after: 0 }, { events: (batch) => heard.push(...batch), failed: unexpected });
  await withKeys(plain, asking([])).create('/secrets/foreign', bytes('foreign'));
  await store.create('/others/a', bytes('own'));
  expect(heard).toEqual([]);
  await expect.poll(() => clock.nextTimer).toBe(1000);
  await clock.advance(1000);
  expect(heard).toEqual([]);
  await expect.poll(() => clock.nextTimer).toBe(1000);
  await clock.advance(1000);
  await expect.poll(() => heard.map(({ value }) => text(value))).toEqual(['foreign', 'own']);
});

test('a watch that is disposed while it waits for a key stays silent', async () => {
  await using plain = new MemoryStore();
  await withKeys(plain, asking([])).create('/secrets/foreign', bytes('foreign'));
  const store = withKeys(plain, asking(['there']));
  const watch = store.watch({ prefix: '', after: 0 }, { events: unexpected, failed: unexpected });
  await new Promise<void>((resolve) => queueMicrotask(resolve));
  watch[Symbol.dispose]();
  await store.create('/others/a', bytes('own'));
  expect(text((await store.get('/secrets/foreign'))?.value)).toBe('foreign');
});

test('what this process has written it does not decrypt for its watches', async () => {
  await using plain = new MemoryStore();
  const store = withKeys(plain, asking(['gone', 'gone', 'gone']));
  const heard: StoreEvent[] = [];
  using _watch = store.watch({ prefix: '', after: 0 }, { events: (batch) => heard.push(...batch), failed: unexpected });
  await store.create('/secrets/a', bytes('own'));
  expect(heard.map(({ value }) => text(value))).toEqual(['own']);
});

test('a list with a value that nobody can read fails once, whatever else it waits for', async () => {
  await using plain = new MemoryStore();
  await withKeys(plain, asking([])).create('/secrets/a', bytes('1'));
  await withKeys(plain, gcm('lost', 1)).create('/secrets/b', bytes('1'));
  await expect(withKeys(plain, asking(['gone'])).list('')).rejects.toMatchObject({ kind: 'corrupt' });
});

function unexpected(): never {
  throw new Error('unexpected');
}
