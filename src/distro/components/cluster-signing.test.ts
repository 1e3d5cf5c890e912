import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signerNames } from '../../controllers/certificates/signer-names.ts';
import { signingOptions } from './cluster-signing.ts';
import type { ClusterSigningFlags } from './cluster-signing.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kubets-signing-'));
  for (const name of ['a.crt', 'a.key', 'b.crt', 'b.key']) writeFileSync(join(directory, name), name);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const options = (files: Readonly<Record<string, string>>) => {
  const given = Object.entries(files).map(([name, path]) => [`cluster-signing-${name}-file`, join(directory, path)]);
  const flags = { 'cluster-signing-duration': 1000, ...Object.fromEntries(given) } as unknown as ClusterSigningFlags;
  return signingOptions(flags);
};

test('one authority signs for all signers, as it is at the moment', () => {
  const signing = options({ cert: 'a.crt', key: 'a.key' });
  expect(signing?.lifetime).toBe(1000);
  for (const signer of Object.values(signerNames))
    expect(signing?.authority(signer)).toEqual({ certificate: 'a.crt', key: 'a.key' });
  expect(signing?.authority('kubets.io/kube-proxy-client')).toBeUndefined();
  writeFileSync(join(directory, 'a.crt'), 'new');
  expect(signing?.authority(signerNames.kubeletServing)?.certificate).toBe('new');
});

test('a signer may have its own, and then others have none', () => {
  const signing = options({ 'kubelet-serving-cert': 'b.crt', 'kubelet-serving-key': 'b.key' });
  expect(signing?.authority(signerNames.kubeletServing)).toEqual({ certificate: 'b.crt', key: 'b.key' });
  expect(signing?.authority(signerNames.kubeletClient)).toBeUndefined();
});

test('without an authority nobody signs', () => {
  expect(options({})).toBeUndefined();
});

test.each([
  [{ cert: 'a.crt' }, '"cluster-signing": cannot specify cert without key'],
  [{ 'kubelet-client-key': 'a.key' }, '"cluster-signing-kubelet-client": cannot specify key without cert'],
  [
    { cert: 'a.crt', key: 'a.key', 'legacy-unknown-cert': 'b.crt', 'legacy-unknown-key': 'b.key' },
    'cannot specify --cluster-signing-{cert,key}-file and other --cluster-signing-*-file flags at the same time',
  ],
  [{ cert: 'none.crt', key: 'a.key' }, /--cluster-signing-cert-file can't be read/],
])('%j is refused', (files, message) => {
  expect(() => options(files)).toThrow(message);
});
