import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryStore } from '../../store/memory-store.ts';
import { UsageError, defaultConfig } from '../config/cluster-config.ts';
import { ensureAuthorities, pkiFiles } from '../pki/cluster-pki.ts';
import { retireAuthority, rotateAuthority } from '../pki/rotate-authority.ts';
import { createClusterToken } from './cluster-token.ts';
import { seal, unseal } from './sealed-text.ts';
import {
  followSharedFiles,
  readSharedFiles,
  settingsOf,
  shareData,
  shareFiles,
  withSettings,
  writeSharedFiles,
} from './shared-data.ts';
import type { SharedData, SharingOptions } from './shared-data.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'kubets-shared-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const settings = settingsOf(defaultConfig);
const dataOf = (name: string): SharedData => ({ settings, files: { 'ca.key': `the key of ${name}` } });
const machine = (name: string, token: string | undefined, own = token ?? 'made by itself'): SharingOptions => ({
  token,
  first: () => Promise.resolve({ data: dataOf(name), token: own }),
});
const token = createClusterToken();

test('what was sealed is read with the same token only, and lies there unreadable', () => {
  const bytes = seal('a secret', token);
  expect(bytes.toString()).not.toContain('secret');
  expect(unseal(bytes, token)).toBe('a secret');
  expect(unseal(bytes, createClusterToken())).toBeUndefined();
  const changed = JSON.parse(bytes.toString()) as { text: string; tag: string };
  const text = Buffer.from(changed.text, 'base64');
  text[0] = (text[0] ?? 0) ^ 1;
  expect(unseal(Buffer.from(JSON.stringify({ ...changed, text: text.toString('base64') })), token)).toBeUndefined();
  const tag = Buffer.from(changed.tag, 'base64').subarray(0, 4).toString('base64');
  expect(unseal(Buffer.from(JSON.stringify({ ...changed, tag })), token)).toBeUndefined();
});

test('of machines that start at once all get what the first of them brings', async () => {
  await using store = new MemoryStore();
  const shared = await Promise.all(['a', 'b', 'c'].map((name) => shareData(store, machine(name, token))));
  expect(new Set(shared.map(({ data }) => data.files['ca.key'])).size).toBe(1);
});

test('the first machine needs no token, the others need its', async () => {
  await using store = new MemoryStore();
  const first = await shareData(store, machine('a', undefined, token));
  expect(first.token).toBe(token);
  expect((await shareData(store, machine('b', token))).data).toEqual(first.data);
  await expect(shareData(store, machine('c', undefined))).rejects.toThrow(/there is a cluster in this etcd already/);
  await expect(shareData(store, machine('d', createClusterToken()))).rejects.toThrow(/not that of the cluster/);
});

test('a new encryption configuration reaches the others; none given leaves it as it is', async () => {
  await using store = new MemoryStore();
  await shareData(store, { ...machine('a', token), encryption: 'first' });
  await shareData(store, { ...machine('b', token), encryption: 'second' });
  expect((await shareData(store, machine('a', token))).data.encryption).toBe('second');
});

test('what a machine has encrypted by becomes that of all where they have none, and nobody makes one for them', async () => {
  await using store = new MemoryStore();
  await shareData(store, machine('a', token));
  expect((await shareData(store, machine('b', token))).data.encryption).toBeUndefined();
  await shareData(store, { ...machine('b', token), kept: 'that of b' });
  expect((await shareData(store, { ...machine('a', token), kept: 'another' })).data.encryption).toBe('that of b');
});

test('shared files are written where they are missing, and never over those of another cluster', async () => {
  const [one, two] = [join(directory, 'one'), join(directory, 'two')];
  await ensureAuthorities(one, 0);
  writeSharedFiles(two, readSharedFiles(one));
  expect(readFileSync(pkiFiles(two).ca.key, 'utf8')).toBe(readFileSync(pkiFiles(one).ca.key, 'utf8'));
  writeSharedFiles(two, readSharedFiles(one));
  const three = join(directory, 'three');
  await ensureAuthorities(three, 0);
  expect(() => writeSharedFiles(three, readSharedFiles(one))).toThrow(/ca.crt is of another cluster/);
});

test('an authority that one machine has replaced comes to the others, and so does its end', async () => {
  const [one, two] = [join(directory, 'one'), join(directory, 'two')];
  await ensureAuthorities(one, 0);
  await using store = new MemoryStore();
  await shareData(store, { token, first: async () => ({ data: { settings, files: readSharedFiles(one) }, token }) });
  expect(await followSharedFiles(store, token, two)).toBe(true);
  await rotateAuthority(one, 1_000_000);
  await shareFiles(store, token, readSharedFiles(one));
  expect(await followSharedFiles(store, token, two)).toBe(true);
  expect(readSharedFiles(two)).toEqual(readSharedFiles(one));
  expect(await followSharedFiles(store, token, two)).toBe(false);
  retireAuthority(one);
  await shareFiles(store, token, readSharedFiles(one));
  expect(await followSharedFiles(store, token, two)).toBe(true);
  expect(readSharedFiles(two)).toEqual(readSharedFiles(one));
  await expect(shareFiles(store, createClusterToken(), {})).rejects.toThrow(/not that of the cluster/);
});

test('settings of the cluster are taken where none were given and refuse others', () => {
  const cluster = { ...settings, serviceCIDR: '10.200.0.0/16' };
  expect(withSettings(defaultConfig, cluster).serviceCIDR).toBe('10.200.0.0/16');
  expect(withSettings({ ...defaultConfig, serviceCIDR: '10.200.0.0/16' }, cluster).serviceCIDR).toBe('10.200.0.0/16');
  expect(() => withSettings({ ...defaultConfig, serviceCIDR: '10.201.0.0/16' }, cluster)).toThrow(UsageError);
});
