import { describe, expect, test } from 'vitest';
import { createAuthority } from '../../machinery/x509/certificate-authority.ts';
import { cells, problems } from '../testing/kind-problems.ts';
import { ClusterTrustBundle, ClusterTrustBundleV1beta1 } from './cluster-trust-bundle.ts';
import { pemBlocks, pemText } from './pem-blocks.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const root = (await createAuthority('root', now)).certificate;
const signerName = 'example.com/roots';
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

function bundle(name: string, spec: object = {}, metadata: object = {}): object {
  return { metadata: { name, namespace: undefined, ...metadata }, spec: { trustBundle: root, ...spec } };
}

describe('a new trust bundle', () => {
  test.each<[string, object, string[]]>([
    ['of no signer is fine', bundle('roots'), []],
    ['of a signer is named after it', bundle('example.com:roots:v1', { signerName }), []],
    [
      'of no signer has no colon in its name',
      bundle('example.com:roots:v1'),
      [
        'metadata.name: Invalid value: "example.com:roots:v1": ClusterTrustBundle without signer name must not have ":" in its name',
      ],
    ],
    ['of no signer is named as a domain', bundle('Roots'), [`metadata.name: Invalid value: "Roots": ${subdomain}`]],
    [
      'of a signer is not named otherwise',
      bundle('roots', { signerName }),
      [
        'metadata.name: Invalid value: "roots": ClusterTrustBundle for signerName example.com/roots must be named with prefix example.com:roots:',
      ],
    ],
    [
      'of a signer has a name behind the signer’s',
      bundle('example.com:roots:', { signerName }),
      [`metadata.name: Invalid value: "example.com:roots:": ${subdomain}`],
    ],
    [
      'is not given a name that could not be',
      bundle('rootsxyz', {}, { generateName: 'Roots' }),
      [`metadata.generateName: Invalid value: "Roots": ${subdomain}`],
    ],
    [
      'is of a signer that could be',
      bundle('roots:v1', { signerName: 'roots' }),
      [
        'spec.signerName: Invalid value: "roots": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
      ],
    ],
  ])('%s', (_, object, expected) => {
    expect(problems(ClusterTrustBundle, object)).toEqual(expected);
    expect(problems(ClusterTrustBundleV1beta1, object)).toEqual(expected);
  });
});

describe('a trust bundle that is changed', () => {
  const signed = (spec: object): object => bundle('example.com:roots:v1', { signerName, ...spec });
  test.each<[string, object, object, string[]]>([
    [
      'keeps its signer',
      signed({ signerName: 'example.com/bar' }),
      signed({}),
      [
        'metadata.name: Invalid value: "example.com:roots:v1": ClusterTrustBundle for signerName example.com/bar must be named with prefix example.com:bar:',
        'spec.signerName: Invalid value: "example.com/bar": field is immutable',
      ],
    ],
    [
      'does not lose its signer',
      signed({ signerName: '' }),
      signed({}),
      [
        'metadata.name: Invalid value: "example.com:roots:v1": ClusterTrustBundle without signer name must not have ":" in its name',
        'spec.signerName: Invalid value: "": field is immutable',
      ],
    ],
    [
      'does not get a signer',
      bundle('roots', { signerName }),
      bundle('roots'),
      [
        'metadata.name: Invalid value: "roots": ClusterTrustBundle for signerName example.com/roots must be named with prefix example.com:roots:',
        'spec.signerName: Invalid value: "example.com/roots": field is immutable',
      ],
    ],
  ])('%s', (_, object, old, expected) => {
    expect(problems(ClusterTrustBundle, object, old)).toEqual(expected);
  });
});

test('its columns are its name and its signer', () => {
  expect(cells(ClusterTrustBundle, bundle('roots'))).toEqual({ Name: 'roots', SignerName: '<none>' });
  expect(cells(ClusterTrustBundle, bundle('example.com:roots:v1', { signerName }))).toEqual({
    Name: 'example.com:roots:v1',
    SignerName: signerName,
  });
});

describe('PEM', () => {
  test('is written as it is read', () => {
    const [{ type, content } = { type: '', content: new Uint8Array() }] = pemBlocks(root);
    expect(pemText(type, content).trimEnd()).toBe(root.trimEnd());
  });

  test.each<[string, string, number]>([
    ['a block that never ends', '-----BEGIN A-----\nAAAA\n', 0],
    ['a block that ends as another', '-----BEGIN A-----\nAAAA\n-----END B-----\n', 0],
    ['a block within a block', '-----BEGIN A-----\n-----BEGIN A-----\nAAAA\n-----END A-----\n', 1],
    [
      'a block that is no base64',
      '-----BEGIN A-----\n!\n-----END A-----\n-----BEGIN A-----\nAAAA\n-----END A-----\n',
      1,
    ],
    ['a block in the middle of a line', 'x-----BEGIN A-----\nAAAA\n-----END A-----\n', 0],
  ])('%s', (_, text, count) => expect(pemBlocks(text)).toHaveLength(count));

  test('that begins again and again is read in no time', () => {
    const text = '-----BEGIN A-----\na: b\n'.repeat(40_000);
    const start = performance.now();
    expect(pemBlocks(text)).toEqual([]);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
