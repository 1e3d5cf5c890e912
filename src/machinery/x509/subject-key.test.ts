import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { isSameKey } from './subject-key.ts';

test('keys are compared, of whatever types, without harm to what is read next', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  const pem = ec.privateKey.export({ type: 'pkcs8', format: 'pem' });
  expect(isSameKey(ec.publicKey, createPublicKey(pem))).toBe(true);
  expect(isSameKey(ec.publicKey, generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)).toBe(false);
  expect(isSameKey(ec.publicKey, ed.publicKey)).toBe(false);
  expect(createPrivateKey(pem).asymmetricKeyType).toBe('ec');
});
