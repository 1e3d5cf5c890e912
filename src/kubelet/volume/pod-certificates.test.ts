import { X509Certificate, createPrivateKey } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { PodCertificateRequest } from '../../api/certificates/pod-certificate-request.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { StatusError } from '../../base/errors.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { decodeObject } from '../../machinery/decode.ts';
import { createAuthority } from '../../machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { certifyRequest } from '../../machinery/x509/testing/pod-certificate.ts';
import { FakeApi } from '../testing/fake-api.ts';
import { PodCertificates } from './pod-certificates.ts';

const minute = 60_000;
const hour = 60 * minute;
const signal = new AbortController().signal;
const pending = 'credential bundle is not issued yet';
const pod = decodeObject(Pod, {
  metadata: { name: 'p', namespace: 'ns', uid: 'p-uid' },
  spec: { containers: [{ name: 'c', image: 'i' }], serviceAccountName: 'sa' },
}).object;
const projection = {
  signerName: 'example.com/signer',
  keyType: 'ED25519',
  maxExpirationSeconds: 3600,
  userAnnotations: { 'example.com/a': 'b' },
};
const question = { pod, volume: 'v', source: 1, projection };

let authority: KeyPair;
beforeAll(async () => void (authority = await createAuthority('signer', new FakeClock().now())));

interface Setting {
  readonly api: FakeApi;
  readonly clock: FakeClock;
  readonly events: string[];
  readonly certificates: PodCertificates;
  /** The certificate by now, or why there is none. */
  look(): Promise<string>;
  requests(): Promise<readonly PodCertificateRequest[]>;
  /** Answers the newest request with a condition, and a certificate if that is what it says. */
  answer(type: 'Issued' | 'Denied' | 'Failed'): Promise<void>;
}

async function setting(): Promise<Setting> {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  await api.create(ServiceAccount, { metadata: { name: 'sa', namespace: 'ns' } });
  const events: string[] = [];
  const certificates = new PodCertificates({
    ...{ client: api, clock, log: silentLogger, nodeName: 'n' },
    random: { next: () => 0, uuid: () => '' },
    events: { record: (_, { type, reason, message }) => void events.push(`${type} ${reason}: ${message}`) },
    nodeUid: () => 'n-uid',
    request: async (namespace, name) => api.peek(PodCertificateRequest, { namespace, name }),
  });
  const requests = async (): Promise<readonly PodCertificateRequest[]> => (await api.list(PodCertificateRequest)).items;
  return {
    ...{ api, clock, events, certificates, requests },
    look: () =>
      certificates.credentials(question, signal).then(
        ({ chain }) => chain,
        (error: Error) => error.message,
      ),
    async answer(type) {
      const request = (await requests()).at(-1)!;
      const notBefore = clock.now();
      const notAfter = notBefore + hour;
      const time = (at: number): string => new Date(at).toISOString();
      const der = Buffer.from(request.spec.stubPKCS10Request, 'base64');
      const chain = await certifyRequest(authority, der, { notBefore, notAfter });
      const issued = {
        certificateChain: `words\n${chain}more words\n${authority.certificate}`,
        notBefore: time(notBefore),
        beginRefreshAt: time(notBefore + hour / 2),
        notAfter: time(notAfter),
      };
      const condition = {
        type,
        status: 'True',
        reason: 'Why',
        message: 'because',
        lastTransitionTime: time(notBefore),
      };
      const status = { conditions: [condition], ...(type === 'Issued' ? issued : {}) };
      await api.update(PodCertificateRequest, { ...request, status } as never);
    },
  };
}

test('a key is made and a certificate asked for, which the pod gets with it once it is issued', async () => {
  const { look, answer, requests, certificates } = await setting();
  expect([await look(), await look()]).toEqual([pending, pending]);
  const [request, ...others] = await requests();
  expect(others).toEqual([]);
  expect(request).toMatchObject({
    metadata: {
      namespace: 'ns',
      generateName: 'req-',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'p-uid' }],
    },
    spec: {
      signerName: 'example.com/signer',
      podName: 'p',
      podUID: 'p-uid',
      serviceAccountName: 'sa',
      serviceAccountUID: expect.stringContaining('uid-sa'),
      nodeName: 'n',
      nodeUID: 'n-uid',
      maxExpirationSeconds: 3600,
      unverifiedUserAnnotations: { 'example.com/a': 'b' },
    },
  });
  await answer('Issued');
  const { key, chain, refreshIn } = await certificates.credentials(question, signal);
  expect(new X509Certificate(chain).checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(chain.match(/^.*(?:words|BEGIN).*$/gm)).toEqual(Array(2).fill('-----BEGIN CERTIFICATE-----'));
  expect(refreshIn).toBe(hour / 2);
});

