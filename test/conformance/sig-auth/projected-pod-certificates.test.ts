import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PodCertificateProjection } from '../../../src/api/core/volume.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { certificateNames } from '../../../src/machinery/x509/certificate-names.ts';
import { appImage, kubeletCluster } from './kubelet-cluster.ts';
import type { KubeletCluster } from './kubelet-cluster.ts';
import { pathAnnotation, podCertificateSigner } from './pod-certificate-signer.ts';
import type { PodCertificateSigner } from './pod-certificate-signer.ts';

let cluster: KubeletCluster;
let signer: PodCertificateSigner;
beforeAll(async () => {
  cluster = await kubeletCluster();
  await cluster.client.create(ServiceAccount, { metadata: { namespace: 'default', name: 'default' } });
  signer = await podCertificateSigner(cluster.client, 'e2e.example.com/projected-podcertificate');
});
afterAll(async () => {
  await signer[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const about =
  '[sig-auth] Projected PodCertificate [FeatureGate:PodCertificateRequest] [FeatureGate:ClusterTrustBundle] [FeatureGate:ClusterTrustBundleProjection]';
const marks = '[MinimumKubeletVersion:1.37] [Conformance]';
const folder = '/run/tls-config';
const bundle = 'spiffe-cred-bundle.pem';
const roots = 'spiffe-trust-bundle.pem';
const hour = 3_600_000;

async function createPod(name: string, wanted: Partial<PodCertificateProjection> = {}): Promise<void> {
  const { signerName } = signer;
  const podCertificate = { signerName, keyType: 'ECDSAP256', credentialBundlePath: bundle, ...wanted };
  const sources = [{ podCertificate }, { clusterTrustBundle: { signerName, labelSelector: {}, path: roots } }];
  await cluster.createPod(name, {
    serviceAccountName: 'default',
    restartPolicy: 'Never',
    containers: [{ name: 'c', image: appImage, volumeMounts: [{ name: 'tls-config', mountPath: folder }] }],
    volumes: [{ name: 'tls-config', projected: { sources } }],
  });
}

interface Credentials {
  /** The private key and the certificate. */
  readonly bundle: string;
  readonly roots: string;
}

/** What the pod's container reads, once it runs. */
async function credentialsOf(pod: string): Promise<Credentials> {
  await expect
    .poll(async () => (await cluster.pod(pod)).status.phase, { timeout: 15_000, interval: 20 })
    .toBe('Running');
  const read = async (name: string): Promise<string> => (await cluster.file(pod, 'c', `${folder}/${name}`)).content;
  return { bundle: await read(bundle), roots: await read(roots) };
}

async function certificateOf(pod: string): Promise<X509Certificate> {
  const { bundle: text } = await credentialsOf(pod);
  return new X509Certificate(text.slice(text.indexOf('-----BEGIN CERTIFICATE')));
}

test.each<[string, string, number | undefined, number]>([
  ['default life time (24h) when MaxExpirationSeconds is not set', 'default-duration-pod', undefined, 24 * hour],
  ['specified duration (1h) when MaxExpirationSeconds is set', 'one-hour-duration-pod', 3600, hour],
])(
  `${about} MaxExpirationSeconds validations should issue certificate with %s ${marks}`,
  async (_, pod, seconds, expected) => {
    await createPod(pod, { maxExpirationSeconds: seconds });
    const { validFrom, validTo } = await certificateOf(pod);
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBe(expected);
  },
);

test.each<[string, string, number, string]>([
  ['exceeds maximum (91d)', 'too-long-duration-pod', 91 * 24 * 3600 + 1, '<= 7862400'],
  ['is less than minimum (1h)', 'too-short-duration-pod', 3599, '>= 3600'],
])(
  `${about} MaxExpirationSeconds validations should reject pod creation when MaxExpirationSeconds %s ${marks}`,
  async (_, pod, maxExpirationSeconds, bound) => {
    await expect(createPod(pod, { maxExpirationSeconds })).rejects.toThrow(
      `if provided, maxExpirationSeconds must be ${bound}`,
    );
  },
);

test(`${about} should honor UserAnnotations for SPIFFE URI path ${marks}`, async () => {
  await createPod('path-override-pod', { userAnnotations: { [pathAnnotation]: '/custom-workload' } });
  expect(certificateNames(await certificateOf('path-override-pod')).uris).toEqual([
    'spiffe://cluster.local/custom-workload',
  ]);
});

/** Who a peer says that it is; its certificate was verified already. */
const identityOf = (socket: TLSSocket): string =>
  certificateNames(new X509Certificate(socket.getPeerCertificate().raw)).uris.join();

/** What the programs in the containers would do with the files. */
test(`${about} should allow server and client pods to establish an mTLS connection ${marks}`, async () => {
  await createPod('server', { userAnnotations: { [pathAnnotation]: '/server' } });
  await createPod('client');
  const [mine, other] = [await credentialsOf('server'), await credentialsOf('client')];
  const server = createServer(
    { key: mine.bundle, cert: mine.bundle, ca: mine.roots, requestCert: true, rejectUnauthorized: true },
    (socket) => socket.end(`Client Identity: ${identityOf(socket)}`),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const client = connect({
      ...{ host: '127.0.0.1', port: (server.address() as AddressInfo).port },
      ...{ key: other.bundle, cert: other.bundle, ca: other.roots },
      // Certificates of SPIFFE have no host's name; whose it is stands in the URI.
      checkServerIdentity: () => undefined,
    });
    await once(client, 'secureConnect');
    expect([client.authorized, identityOf(client)]).toEqual([true, 'spiffe://cluster.local/server']);
    const said = (await client.toArray()).join('');
    expect(said).toBe('Client Identity: spiffe://cluster.local/ns/default/sa/default');
  } finally {
    server.close();
  }
});
