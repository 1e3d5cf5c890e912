import { rootCertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { ClusterTrustBundle } from '../../api/certificates/cluster-trust-bundle.ts';
import { pemBlocks, pemText } from '../../api/certificates/pem-blocks.ts';
import { fieldErrorText } from '../../machinery/field-error.ts';
import { createAuthority, issueCertificate } from '../../machinery/x509/certificate-authority.ts';
import { testServer } from '../testing/test-server.ts';
import { trustBundleCheck, trustBundleFaults } from './trust-bundle-certificates.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const authority = await createAuthority('root', now);
const root = authority.certificate;
const other = (await createAuthority('other', now)).certificate;
const leaf = (await issueCertificate(authority, { commonName: 'leaf', usages: ['client'], now, days: 1 })).certificate;
const headed = root.replace('CERTIFICATE-----\n', 'CERTIFICATE-----\nkey: value\n\n');
const longer = pemText('CERTIFICATE', Buffer.concat([pemBlocks(root)[0]!.content, new Uint8Array(1)]));

describe('a trust bundle', () => {
  test.each<[string, string, string | undefined]>([
    ['may have several authorities', root + other, undefined],
    ['may say something between certificates', `one\n${root}two\n${other}`, undefined],
    ['may have lines that end as those of Windows do', root.replaceAll('\n', '\r\n'), undefined],
    ['may have all that the world trusts', rootCertificates.join('\n'), undefined],
    ['has certificates', '', 'at least one trust anchor must be provided'],
    ['has more than words', 'trust me', 'at least one trust anchor must be provided'],
    [
      'has nothing but certificates',
      root + pemText('PRIVATE KEY', new Uint8Array([1])),
      'entry 1 has bad block type: PRIVATE KEY',
    ],
    ['has no headers', headed, 'entry 0 has PEM block headers'],
    [
      'has certificates that can be read',
      root + pemText('CERTIFICATE', new Uint8Array([48, 3, 2, 1, 1])),
      'entry 1 does not parse as X.509',
    ],
    ['has nothing behind a certificate', longer, 'entry 0 does not parse as X.509'],
    ['has certificates of authorities', leaf + root, 'entry 0 does not have the CA bit set'],
    ['has none twice', root + other + root, 'duplicate trust anchor (indices [0 2])'],
    ['hears of repetition only once all is well', root + root + leaf, 'entry 2 does not have the CA bit set'],
  ])('%s', (_, text, detail) => {
    const wrong = `spec.trustBundle: Invalid value: "<value omitted>": ${detail}`;
    expect(trustBundleFaults(text).map(fieldErrorText)).toEqual(detail === undefined ? [] : [wrong]);
  });

  test('is a mebibyte at most', () => {
    const text = root.padEnd(1024 * 1024 + 1);
    expect(trustBundleFaults(text).map(fieldErrorText)).toEqual([
      'spec.trustBundle: Too long: may not be more than 1048576 bytes',
    ]);
  });

  test('is judged when it is made and when its certificates change, and else left as it is', async () => {
    const server = await testServer({ parts: () => ({ admission: [trustBundleCheck] }) });
    const made = (trustBundle: string): object => ({ metadata: { name: 'roots' }, spec: { trustBundle } });
    await expect(server.client.create(ClusterTrustBundle, made(leaf) as never)).rejects.toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('entry 0 does not have the CA bit set') as unknown,
    });
    const bundle = await server.client.create(ClusterTrustBundle, made(root) as never);
    await expect(
      server.client.update(ClusterTrustBundle, { ...bundle, spec: { trustBundle: leaf } }),
    ).rejects.toMatchObject({ reason: 'Invalid' });
    const labelled = { ...bundle, metadata: { ...bundle.metadata, labels: { a: 'b' } } };
    expect((await server.client.update(ClusterTrustBundle, labelled)).metadata.labels).toEqual({ a: 'b' });
  });
});