test('each source of each volume has a key of its own', async () => {
  const { look, requests, certificates } = await setting();
  await look();
  await expect(certificates.credentials({ ...question, source: 2 }, signal)).rejects.toThrow(pending);
  await expect(certificates.credentials({ ...question, volume: 'w' }, signal)).rejects.toThrow(pending);
  expect(new Set((await requests()).map(({ spec }) => spec.stubPKCS10Request)).size).toBe(3);
});

test.each([
  [
    'Denied',
    'PodCertificateRequest was permanently denied: reason="Why" message="because"',
    'PodCertificateRequest ns/req-1 was denied, reason="Why", message="because"',
  ],
  [
    'Failed',
    'PodCertificateRequest was permanently failed: reason="Why" message="because"',
    'PodCertificateRequest ns/req-1 failed, reason="Why", message="because"',
  ],
] as const)('a request that is %s is not made again', async (type, why, told) => {
  const { look, answer, events, requests } = await setting();
  await look();
  await answer(type);
  expect([await look(), await look()]).toEqual([why, why]);
  expect(events).toEqual([`Warning ${type}: ${told}`]);
  expect(await requests()).toHaveLength(1);
});

test('the next certificate is asked for in time; until it is there the old one serves', async () => {
  const { look, answer, clock, requests, events } = await setting();
  await look();
  await answer('Issued');
  const first = await look();
  await clock.advance(hour / 2 - 1);
  await look();
  expect(await requests()).toHaveLength(1);
  await clock.advance(1);
  expect([await look(), await look()]).toEqual([first, first]);
  expect(await requests()).toHaveLength(2);
  await answer('Issued');
  const second = await look();
  expect(second).toContain('BEGIN CERTIFICATE');
  expect(second).not.toBe(first);
  expect(events).toEqual([]);
});

test('the pod is told once of a certificate that is late, and once of one that has ended', async () => {
  const { look, answer, clock, events } = await setting();
  await look();
  await answer('Issued');
  const first = await look();
  const late = 'Warning CertificateOverdueForRefresh: PodCertificate refresh overdue';
  const ended = 'Warning CertificateExpired: PodCertificate expired';
  await clock.advance(hour / 2 + 10 * minute);
  await look();
  expect(events).toEqual([]);
  await clock.advance(1);
  await look();
  await look();
  expect(events).toEqual([late]);
  await clock.advance(hour);
  expect([await look(), await look()]).toEqual([first, first]);
  expect(events).toEqual([late, ended]);
});

test('a request that somebody has deleted is made again after a while', async () => {
  const { api, look, clock, requests } = await setting();
  await look();
  const [request] = await requests();
  await api.delete(PodCertificateRequest, { namespace: 'ns', name: request!.metadata.name });
  await clock.advance(10 * minute);
  expect([await look(), (await requests()).length]).toEqual([pending, 0]);
  await clock.advance(1);
  expect([await look(), (await requests()).length]).toEqual([pending, 1]);
});

test('without the API server there is no first certificate, but the old one stays', async () => {
  const { api, look, answer, clock, certificates } = await setting();
  const down = new StatusError('ServiceUnavailable', 'down');
  const plural = PodCertificateRequest.qualified;
  api.failNext('create', plural, down);
  expect(await look()).toBe('down');
  expect(await look()).toBe(pending);
  await answer('Issued');
  const first = await look();
  await clock.advance(hour / 2);
  api.failNext('create', plural, down);
  expect(await certificates.credentials(question, signal)).toMatchObject({ chain: first, refreshIn: minute });
});

test('of a pod that is gone nothing is kept', async () => {
  const { look, answer, certificates, requests } = await setting();
  await look();
  await answer('Issued');
  await look();
  certificates.forget('p-uid');
  expect(await look()).toBe(pending);
  expect(await requests()).toHaveLength(2);
});
