import { afterAll, beforeAll, expect, test } from 'vitest';
import { SelfSubjectReview } from '../../api/authentication/self-subject-review.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { serveApi } from '../../apiserver/http/serve.ts';
import type { Listener } from '../../apiserver/http/listener.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import type { TestCluster } from '../../distro/testing/test-cluster.ts';
import { createAuthority, issueCertificate } from '../../machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { createHttpClient } from '../http-client.ts';
import type { HttpClient } from '../http-client.ts';
import { CertificateSource, withCertificate } from './certificate-source.ts';

const now = Date.now();
let cluster: TestCluster;
let authority: KeyPair;
let listener: Listener;
beforeAll(async () => {
  cluster = await testCluster();
  authority = await createAuthority('ca', now);
  const names = ['127.0.0.1'];
  const serving = await issueCertificate(authority, { commonName: 'api', names, usages: ['server'], now, days: 1 });
  listener = await serveApi({
    server: cluster.server,
    version: { gitVersion: 'v1.36.0' },
    ...{ host: '127.0.0.1', port: 0 },
    tls: { cert: serving.certificate, key: serving.key, clientCa: authority.certificate },
  });
});
afterAll(async () => {
  await listener[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const pairOf = (commonName: string): Promise<KeyPair> =>
  issueCertificate(authority, { commonName, organizations: ['system:masters'], usages: ['client'], now, days: 1 });

async function whoAmI(client: HttpClient): Promise<string | undefined> {
  const review = await client.create(SelfSubjectReview, { metadata: {} });
  return review.status?.userInfo?.username;
}

test('requests show the new certificate once a client was told of it; what is under way goes on', async () => {
  const source = new CertificateSource(await pairOf('before'));
  const servers = [`https://127.0.0.1:${listener.port}`];
  await using client = createHttpClient(withCertificate({ servers, ca: authority.certificate }, source));
  using _renewal = source.subscribe(() => client.renew());
  expect(await whoAmI(client)).toBe('before');
  const stop = new AbortController();
  const watch = client.watch(ConfigMap, { namespace: 'default', signal: stop.signal })[Symbol.asyncIterator]();
  const first = watch.next();
  await client.create(ConfigMap, { metadata: { namespace: 'default', name: 'one' } });
  expect((await first).value?.object.metadata.name).toBe('one');
  source.replace(await pairOf('after'));
  expect(await whoAmI(client)).toBe('after');
  const second = watch.next();
  await client.create(ConfigMap, { metadata: { namespace: 'default', name: 'two' } });
  expect((await second).value?.object.metadata.name).toBe('two');
  stop.abort(new Error('enough'));
});
