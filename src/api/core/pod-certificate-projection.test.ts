import { expect, test } from 'vitest';
import { problems } from '../testing/kind-problems.ts';
import { Pod } from './pod.ts';

const at = 'spec.volumes[0].projected.sources[0]';
const own = `${at}.podCertificate`;
const plain = { signerName: 'example.com/signer', keyType: 'ED25519', credentialBundlePath: 'bundle.pem' };

function said(...certificates: readonly object[]): string[] {
  const sources = certificates.map((podCertificate) => ({ podCertificate }));
  const volumes = [{ name: 'v', projected: { sources } }];
  return problems(Pod, { spec: { containers: [{ name: 'c', image: 'i' }], volumes } });
}

test.each<[string, object, string[]]>([
  ['in one file is fine', {}, []],
  ['in two files is fine', { credentialBundlePath: '', keyPath: 'key.pem', certificateChainPath: 'chain.pem' }, []],
  [
    'in no file',
    { credentialBundlePath: '' },
    [`${own}: Required value: specify at least one of credentialBundlePath, keyPath, and certificateChainPath`],
  ],
  ['without a signer', { signerName: '' }, [`${own}.signerName: Required value`]],
  [
    'of an unknown key',
    { keyType: 'RSA2048' },
    [
      `${own}.keyType: Unsupported value: "RSA2048": supported values: "RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"`,
    ],
  ],
  ['for an hour', { maxExpirationSeconds: 3600 }, []],
  [
    'for less than an hour',
    { maxExpirationSeconds: 3599 },
    [`${own}.maxExpirationSeconds: Invalid value: 3599: if provided, maxExpirationSeconds must be >= 3600`],
  ],
  ['for 91 days', { maxExpirationSeconds: 7_862_400 }, []],
  [
    'for more than 91 days',
    { maxExpirationSeconds: 7_862_401 },
    [`${own}.maxExpirationSeconds: Invalid value: 7862401: if provided, maxExpirationSeconds must be <= 7862400`],
  ],
  [
    "for more than a day of Kubernetes' own signers",
    { signerName: 'kubernetes.io/foo', maxExpirationSeconds: 86_401 },
    [`${own}.maxExpirationSeconds: Invalid value: 86401: if provided, maxExpirationSeconds must be <= 86400`],
  ],
  [
    'with an annotation of no domain',
    { userAnnotations: { a: 'b' } },
    [`${own}.userAnnotations: Invalid value: "a": must be a domain-prefixed key (such as "acme.io/foo")`],
  ],
  [
    'in a file elsewhere',
    { credentialBundlePath: '../x' },
    [`${own}.credentialBundlePath: Invalid value: "../x": must not contain '..'`],
  ],
  [
    'in the same file twice',
    { keyPath: 'bundle.pem' },
    [`${at}: Invalid value: "bundle.pem": conflicting duplicate paths`],
  ],
])('a certificate %s', (_, fields, expected) => {
  expect(said({ ...plain, ...fields })).toEqual(expected);
});

test('two certificates are in two files', () => {
  const second = 'spec.volumes[0].projected.sources[1]';
  expect(said(plain, plain)).toEqual([`${second}: Invalid value: "bundle.pem": conflicting duplicate paths`]);
});
