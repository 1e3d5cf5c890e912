import { describe, expect, test } from 'vitest';
import type { ClusterTrustBundle } from '../../api/certificates/cluster-trust-bundle.ts';
import { pemText } from '../../api/certificates/pem-blocks.ts';
import type { ClusterTrustBundleProjection } from '../../api/core/volume.ts';
import { seededRandom } from '../../base/random.ts';
import { TrustAnchors } from './trust-anchors.ts';

// What stands in a block is for the API server to judge.
const [a, b, c] = ['a', 'b', 'c'].map((text) => pemText('CERTIFICATE', Buffer.from(text.repeat(100))));
const signerName = 'example.com/roots';
const bundle = (name: string, trustBundle: string, { signer = '', labels = {} } = {}): ClusterTrustBundle => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'ClusterTrustBundle',
  metadata: { name, labels, uid: name, creationTimestamp: '', resourceVersion: '1' },
  spec: { trustBundle, ...(signer ? { signerName: signer } : {}) },
});
const bundles = [
  bundle('plain', `words\n${a}${b}more words\n`),
  bundle('example.com:roots:live', a! + b!, { signer: signerName, labels: { live: 'true' } }),
  bundle('example.com:roots:dead', b! + c!, { signer: signerName, labels: { live: 'false' } }),
  bundle('example.org:roots:live', c!, { signer: 'example.org/roots', labels: { live: 'true' } }),
];

function anchors(projection: Partial<ClusterTrustBundleProjection>, seed = 1): Promise<string> {
  const reader = new TrustAnchors({ bundles: async () => bundles, random: seededRandom(seed) });
  return reader.read({ path: 'p', ...projection });
}
const certificates = (text: string): string[] => text.match(/-----BEGIN[^]*?END CERTIFICATE-----\n/g) ?? [];

describe('a pod is given', () => {
  test.each<[string, Partial<ClusterTrustBundleProjection>, (string | undefined)[]]>([
    ['one bundle by its name', { name: 'plain' }, [a, b]],
    ['one bundle of a signer by its name', { name: 'example.com:roots:dead' }, [b, c]],
    ['all bundles of a signer, each certificate once', { signerName, labelSelector: {} }, [a, b, c]],
    ['those of a signer that are chosen', { signerName, labelSelector: { matchLabels: { live: 'true' } } }, [a, b]],
    ['nothing where a bundle is optional', { name: 'none', optional: true }, []],
    ['nothing of a signer if nothing is chosen', { signerName, optional: true }, []],
    [
      'nothing where no bundle is as wished',
      { signerName, labelSelector: { matchLabels: { live: '?' } }, optional: true },
      [],
    ],
  ])('%s', async (_, projection, expected) => {
    const text = await anchors(projection);
    expect(certificates(text)).toHaveLength(expected.length);
    expect(new Set(certificates(text))).toEqual(new Set(expected));
    expect(certificates(text).join('')).toBe(text);
  });
});

test.each<[Partial<ClusterTrustBundleProjection>, string]>([
  [{ name: 'none' }, 'while getting ClusterTrustBundle: clustertrustbundle.certificates.k8s.io "none" not found'],
  [{ signerName }, 'combination of signerName and labelSelector matched zero ClusterTrustBundles'],
  [
    { signerName: 'example.com/none', labelSelector: {} },
    'combination of signerName and labelSelector matched zero ClusterTrustBundles',
  ],
])('what must be there and is not fails the mount: %j', async (projection, message) => {
  await expect(anchors(projection)).rejects.toThrow(message);
});

test('the order of certificates stays while the kubelet runs, and is another one after a restart', async () => {
  const all = { signerName, labelSelector: {} };
  const reader = new TrustAnchors({ bundles: async () => bundles.toReversed(), random: seededRandom(1) });
  expect(await reader.read({ path: 'p', ...all })).toBe(await anchors(all, 1));
  const orders = await Promise.all(Array.from({ length: 20 }, (_, seed) => anchors(all, seed)));
  expect(new Set(orders).size).toBeGreaterThan(1);
});
