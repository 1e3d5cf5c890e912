import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import type { CertificateSigningRequestCondition } from '../../api/certificates/certificate-signing-request.ts';
import type { ControllerContext } from '../../client/controller.ts';
import type { ParsedRequest } from '../../machinery/x509/certificate-request.ts';

/** Who may do what of the three controllers of upstream's `certificate-controller`, whose account they share. */
export const certificateController = {
  account: 'certificate-controller',
  requests: 'certificatesigningrequests.certificates.k8s.io',
} as const;

/** A condition of a request, if it has it. */
export function conditionOf(
  { status }: CertificateSigningRequest,
  type: string,
): CertificateSigningRequestCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}

/** The request with a condition more. */
export function withCondition(
  request: CertificateSigningRequest,
  condition: CertificateSigningRequestCondition,
): CertificateSigningRequest {
  return { ...request, status: { ...request.status, conditions: [...(request.status.conditions ?? []), condition] } };
}

/** Whether somebody has approved or denied the request, or it has its certificate. */
export function isDecided(request: CertificateSigningRequest): boolean {
  const { certificate = '' } = request.status;
  return certificate !== '' || (conditionOf(request, 'Approved') ?? conditionOf(request, 'Denied')) !== undefined;
}

/** Approves a request. */
export async function approve(
  request: CertificateSigningRequest,
  why: { readonly reason: string; readonly message: string },
  { client, signal }: ControllerContext,
): Promise<void> {
  const approved = withCondition(request, { type: 'Approved', status: 'True', ...why });
  await client.update(CertificateSigningRequest, approved, { subresource: 'approval', signal });
}

const longestWait = 1_000_000;

/**
 * Milliseconds after which a request that could not be approved is looked at again: what was missing may have come, and
 * nothing tells. As long as the request is old, so that the pauses double.
 */
export function untilNextLook({ metadata }: CertificateSigningRequest, { clock }: ControllerContext): number {
  const age = clock.now() - Date.parse(metadata.creationTimestamp);
  return Math.min(Math.max(age, 1_000), longestWait);
}

/** What the requester has signed; the library is loaded when the first request comes. Throws for what is no request. */
export async function parsedRequest({ metadata, spec }: CertificateSigningRequest): Promise<ParsedRequest> {
  const { parseCertificateRequest } = await import('../../machinery/x509/certificate-request.ts');
  try {
    return await parseCertificateRequest(atob(spec.request));
  } catch (error) {
    throw new Error(`unable to parse csr ${JSON.stringify(metadata.name)}`, { cause: error });
  }
}
