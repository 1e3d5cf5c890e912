import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { describeSqliteError } from './sqlite-error.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { storeSuite } from './store.testsuite.ts';

const directories: string[] = [];
const temporary = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-store-'));
  directories.push(directory);
  return directory;
};

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

storeSuite('SqliteStore', () => openSqliteStore({ path: join(temporary(), 'state.db') }));

const bytes = new TextEncoder().encode('value');

describe('SqliteStore', () => {
  test('keeps values and revisions over a restart, also when the newest revision was compacted', async () => {
    const path = join(temporary(), 'state.db');
    {
      await using store = await openSqliteStore({ path });
      await store.create('a', bytes);
      await store.create('b', bytes);
      await store.delete('b');
      await store.compact(3);
    }
    await using store = await openSqliteStore({ path });
    expect(await store.revision()).toBe(3);
    expect((await store.list('')).items.map(({ key, revision }) => [key, revision])).toEqual([['a', 1]]);
    expect(await store.create('c', bytes)).toBe(4);
  });

  test('refuses a second process on the same file and says why', async () => {
    const path = join(temporary(), 'state.db');
    await using _store = await openSqliteStore({ path });
    await expect(openSqliteStore({ path })).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringContaining('another'),
    });
  });

  test('says so when the file is not a database, or its directory is missing', async () => {
    const path = join(temporary(), 'state.db');
    writeFileSync(path, 'this is not a database, it is a text of more than a few bytes'.repeat(100));
    chmodSync(path, 0o600);
    await expect(openSqliteStore({ path })).rejects.toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining(path),
    });
    const missing = join(temporary(), 'no', 'state.db');
    await expect(openSqliteStore({ path: missing })).rejects.toMatchObject({
      message: expect.stringContaining('directory exist'),
    });
  });

  test('a full or read-only disk is named as such', () => {
    expect(describeSqliteError({ errcode: 13 }, '/x').kind).toBe('full');
    expect(describeSqliteError({ errcode: 8 | (6 << 8) }, '/x').kind).toBe('readonly');
  });

  test('after a close, requests fail instead of hanging', async () => {
    const store = await openSqliteStore({ path: join(temporary(), 'state.db') });
    await store[Symbol.asyncDispose]();
    await expect(store.create('a', bytes)).rejects.toMatchObject({ kind: 'unavailable' });
    await store[Symbol.asyncDispose]();
  });

  test('kill -9 loses no acknowledged write and no revision is used twice', async () => {
    const path = join(temporary(), 'state.db');
    const acknowledged = new Map<number, string>();
    for (const [run, writes] of [40, 150, 300].entries()) {
      for (const [revision, key] of await writeUntilKilled({ path, run, writes })) {
        expect(acknowledged.has(revision)).toBe(false);
        acknowledged.set(revision, key);
      }
    }
    await using store = await openSqliteStore({ path });
    const present = new Map((await store.list('')).items.map(({ key, revision }) => [key, revision]));
    const deleted = new Set([...acknowledged.values()].filter((key) => key.startsWith('-')).map((key) => key.slice(1)));
    for (const [revision, key] of acknowledged) {
      if (key.startsWith('-')) expect(present.has(key.slice(1))).toBe(false);
      // A delete may have been committed just before the kill without its acknowledgement having been printed.
      else if (!deleted.has(key) && Number(key.split('/').at(-1)) % 3 !== 0) expect(present.get(key)).toBe(revision);
    }
    expect(await store.create('next', bytes)).toBeGreaterThan(Math.max(...acknowledged.keys()));
  });
});

async function writeUntilKilled(options: { path: string; run: number; writes: number }): Promise<[number, string][]> {
  const script = fileURLToPath(new URL('./testing/crash-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [script, options.path, String(options.run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('close', resolve));
  const seen: [number, string][] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const match = /^(\d+) (\S+)$/.exec(line);
    if (match) seen.push([Number(match[1]), match[2]!]);
    if (seen.length === options.writes) child.kill('SIGKILL');
  }
  await exited;
  return seen;
}
