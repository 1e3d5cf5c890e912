import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import type { Clock } from '../../base/clock.ts';
import { StatusError } from '../../base/errors.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { isPair } from '../../machinery/x509/certificate-period.ts';
import type { RequestedSubject } from '../../machinery/x509/certificate-request.ts';
import type { Client } from '../client.ts';

/** What is asked of a signer. */
export interface WantedCertificate {
  readonly signerName: string;
  readonly subject: RequestedSubject;
  /** Names of certificates.k8s.io, such as `client auth`. */
  readonly usages: readonly string[];
  /** Seconds of validity; the signer may give less. Default: as the signer does. */
  readonly expirationSeconds?: number | undefined;
}

/** With what it is asked. */
export interface RequestingOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How long an answer is waited for. Source: client-go's certificateWaitTimeout. */
const patience = 15 * 60_000;
const lookEvery = 1_000;

/**
 * Asks the cluster for a certificate for a new key, and waits until it was approved and signed. Throws when it was denied
 * or has failed, with upstream's message, or nobody has answered within a quarter of an hour.
 */
export async function requestCertificate(wanted: WantedCertificate, options: RequestingOptions): Promise<KeyPair> {
  // Loaded when it is needed: most processes never ask.
  const { createCertificateRequest } = await import('../../machinery/x509/certificate-request.ts');
  const { request, key } = await createCertificateRequest(wanted.subject);
  const { client, signal } = options;
  const { signerName, usages, expirationSeconds } = wanted;
  const spec = { request: btoa(request), signerName, usages };
  const created = await client.create(
    CertificateSigningRequest,
    {
      metadata: { generateName: 'csr-' },
      spec: expirationSeconds === undefined ? spec : { ...spec, expirationSeconds },
    },
    { signal },
  );
  const certificate = await untilSigned(created, options);
  if (isPair({ certificate, key })) return { certificate, key };
  throw new Error(`the certificate of ${created.metadata.name} is not for the key that was asked for`);
}

async function untilSigned(
  { metadata: { name, uid } }: CertificateSigningRequest,
  { client, clock, signal }: RequestingOptions,
): Promise<string> {
  const deadline = clock.monotonic() + patience;
  while (clock.monotonic() < deadline) {
    const request = await client.get(CertificateSigningRequest, { name }, { signal });
    if (request.metadata.uid !== uid) break;
    const certificate = answerOf(request);
    if (certificate !== undefined) return certificate;
    await clock.sleep(lookEvery, signal);
  }
  throw new StatusError('Timeout', `the certificate request ${name} was not answered: somebody must approve it`);
}

/** The certificate, if it is there. Throws when there will be none. */
function answerOf({ status }: CertificateSigningRequest): string | undefined {
  for (const { type, reason = '', message = '' } of status.conditions ?? []) {
    if (type === 'Denied')
      throw new Error(`certificate signing request is denied, reason: ${reason}, message: ${message}`);
    if (type === 'Failed')
      throw new Error(`certificate signing request failed, reason: ${reason}, message: ${message}`);
  }
  return status.certificate === undefined || status.certificate === '' ? undefined : atob(status.certificate);
}
