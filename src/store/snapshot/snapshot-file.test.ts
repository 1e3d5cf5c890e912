import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryStore } from '../memory-store.ts';
import { StoreError } from '../store.ts';
import { openSnapshot, snapshotStatus, writeSnapshotFile } from './snapshot-file.ts';
import type { SnapshotRecord } from './snapshot-format.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot-stream.ts';
import type { SnapshotSource } from './snapshot-stream.ts';
import { ContentsDigest } from './snapshot-target.ts';
import { readStore } from './store-source.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const origin = { time: '2026-11-23T04:00:00Z', store: 'memory:', writer: 'test' };
let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'kubets-snapshot-'))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function sample(count: number): Promise<MemoryStore> {
  const store = new MemoryStore();
  const value = (i: number): Uint8Array =>
    bytes(JSON.stringify({ metadata: { name: `object-${i}`, uid: 'u'.repeat(i % 50) } }));
  for (let i = 0; i < count; i++) await store.create(`/registry/configmaps/default/é-${i}`, value(i));
  return store;
}

async function all(source: SnapshotSource): Promise<SnapshotRecord[]> {
  const records: SnapshotRecord[] = [];
  for await (const batch of source.records()) records.push(...batch);
  return records;
}

async function collected(source: SnapshotSource): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(encodeSnapshot(source)));
}

const inChunks = (whole: Buffer, size: number): AsyncIterable<Uint8Array> =>
  (async function* () {
    for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
  })();

test('a snapshot holds every value with its revision, over many pages, large and empty ones too', async () => {
  await using store = await sample(2_500);
  await store.create('/registry/secrets/default/large', randomBytes(1_500_000));
  await store.create('/registry/secrets/default/empty', new Uint8Array());
  const path = join(directory, 'whole');
  const status = await writeSnapshotFile(path, encodeSnapshot(await readStore(store, origin)));
  expect(status).toMatchObject({ ...origin, count: 2_502, revision: 2_502, format: 1 });
  expect(status.fileSize).toBe(statSync(path).size);
  const records = await all(await openSnapshot(path));
  const { items } = await store.list('');
  expect(records.map(({ key, revision }) => [key, revision])).toEqual(
    items.map(({ key, revision }) => [key, revision]),
  );
  const [read, kept] = [new ContentsDigest(), new ContentsDigest()];
  read.add(records);
  kept.add(items);
  expect(read.contents).toEqual(kept.contents);
});

test('what is written while a snapshot is taken is not in it, and what is deleted meanwhile is', async () => {
  await using store = await sample(2_000);
  const source = await readStore(store, origin);
  await store.create('/registry/zz', bytes('late'));
  const keys: string[] = [];
  for await (const batch of source.records()) {
    keys.push(...batch.map(({ key }) => key));
    if (keys.length === 1_000)
      for (const key of (await store.list('')).items.map((item) => item.key)) await store.delete(key);
  }
  expect(keys).toHaveLength(2_000);
  expect(keys).not.toContain('/registry/zz');
});

test('what a value has left to live is kept', async () => {
  const source = {
    header: { revision: 9, ...origin },
    async *records() {
      yield [
        { key: 'a', value: bytes('1'), revision: 3, ttl: 3_599 },
        { key: 'b', value: bytes('2'), revision: 4 },
      ];
    },
  };
  const records = await all(await decodeSnapshot(inChunks(await collected(source), 1)));
  expect(records.map(({ ttl }) => ttl)).toEqual([3_599, undefined]);
});

test('the UID of kube-system names the cluster, unless nobody can read it', async () => {
  await using store = new MemoryStore();
  const kubeSystem = '/registry/namespaces/kube-system';
  await store.create(kubeSystem, bytes('k8s:enc:aescbc:v1:…'));
  expect((await readStore(store, origin)).header.cluster).toBeUndefined();
  await store.update(kubeSystem, bytes('{"metadata":{"uid":"4711"}}'), 1);
  expect((await readStore(store, origin)).header.cluster).toBe('4711');
});

