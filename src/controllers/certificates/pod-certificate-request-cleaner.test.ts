import { expect, test } from 'vitest';
import { PodCertificateRequest } from '../../api/certificates/pod-certificate-request.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import { createStubRequest } from '../../machinery/x509/stub-request.ts';
import { podCertificateRequestCleaner } from './pod-certificate-request-cleaner.ts';

test("requests for pods' certificates go a quarter of an hour after they came, whatever became of them", async () => {
  await using cluster = await testCluster([podCertificateRequestCleaner]);
  const { request } = await createStubRequest('ED25519');
  const ask = (name: string) =>
    cluster.create(PodCertificateRequest, {
      metadata: { namespace: 'default', name },
      spec: {
        signerName: 'example.com/signer',
        podName: 'p',
        podUID: 'p-uid',
        serviceAccountName: 'default',
        serviceAccountUID: 'account-uid',
        nodeName: 'n',
        nodeUID: 'n-uid',
        stubPKCS10Request: Buffer.from(request).toString('base64'),
      },
    });
  const first = await ask('first');
  await cluster.advance('1m');
  const second = await ask('second');
  await cluster.advance('13m59s');
  expect(await cluster.find(first)).toBeDefined();
  await cluster.advance('1s');
  expect([await cluster.find(first), await cluster.find(second)]).toEqual([undefined, expect.anything()]);
});
