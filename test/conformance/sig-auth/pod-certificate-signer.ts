/** A signer of pods' certificates as upstream's tests have it: it believes every request, and names the account. */
import { ClusterTrustBundle } from '../../../src/api/certificates/cluster-trust-bundle.ts';
import { PodCertificateRequest } from '../../../src/api/certificates/pod-certificate-request.ts';
import type { Client } from '../../../src/client/client.ts';
import type { Json } from '../../../src/base/json.ts';
import { createAuthority } from '../../../src/machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../../src/machinery/x509/certificate-authority.ts';
import { certifyRequest } from '../../../src/machinery/x509/testing/pod-certificate.ts';

/** What pods may tell the signer: another path of their identity. */
export const pathAnnotation = 'spiffe/path-overriding';
const minute = 60_000;
const day = 24 * 60 * minute;

/** A signer that works until it is disposed. */
export interface PodCertificateSigner extends AsyncDisposable {
  readonly signerName: string;
}

/** Starts one, which shows its root as a trust bundle of its name. */
export async function podCertificateSigner(client: Client, signerName: string): Promise<PodCertificateSigner> {
  const authority = await createAuthority(signerName, Date.now());
  await client.create(ClusterTrustBundle, {
    metadata: { name: `${signerName.replace('/', ':')}:root` },
    spec: { signerName, trustBundle: authority.certificate },
  });
  const stop = new AbortController();
  const running = signAll(client, { signerName, authority }, stop.signal);
  return {
    signerName,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the signer stops'));
      await running;
    },
  };
}

interface Signing {
  readonly signerName: string;
  readonly authority: KeyPair;
}

async function signAll(client: Client, { signerName, authority }: Signing, signal: AbortSignal): Promise<void> {
  const selection = { fieldSelector: `spec.signerName=${signerName}` };
  const { items, metadata } = await client.list(PodCertificateRequest, selection);
  for (const request of items) await sign(client, authority, request);
  try {
    const { resourceVersion } = metadata;
    for await (const event of client.watch(PodCertificateRequest, { ...selection, resourceVersion, signal })) {
      if (event.type === 'ADDED') await sign(client, authority, event.object);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function sign(client: Client, authority: KeyPair, { metadata, spec }: PodCertificateRequest): Promise<void> {
  const { namespace, name } = metadata;
  const der = Buffer.from(spec.stubPKCS10Request, 'base64');
  const path = spec.unverifiedUserAnnotations?.[pathAnnotation] ?? `/ns/${namespace}/sa/${spec.serviceAccountName}`;
  const notBefore = Math.floor(Date.now() / 1000) * 1000 - 2 * minute;
  const notAfter = notBefore + Math.min(day, spec.maxExpirationSeconds * 1000);
  const time = (at: number): string => new Date(at).toISOString().replace('.000', '');
  const status: Json = {
    conditions: [
      { type: 'Issued', status: 'True', reason: 'Issued', message: 'Issued', lastTransitionTime: time(notBefore) },
    ],
    certificateChain: await certifyRequest(authority, der, {
      ...{ notBefore, notAfter },
      uris: [`spiffe://cluster.local${path}`],
    }),
    notBefore: time(notBefore),
    beginRefreshAt: time(notAfter - 30 * minute),
    notAfter: time(notAfter),
  };
  const patch = { type: 'merge' as const, body: { status } };
  await client.patch(PodCertificateRequest, { namespace, name }, patch, { subresource: 'status' });
}
