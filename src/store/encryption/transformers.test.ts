import { expect, test } from 'vitest';
import { aesCbc } from './aes-cbc.ts';
import { aesGcm, extendedNonceGcm } from './aes-gcm.ts';
import { identity } from './identity.ts';
import { prefixed } from './prefixed.ts';
import { secretbox } from './secretbox.ts';
import type { OpenedValue, ValueTransformer } from './value-transformer.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const ascending = (length: number, first = 1): Buffer => Buffer.from(Array.from({ length }, (_, i) => first + i));
const sealed = (transformer: ValueTransformer, value: string, path = '/registry/secrets/a/b'): Buffer =>
  Buffer.concat(transformer.seal(Buffer.from(value), path));

async function opened(transformer: ValueTransformer, stored: Uint8Array, path = '/registry/secrets/a/b') {
  const { value, isStale }: OpenedValue = await transformer.open(stored, path);
  return { text: Buffer.from(value).toString(), isStale };
}

test('aesgcm reads what upstream has written', async () => {
  const stored = hex('9f27c8fcea8a58c467d8e437dbf2d85955f9b4bd912f4ef967d788a0cb07797dac0a3f0a0845605ca85ac8562b4ae1');
  const transformer = aesGcm(Buffer.from('snorlax_awesomes'));
  expect((await opened(transformer, stored, 'bamboo')).text).toBe('pandas are the best');
});

test('the extended nonce reads what upstream has written', async () => {
  const transformer = extendedNonceGcm(hex('5d40323a820ff95561675e3b95e81867c5fdd561d35a88a2d08b08aa9d4fcf5c'));
  const stored = hex(
    '2442759e33945fbad709db577a0f037fd8a709fc76979b8942209debcecb9d57efe3d6ff6a1ef6ee9a5003b9833b3043cec1e47b35175b151107a8d2416b0e296bbf66b5d102fcefdf9a78f293d271',
  );
  expect((await opened(transformer, stored, 'bamboo')).text).toBe('pandas are the best');
});

test.each([
  [16, 'pandas are the b', 'a75286c7167e95476b01e5b07e1b6be7df148edef5333298f2c0f7a2d9903741'],
  [24, 'pandas', 'd2882c3cdfa910566be13be8ca3b6b9e'],
  [32, 'pandas are the best', 'ea2d4ee58714e5dbb61e56ce2b8ca2967c25fc2c90bd5073569a4121b0674c4d'],
])('aescbc with a key of %i bytes reads what openssl has written', async (length, text, ciphertext) => {
  const stored = Buffer.concat([ascending(16, 16), hex(ciphertext)]);
  expect((await opened(aesCbc(ascending(length)), stored)).text).toBe(text);
});

