/** Which keys certificates are asked for, and what signers may say that they have issued. */
import { constants, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { PodCertificateRequestV1beta1 } from '../../api/certificates/pod-certificate-request-v1beta1.ts';
import { PodCertificateRequest } from '../../api/certificates/pod-certificate-request.ts';
import { testPodCertificateSubject as subject } from '../../api/testing/pod-certificate-subject.ts';
import { messageOf } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { createAuthority } from '../../machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { createStubRequest } from '../../machinery/x509/stub-request.ts';
import { podKeyFault } from '../../machinery/x509/subject-key.ts';
import { certifyRequest } from '../../machinery/x509/testing/pod-certificate.ts';
import type { SignedTerms } from '../../machinery/x509/testing/pod-certificate.ts';
import type { Authorizer, User } from '../ports.ts';
import { testServer } from '../testing/test-server.ts';
import type { TestServer } from '../testing/test-server.ts';
import { createPodCertificateCheck } from './pod-certificate-requests.ts';

const signerName = 'example.com/signer';
const key = { namespace: 'default', name: 'p' };
const metadata = key;

/** A server where `signer` may sign for one signer, `all` for those of a domain, and everybody do all else. */
function certificateServer(): Promise<TestServer> {
  const permissions = new Set([`signer sign ${signerName}`, 'all sign example.com/*']);
  const authorizer: Authorizer = {
    authorize: ({ user, verb, resource, name }) => ({
      allowed: resource !== 'signers' || permissions.has(`${user.name} ${verb} ${name}`),
      reason: '',
    }),
  };
  return testServer({ parts: () => ({ authorizer, admission: [createPodCertificateCheck(authorizer)] }) });
}

const refusalOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => '',
    (error: unknown) => messageOf(error).replace(/^PodCertificateRequest.certificates.k8s.io "p" is invalid: /, ''),
  );

describe('the key of a request', () => {
  const signature = (privateKey: KeyObject, message: string): Buffer => {
    const data = Buffer.from(message);
    if (privateKey.asymmetricKeyType === 'ed25519') return sign(null, data, privateKey);
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return privateKey.asymmetricKeyType === 'rsa'
      ? sign('sha256', data, { key: privateKey, padding, saltLength: constants.RSA_PSS_SALTLEN_MAX_SIGN })
      : sign('sha256', data, privateKey);
  };
  const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
  const unproven = 'spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature';

  test.each<[string, () => { publicKey: KeyObject; privateKey: KeyObject }, string]>([
    ['Ed25519', () => generateKeyPairSync('ed25519'), ''],
    ['P-256', () => ec('P-256'), ''],
    ['P-384', () => ec('P-384'), ''],
    ['P-521', () => ec('P-521'), ''],
    ['RSA of 3072 bits', () => generateKeyPairSync('rsa', { modulusLength: 3072 }), ''],
    [
      'secp256k1',
      () => ec('secp256k1'),
      'spec.pkixPublicKey: Invalid value: "curve secp256k1": elliptic public keys must use curve P256 or P384',
    ],
    [
      'RSA of 2048 bits',
      () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
      'spec.pkixPublicKey: Invalid value: "2048-bit modulus": RSA keys must have modulus size 3072 or 4096',
    ],
  ])('%s, and a proof that whoever asks has it', async (_, generate, expected) => {
    await using server = await certificateServer();
    const { publicKey, privateKey } = generate();
    const pkixPublicKey = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    const asked = (proof: Buffer) =>
      refusalOf(
        server.client.create(PodCertificateRequestV1beta1, {
          metadata,
          spec: { ...subject, pkixPublicKey, proofOfPossession: proof.toString('base64') },
        }),
      );
    expect(await asked(signature(privateKey, 'another-uid'))).toBe(expected || unproven);
    expect(await asked(signature(privateKey, subject.podUID))).toBe(expected);
  });

  test('that is no key, and those that sign nothing', async () => {
    await using server = await certificateServer();
    const asked = (pkixPublicKey: string) =>
      refusalOf(
        server.client.create(PodCertificateRequestV1beta1, {
          metadata,
          spec: { ...subject, pkixPublicKey, proofOfPossession: btoa('proof') },
        }),
      );
    const nothing = btoa('nothing');
    expect(await asked(nothing)).toBe(
      `spec.pkixPublicKey: Invalid value: "${nothing}": must be a valid PKIX-serialized public key`,
    );
    const agreement = generateKeyPairSync('x25519')
      .publicKey.export({ format: 'der', type: 'spki' })
      .toString('base64');
    expect(await asked(agreement)).toBe(
      `spec.pkixPublicKey: Invalid value: "${agreement}": unknown public key type; supported types are Ed25519, ECDSA, and RSA`,
    );
  });

  test('RSA of 4096 bits is as good as of 3072', () => {
    const fault = (modulusLength: number) =>
      podKeyFault({ asymmetricKeyType: 'rsa', asymmetricKeyDetails: { modulusLength } } as KeyObject);
    expect([fault(4096), fault(3072)]).toEqual([undefined, undefined]);
    expect(fault(4095)).toBeDefined();
  });

  test.each(['ED25519', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'RSA3072'] as const)(
    '%s, in an empty request',
    async (keyType) => {
      await using server = await certificateServer();
      const { request } = await createStubRequest(keyType);
      const asked = (der: Uint8Array) =>
        refusalOf(
          server.client.create(PodCertificateRequest, {
            metadata,
            spec: { ...subject, stubPKCS10Request: Buffer.from(der).toString('base64') },
          }),
        );
      const forged = request.with(request.length - 1, (request.at(-1) ?? 0) ^ 1);
      expect(await asked(forged)).toBe(
        'spec.stubPKCS10Request: Invalid value: could not verify the signature of the PKCS#10 CSR',
      );
      const longer = new Uint8Array([...request, 0]);
      expect(await asked(longer)).toBe(
        `spec.stubPKCS10Request: Invalid value: "${Buffer.from(longer).toString('base64')}": must be a valid PKCS#10 CSR`,
      );
      expect(await asked(request)).toBe('');
    },
  );
});

