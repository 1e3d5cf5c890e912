import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { timestamp } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { defineController, done } from '../../client/controller.ts';
import type { Controller, ControllerContext } from '../../client/controller.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import type { ParsedRequest } from '../../machinery/x509/certificate-request.ts';
import type { RequestPolicy } from '../../machinery/x509/sign-request.ts';
import { requestRules } from './request-rules.ts';
import { certificateController, conditionOf, parsedRequest, withCondition } from './request-status.ts';
import { signerNames } from './signer-names.ts';
import type { SignerName } from './signer-names.ts';

/** What the signers sign with. */
export interface SigningOptions {
  /** The authority of a signer as it is now; undefined where others sign for it. May throw: it is tried again. */
  authority(signerName: SignerName): KeyPair | undefined;
  /** Who signs here. Default: upstream's signers. */
  readonly signers?: readonly SignerName[] | undefined;
  /** Milliseconds that certificates are valid at most, and unless less is asked for. Default: a year. */
  readonly lifetime?: number | undefined;
}

const year = 8_760 * 3_600_000;
const shortest = 10 * 60_000;

/** How long a certificate is valid, in milliseconds. */
export function grantedLifetime(expirationSeconds: number | undefined, longest: number): number {
  if (expirationSeconds === undefined) return longest;
  return Math.min(Math.max(expirationSeconds * 1000, shortest), longest);
}

/**
 * Signs what was approved, for the signers of kubernetes.io; what does not suit its signer fails for good. Source:
 * kubernetes' pkg/controller/certificates/signer.
 */
export function csrSigning(options: SigningOptions): Controller {
  const { authority, signers = Object.values(signerNames), lifetime = year } = options;
  return defineController({
    name: 'csrsigning',
    account: certificateController.account,
    for: CertificateSigningRequest,
    rbac: {
      [`${certificateController.requests}/status`]: ['update'],
      [`signers.certificates.k8s.io ${signers.join(' ')}`]: ['sign'],
    },
    async reconcile(key, context) {
      const request = context.cache.get(CertificateSigningRequest, key);
      const signerName = request && signers.find((name) => waitsFor(name, request));
      const pair = signerName && authority(signerName);
      if (!pair) return done;
      const parsed = await parsedRequest(request);
      const usages = request.spec.usages ?? [];
      const fault = requestRules[signerName](parsed, usages);
      if (fault !== undefined) {
        await writeStatus(withCondition(request, failed(fault, context)), context);
        return done;
      }
      const policy = {
        usages,
        now: context.clock.now(),
        lifetime: grantedLifetime(request.spec.expirationSeconds, lifetime),
      };
      const certificate = await sign(pair, parsed, policy);
      await writeStatus({ ...request, status: { ...request.status, certificate: btoa(certificate) } }, context);
      return done;
    },
  });
}

/** Whether a request was approved for a signer, which has not signed it yet. */
function waitsFor(signerName: SignerName, request: CertificateSigningRequest): boolean {
  const { certificate = '' } = request.status;
  const isApproved = conditionOf(request, 'Approved') !== undefined && conditionOf(request, 'Denied') === undefined;
  const hasFailed = conditionOf(request, 'Failed')?.status === 'True';
  return request.spec.signerName === signerName && isApproved && !hasFailed && certificate === '';
}

function failed(message: string, { clock }: ControllerContext) {
  const lastUpdateTime = timestamp(clock.now());
  return { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message, lastUpdateTime };
}

async function sign(pair: KeyPair, parsed: ParsedRequest, policy: RequestPolicy): Promise<string> {
  const { signRequest } = await import('../../machinery/x509/sign-request.ts');
  try {
    return await signRequest(pair, parsed, policy);
  } catch (error) {
    throw new Error(`error auto signing csr: ${messageOf(error)}`, { cause: error });
  }
}

async function writeStatus(request: CertificateSigningRequest, { client, signal }: ControllerContext): Promise<void> {
  await client.update(CertificateSigningRequest, request, { subresource: 'status', signal });
}
