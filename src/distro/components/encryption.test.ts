import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { messageOf } from '../../base/errors.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { aesGcm } from '../../store/encryption/aes-gcm.ts';
import { KmsPluginProcess } from '../../store/encryption/testing/kms-plugin-process.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { encryptObjects, openEncryption } from './encryption.ts';
import type { Encryption } from './encryption.ts';
import { good, key, yaml } from './testing/encryption-yaml.ts';
import type { Rule } from './testing/encryption-yaml.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-encryption-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'encryption.yaml');

async function opened(text: string, clock = new FakeClock(), reloads = true): Promise<Encryption> {
  writeFileSync(path, text);
  const context = { clock, random: seededRandom(), log: silentLogger };
  return openEncryption({ path, reloads, signal: AbortSignal.timeout(60_000), ...context });
}

/** How a value begins as it is stored. */
function writtenBy({ transformers }: Encryption, resource = 'secrets'): string {
  const parts = transformers.of(resource).seal(Buffer.from('{}'), '/registry/secrets/a/b');
  return /^(k8s:enc:\w+:v\d:\w+:)?/.exec(Buffer.concat(parts).toString('latin1'))![0];
}

test('without a file nothing is encrypted, and encrypted values are refused', async () => {
  const context = { clock: new FakeClock(), random: seededRandom(), log: silentLogger };
  await using encryption = await openEncryption({
    path: undefined,
    reloads: false,
    signal: AbortSignal.abort(),
    ...context,
  });
  expect(writtenBy(encryption)).toBe('');
  expect(() => encryption.transformers.of('secrets').open(Buffer.from('k8s:enc:x'), '/')).toThrow('encrypted data');
});

test.each(['aescbc', 'aesgcm', 'secretbox'])('the first key of the first provider writes: %s', async (scheme) => {
  const provider = `${scheme}: {keys: [${key('key1')}, ${key('key2', 2)}]}`;
  await using encryption = await opened(yaml({ resources: ['secrets'], providers: [provider, 'identity: {}'] }));
  expect(writtenBy(encryption)).toBe(`k8s:enc:${scheme}:v1:key1:`);
  expect(writtenBy(encryption, 'configmaps')).toBe('');
});

test.each([
  [{ etcd: { servers: [], prefix: '/elsewhere' } }, '/elsewhere/secrets/default/a'],
  [{ etcd: { servers: [] } }, '/registry/secrets/default/a'],
  ['memory' as const, '/registry/secrets/default/a'],
])('values in %j are bound to their keys in etcd', async (location, bound) => {
  const clock = new FakeClock();
  const provider = `aesgcm: {keys: [${key('key1')}]}`;
  await using encryption = await opened(yaml({ resources: ['secrets'], providers: [provider] }), clock);
  await using plain = new MemoryStore();
  await encryptObjects(plain, { encryption, location, clock }).create('/registry/secrets/default/a', Buffer.from('{}'));
  const { value } = (await plain.get('/registry/secrets/default/a'))!;
  const stored = value.subarray('k8s:enc:aesgcm:v1:key1:'.length);
  const { value: read } = await aesGcm(Buffer.alloc(32, 1)).open(stored, bound);
  expect(Buffer.from(read).toString()).toBe('{}');
});

test('a rule that can never apply, and a file that can not be used, end the start', async () => {
  const rule = (resource: string): Rule => ({ resources: [resource], providers: good });
  await expect(opened(yaml(rule('*.'), rule('secrets')))).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining('resource "secrets" is masked by earlier rule "*."'),
  });
  await expect(opened('a: b')).rejects.toMatchObject({ name: 'UsageError' });
});

test('a changed file is taken up within a minute, one that can not be used is not', async () => {
  const clock = new FakeClock();
  const withKey = (name: string): string =>
    yaml({ resources: ['secrets'], providers: [`aescbc: {keys: [${key(name)}]}`] });
  await using encryption = await opened(withKey('one'), clock);
  writeFileSync(path, withKey('two'));
  expect(writtenBy(encryption)).toBe('k8s:enc:aescbc:v1:one:');
  await clock.advance(60_000);
  await expect.poll(() => writtenBy(encryption)).toBe('k8s:enc:aescbc:v1:two:');
  writeFileSync(path, 'a: b');
  await expect.poll(() => clock.nextTimer).toBe(60_000);
  await clock.advance(60_000);
  await expect.poll(() => clock.nextTimer).toBe(60_000);
  expect(writtenBy(encryption)).toBe('k8s:enc:aescbc:v1:two:');
  writeFileSync(path, withKey('three'));
  await clock.advance(60_000);
  await expect.poll(() => writtenBy(encryption)).toBe('k8s:enc:aescbc:v1:three:');
});

test('a change to a KMS plug-in waits until that is well', async () => {
  await using plugin = new KmsPluginProcess();
  await plugin.start();
  await plugin.tell({ healthz: 'not yet' });
  const clock = new FakeClock();
  await using encryption = await opened(yaml({ resources: ['secrets'], providers: good }), clock);
  const kms = `kms: {apiVersion: v2, name: far, endpoint: "${plugin.endpoint}", timeout: 300ms}`;
  writeFileSync(path, yaml({ resources: ['secrets'], providers: [kms, ...good] }));
  await clock.advance(60_000);
  await expect.poll(() => clock.nextTimer, { timeout: 5000 }).toBe(1000);
  expect(writtenBy(encryption)).toBe('k8s:enc:aescbc:v1:key1:');
  expect(() => encryption.healthChecks.forEach(({ check }) => check())).not.toThrow();
  await plugin.tell({ healthz: 'ok' });
  const written = async (): Promise<string> => {
    await clock.advance(1000);
    return writtenBy(encryption);
  };
  await expect.poll(written, { timeout: 5000 }).toBe('k8s:enc:kms:v2:far:');
  const health = async (): Promise<string> => {
    await clock.advance(1000);
    try {
      for (const { check } of encryption.healthChecks) check();
      return 'ok';
    } catch (error) {
      return messageOf(error);
    }
  };
  expect(await health()).toBe('ok');
  await plugin.kill();
  await expect.poll(health, { timeout: 5000 }).toContain('healthz check for KMS Provider far');
  await plugin.start();
  await expect.poll(health, { timeout: 10_000 }).toBe('ok');
});