describe('what is damaged is refused:', () => {
  let whole: Buffer;
  beforeAll(async () => {
    await using store = await sample(40);
    whole = await collected(await readStore(store, origin));
  });
  const statusOf = async (contents: Uint8Array): Promise<unknown> => {
    const path = join(directory, 'damaged');
    writeFileSync(path, contents);
    return snapshotStatus(path);
  };
  const rewritten = (change: (plain: Buffer) => Buffer): Buffer => {
    const line = whole.indexOf('\n') + 1;
    return Buffer.concat([whole.subarray(0, line), gzipSync(change(gunzipSync(whole.subarray(line))))]);
  };

  test('of every single flipped bit, either it is told, or nothing that is read differs', async () => {
    const expected = new ContentsDigest();
    expected.add(await all(await decodeSnapshot(inChunks(whole, 1_000))));
    let refused = 0;
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1 << (at % 8);
      const digest = new ContentsDigest();
      try {
        digest.add(await all(await decodeSnapshot(inChunks(changed, 1_000))));
        expect(digest.contents, `byte ${at}`).toEqual(expected.contents);
      } catch (error) {
        expect(error, `byte ${at}`).toMatchObject({ name: 'SnapshotError' });
        refused++;
      }
    }
    // The few that are not refused say when gzip was run, and on what.
    expect(refused).toBeGreaterThan(whole.length - 10);
  });

  test('a flipped byte of a value that the compression does not notice', async () => {
    const damage = rewritten((plain) => {
      plain[plain.length - 100]! ^= 1;
      return plain;
    });
    await expect(statusOf(damage)).rejects.toThrow(
      /damaged can't be used: it is damaged: its checksum is not that of its contents; use another one$/,
    );
  });

  test('a file that ends too early, wherever', async () => {
    for (const end of [1, 10, 17, 18, 19, 40, whole.length >> 1, whole.length - 9, whole.length - 1]) {
      await expect(statusOf(whole.subarray(0, end)), `${end} bytes`).rejects.toThrow(
        "can't be used: it is incomplete: it ends before its checksum; use another one",
      );
    }
    await expect(statusOf(rewritten((plain) => plain.subarray(0, -41)))).rejects.toThrow('it is incomplete');
  });

  test('an empty file, another kind of file, none', async () => {
    await expect(statusOf(Buffer.alloc(0))).rejects.toThrow("can't be used: it is empty");
    for (const other of [
      'SQLite format 3\0and so on and on',
      'kubets',
      '#!/bin/sh\n',
      'kubets snapshot x\n',
      'kubets snapshot 1234567890123\n',
    ]) {
      const text = other === 'kubets' ? 'kubets snapshot' : other;
      await expect(statusOf(Buffer.from(text)), text).rejects.toThrow(
        text.startsWith('kubets snapshot') && !/[x\d]/.test(text)
          ? 'it is incomplete'
          : 'it is not a snapshot of kubets',
      );
    }
    await expect(snapshotStatus(join(directory, 'nothing'))).rejects.toThrow(/nothing does not exist$/);
  });

  test('a newer format', async () => {
    const newer = Buffer.from(whole.toString('latin1').replace('snapshot 1', 'snapshot 2'), 'latin1');
    await expect(statusOf(newer)).rejects.toThrow(
      'it has format 2, written by a newer kubets; this one reads formats up to 1',
    );
  });

  test('a wrong count, lengths that can not be, something behind the end', async () => {
    const strange = (change: (plain: Buffer) => void) => rewritten((plain) => (change(plain), plain));
    const records = (plain: Buffer): number => 4 + plain.readUInt32BE(0);
    await expect(statusOf(strange((plain) => plain.writeUInt32BE(1 << 30, records(plain) + 5)))).rejects.toThrow(
      'value 1 is longer than any can be',
    );
    await expect(statusOf(strange((plain) => plain.writeUInt8(7, records(plain))))).rejects.toThrow(
      'after 0 values, something unknown follows',
    );
    await expect(statusOf(strange((plain) => plain.writeUInt8(9, 4)))).rejects.toThrow('its header can not be read');
    await expect(statusOf(rewritten((plain) => Buffer.concat([plain, plain])))).rejects.toThrow(
      'something follows its end',
    );
  });
});

test('a snapshot that fails on the way leaves no file, and none that exists is replaced', async () => {
  const folder = join(directory, 'failing');
  await using store = await sample(2_000);
  const failing = {
    header: { revision: 2_000, ...origin },
    async *records() {
      yield (await store.list('', { limit: 1_000 })).items;
      throw new StoreError('compacted', 'revision 2000 has been compacted');
    },
  };
  const path = join(folder, 'snapshot');
  await expect(writeSnapshotFile(path, encodeSnapshot(failing))).rejects.toMatchObject({ kind: 'compacted' });
  expect(readdirSync(folder)).toEqual([]);
  const short = inChunks((await collected(await readStore(store, origin))).subarray(0, -5), 1_000);
  await expect(writeSnapshotFile(path, short)).rejects.toThrow(`${path} can't be used: it is incomplete`);
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(path, 'precious');
  await expect(writeSnapshotFile(path, encodeSnapshot(await readStore(store, origin)))).rejects.toThrow(
    `${path} exists: name another file`,
  );
  expect(readFileSync(path, 'utf8')).toBe('precious');
  expect(readdirSync(folder)).toEqual(['snapshot']);
});

test('only the owner may read a snapshot, whatever the umask', async () => {
  const path = join(directory, 'deep', 'snapshot');
  const before = process.umask(0);
  try {
    await using store = await sample(1);
    await writeSnapshotFile(path, encodeSnapshot(await readStore(store, origin)));
  } finally {
    process.umask(before);
  }
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, 'deep')).mode & 0o777).toBe(0o700);
});