test('secretbox reads the example of the NaCl paper', async () => {
  const stored = hex(
    '69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5',
  );
  const transformer = secretbox(hex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389'));
  const { value } = await transformer.open(stored, 'anywhere');
  expect(Buffer.from(value).toString('hex')).toBe(
    'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705',
  );
});

/** Bytes that a scheme adds to a value of 1000 bytes. */
const schemes: readonly (readonly [name: string, transformer: ValueTransformer, added: number])[] = [
  ['aescbc', aesCbc(ascending(32)), 16 + 8],
  ['aesgcm', aesGcm(ascending(24)), 12 + 16],
  ['secretbox', secretbox(ascending(32)), 24 + 16],
  ['the extended nonce', extendedNonceGcm(ascending(32)), 32 + 12 + 16],
];

test.each(schemes)('%s gives back values of every length, from any place in memory', async (_, transformer, added) => {
  for (const length of [0, 1, 15, 16, 17, 1000]) {
    const text = 'x'.repeat(length);
    const moved = Buffer.concat([Buffer.from('?'), sealed(transformer, text)]).subarray(1);
    expect(await opened(transformer, moved)).toEqual({ text, isStale: false });
  }
  expect(sealed(transformer, 'x'.repeat(1000))).toHaveLength(1000 + added);
  expect(sealed(transformer, 'a').equals(sealed(transformer, 'a'))).toBe(false);
});

test.each(schemes)('%s refuses values that were cut off', async (_, transformer) => {
  const stored = sealed(transformer, 'a secret');
  for (const length of [0, 11, 15, 23, stored.length - 1])
    expect(() => transformer.open(stored.subarray(0, length), '/registry/secrets/a/b')).toThrow();
});

test.each(schemes.slice(1))('%s refuses values that were changed', async (_, transformer) => {
  const stored = sealed(transformer, 'a secret');
  for (const at of [0, stored.length >> 1, stored.length - 1]) {
    const changed = Buffer.from(stored);
    changed[at]! ^= 1;
    expect(() => transformer.open(changed, '/registry/secrets/a/b')).toThrow('message authentication failed');
  }
});

test('only schemes on AES-GCM know where a value belongs', async () => {
  for (const [name, transformer] of schemes) {
    const open = async () => opened(transformer, sealed(transformer, 'a secret', '/here'), '/there');
    if (name === 'aescbc' || name === 'secretbox') expect((await open()).text).toBe('a secret');
    else await expect(open()).rejects.toThrow('message authentication failed');
  }
});

test('identity writes plain text and refuses encrypted values', async () => {
  expect(sealed(identity, '{}').toString()).toBe('{}');
  expect((await opened(identity, Buffer.from('k8s\0…'))).text).toBe('k8s\0…');
  expect(() => identity.open(Buffer.from('k8s:enc:aescbc:v1:key1:…'), '/')).toThrow(
    'identity transformer tried to read encrypted data',
  );
});

test('the first transformer writes, the others read, and what they read is stale', async () => {
  const [first, second] = [
    { prefix: 'one:', transformer: aesGcm(ascending(32, 1)) },
    { prefix: 'two:', transformer: aesGcm(ascending(32, 2)) },
  ];
  const before = prefixed([first, second], 'none');
  const after = prefixed([second, first], 'none');
  const stored = sealed(before, 'a secret');
  expect(stored.subarray(0, 4).toString()).toBe('one:');
  expect(await opened(before, stored)).toEqual({ text: 'a secret', isStale: false });
  expect(await opened(after, stored)).toEqual({ text: 'a secret', isStale: true });
});

test('of several transformers with one prefix, the one with the right key is found', async () => {
  const wrong = { prefix: 'k:', transformer: aesGcm(ascending(32, 1)) };
  const right = { prefix: 'k:', transformer: aesGcm(ascending(32, 2)) };
  const stored = sealed(prefixed([right], 'none'), 'a secret');
  expect(await opened(prefixed([wrong, right], 'none'), stored)).toEqual({ text: 'a secret', isStale: true });
  expect(() => prefixed([wrong], 'none').open(stored, '/registry/secrets/a/b')).toThrow(
    'message authentication failed',
  );
});

test('identity in front lets the others read what is encrypted, and is not blamed for what they could not', async () => {
  const key = { prefix: 'k8s:enc:aesgcm:v1:', transformer: aesGcm(ascending(32)) };
  const plain = { prefix: '', transformer: identity };
  const stored = sealed(prefixed([key], 'none'), 'a secret');
  expect(await opened(prefixed([plain, key], 'none'), stored)).toEqual({ text: 'a secret', isStale: true });
  expect(await opened(prefixed([key, plain], 'none'), Buffer.from('{}'))).toEqual({ text: '{}', isStale: true });
  expect(() => prefixed([plain], 'no matching prefix found').open(stored, '/')).toThrow('no matching prefix found');
  expect(() => prefixed([key], 'no matching prefix found').open(Buffer.from('{}'), '/')).toThrow(
    'no matching prefix found',
  );
});

test('a transformer that must ask somebody is waited for, and the next one tried after it', async () => {
  const late: ValueTransformer = { ...identity, open: () => Promise.reject(new Error('nobody there')) };
  const key = { prefix: 'k:', transformer: aesGcm(ascending(32)) };
  const stored = sealed(prefixed([key], 'none'), 'a secret');
  const both = prefixed([{ prefix: 'k:', transformer: late }, key], 'none');
  expect(await opened(both, stored)).toEqual({ text: 'a secret', isStale: true });
  const failing = prefixed([{ prefix: 'k:', transformer: late }], 'none');
  await expect(opened(failing, stored)).rejects.toThrow('nobody there');
});