describe('a certificate', () => {
  let authority: KeyPair;
  let request: Uint8Array;
  let other: Uint8Array;
  beforeAll(async () => {
    authority = await createAuthority('signer', Date.UTC(2026, 0, 1));
    [{ request }, { request: other }] = [await createStubRequest('ECDSAP256'), await createStubRequest('ECDSAP256')];
  });

  const minute = 60_000;
  const hour = 60 * minute;
  interface Issued {
    /** Milliseconds from now. */
    readonly from?: number;
    readonly lifetime?: number;
    readonly refreshAfter?: number;
    readonly key?: () => Uint8Array;
    readonly names?: Partial<SignedTerms>;
    readonly chain?: (leaf: string) => string;
    readonly change?: Record<string, Json>;
  }

  async function statusOf(now: number, issued: Issued): Promise<Record<string, Json>> {
    const { from = 0, lifetime = 24 * hour, refreshAfter = hour, key: keyOf = () => request, names } = issued;
    const notBefore = now + from;
    const notAfter = notBefore + lifetime;
    const leaf = await certifyRequest(authority, keyOf(), { ...names, notBefore, notAfter });
    const time = (at: number): string => new Date(at).toISOString().replace('.000', '');
    return {
      conditions: [{ type: 'Issued', status: 'True', reason: 'Ok', message: '', lastTransitionTime: time(now) }],
      certificateChain: issued.chain ? issued.chain(leaf) : leaf,
      notBefore: time(notBefore),
      beginRefreshAt: time(notBefore + refreshAfter),
      notAfter: time(notAfter),
      ...issued.change,
    };
  }

  async function issue(server: TestServer, issued: Issued, user = 'signer'): Promise<string> {
    const status = await statusOf(server.clock.now(), issued);
    const client = server.server.client({ name: user, groups: [] } satisfies User);
    const body = { status: { ...status } };
    return refusalOf(client.patch(PodCertificateRequest, key, { type: 'merge', body }, { subresource: 'status' })).then(
      (text) => text.replace(/"-----[^"]*"/, '"…"'),
    );
  }

  async function askingServer(maxExpirationSeconds = 86_400): Promise<TestServer> {
    const server = await certificateServer();
    const stubPKCS10Request = Buffer.from(request).toString('base64');
    await server.client.create(PodCertificateRequest, {
      metadata,
      spec: { ...subject, maxExpirationSeconds, stubPKCS10Request },
    });
    return server;
  }

  const chain = 'status.certificateChain: Invalid value:';
  const time = (at: string): string => `"${at}"`;
  test.each<[string, Issued, string]>([
    ['is issued', {}, ''],
    ['is issued with those of others', { chain: (leaf) => `words\n${leaf}${authority.certificate}` }, ''],
    ['of an hour is issued', { lifetime: hour, refreshAfter: 50 * minute }, ''],
    [
      'that is none',
      { chain: () => 'x' },
      `${chain} "x": issued certificate chain must contain at least one certificate`,
    ],
    [
      'that is a key',
      { chain: () => authority.key },
      `${chain} "…": issued certificate chain must consist entirely of CERTIFICATE PEM blocks`,
    ],
    [
      'that can not be read',
      { chain: () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
      `${chain} "…": leaf certificate does not parse as valid X.509`,
    ],
    [
      'followed by a key',
      { chain: (leaf) => leaf + authority.key },
      `${chain} "…": issued certificate chain must consist entirely of CERTFICATE PEM blocks`,
    ],
    [
      'followed by one that can not be read',
      { chain: (leaf) => `${leaf}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n` },
      `${chain} "…": intermediate certificate does not parse as valid X.509`,
    ],
    [
      'of another key',
      { key: () => other },
      `${chain} "…": leaf certificate was not issued to the requested public key`,
    ],
    [
      'with a name that is none',
      { names: { dns: ['a..b'] }, key: () => other },
      `[${chain} "a..b": leaf certificate's DNSName should not contain '..', ${chain} "…": leaf certificate was not issued to the requested public key]`,
    ],
    [
      'with a dot at the end',
      { names: { dns: ['a.'] }, change: { notBefore: null } },
      `[${chain} "a.": leaf certificate's DNSName should not start or end with '.', status.notBefore: Required value: must be present and consistent with the issued certificate]`,
    ],
    [
      'with a mail address that is none',
      { names: { email: ['nobody'] }, change: { notAfter: null } },
      `[${chain} "nobody": leaf certificate should not contain invalid EmailAddress, status.notAfter: Required value: must be present and consistent with the issued certificate]`,
    ],
    [
      'without a time of refreshing',
      { change: { beginRefreshAt: null } },
      'status.beginRefreshAt: Required value: must be present and in the range [notbefore+10min, notafter-10min]',
    ],
    [
      'with another beginning',
      { change: { notBefore: '2026-01-01T00:00:01Z' } },
      `status.notBefore: Invalid value: ${time('2026-01-01T00:00:01Z')}: must be set to the NotBefore time encoded in the leaf certificate`,
    ],
    [
      'that began long ago',
      { from: -5 * minute },
      `status.notBefore: Invalid value: ${time('2025-12-31T23:55:00Z')}: must be set to within 5 minutes of kube-apiserver's current time`,
    ],
    ['that began a while ago', { from: -5 * minute + 1000 }, ''],
    [
      'with another end',
      { change: { notAfter: '2026-01-01T00:00:01Z' } },
      `status.notAfter: Invalid value: ${time('2026-01-01T00:00:01Z')}: must be set to the NotAfter time encoded in the leaf certificate`,
    ],
    [
      'that ends too soon',
      { lifetime: hour - 1000 },
      `${chain} 3599000000000: leaf certificate lifetime must be >= 1 hour`,
    ],
    [
      'that ends too late',
      { lifetime: 24 * hour + 1000 },
      `${chain} 86401000000000: leaf certificate lifetime must be <= spec.maxExpirationSeconds (86400)`,
    ],
    [
      'that is to be refreshed too soon',
      { refreshAfter: 10 * minute - 1000 },
      `status.beginRefreshAt: Invalid value: ${time('2026-01-01T00:09:59Z')}: must be at least 10 minutes after status.notBefore`,
    ],
    [
      'that is to be refreshed too late',
      { refreshAfter: 24 * hour - 10 * minute + 1000 },
      `status.beginRefreshAt: Invalid value: ${time('2026-01-01T23:50:01Z')}: must be at least 10 minutes before status.notAfter`,
    ],
  ])('%s', async (_, issued, expected) => {
    await using server = await askingServer();
    expect(await issue(server, issued)).toBe(expected);
  });

  test.each([
    ['signer', ''],
    ['all', ''],
    ['ann', 'spec.signerName: Forbidden: User "ann" is not permitted to "sign" for signer "example.com/signer"'],
  ])('is issued, or refused, by %s', async (user, expected) => {
    await using server = await askingServer();
    expect(await issue(server, {}, user)).toBe(expected);
  });

  test('that is not given takes the same permission', async () => {
    await using server = await askingServer();
    const deny = (user: string) =>
      refusalOf(
        server.server.client({ name: user, groups: [] }).patch(
          PodCertificateRequest,
          key,
          {
            type: 'merge',
            body: {
              status: {
                conditions: [
                  {
                    type: 'Denied',
                    status: 'True',
                    reason: 'No',
                    message: '',
                    lastTransitionTime: '2026-01-01T00:00:00Z',
                  },
                ],
              },
            },
          },
          { subresource: 'status' },
        ),
      );
    expect(await deny('ann')).toContain('User "ann" is not permitted to "sign"');
    expect(await deny('signer')).toBe('');
    // Nothing changes: nobody has to sign.
    expect(await deny('ann')).toBe('');
  });

  test('of a key that was stated in the older way is issued through either version', async () => {
    await using server = await certificateServer();
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const stated = {
      pkixPublicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
      proofOfPossession: sign(null, Buffer.from(subject.podUID), privateKey).toString('base64'),
    };
    await server.client.create(PodCertificateRequestV1beta1, { metadata, spec: { ...subject, ...stated } });
    const wrong = `${chain} "…": leaf certificate was not issued to the requested public key`;
    expect(await issue(server, {})).toBe(wrong);
    expect((await server.client.get(PodCertificateRequestV1beta1, key)).spec).toMatchObject(stated);
  });
});
