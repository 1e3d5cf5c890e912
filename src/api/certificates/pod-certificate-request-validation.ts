/** Validation of PodCertificateRequests, apart from keys and certificates. Source: kubernetes' certificates validation. */
import { conditionsErrors } from '../../machinery/condition-validation.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, notSupported, omittedValue, tooLong } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each } from '../core/value-checks.ts';
import { expirationBounds, maxExpirationOf, userAnnotationErrors } from './pod-certificate-terms.ts';
import type { AnyPodCertificateRequest, PodCertificateRequestStatus } from './pod-certificate-request.ts';
import { signerNameErrors } from './signer-name.ts';

type Spec = AnyPodCertificateRequest['spec'];

/** How a request ends: at most one of these is there, and then nothing changes any more. */
const endings = ['Issued', 'Denied', 'Failed'];
const maxUid = 128;
/** The longest key, signature and empty request, in bytes. */
const maxKeySize = 10 * 1024;
const maxChain = 100 * 1024;
const conditionsPath = 'status.conditions';

/** What is wrong with a new request, or with how its status changes. */
export function podCertificateRequestErrors(
  { spec, status }: AnyPodCertificateRequest,
  { old, subresource }: ValidationContext<AnyPodCertificateRequest>,
): FieldError[] {
  if (!old) return specErrors(spec);
  return subresource === 'status' ? statusErrors(status, old.status) : [];
}

/** How a request has ended; undefined while it has not. */
export function endingOf({ conditions = [] }: PodCertificateRequestStatus): string | undefined {
  return conditions.find(({ type, status }) => endings.includes(type) && status === 'True')?.type;
}

function specErrors(spec: Spec): FieldError[] {
  return [
    ...signerNameErrors(spec.signerName, 'spec.signerName'),
    ...userAnnotationErrors(spec.unverifiedUserAnnotations, 'spec.unverifiedUserAnnotations'),
    ...nameErrors(spec, 'podName'),
    ...uidErrors(spec, 'podUID'),
    ...nameErrors(spec, 'serviceAccountName'),
    ...uidErrors(spec, 'serviceAccountUID'),
    ...nameErrors(spec, 'nodeName'),
    ...uidErrors(spec, 'nodeUID'),
    ...expirationErrors(spec),
    ...keyErrors(spec),
  ];
}

function nameErrors(spec: Spec, field: 'podName' | 'serviceAccountName' | 'nodeName'): FieldError[] {
  return dns1123SubdomainErrors(spec[field]).map((detail) => invalid(`spec.${field}`, spec[field], detail));
}

function uidErrors(spec: Spec, field: 'podUID' | 'serviceAccountUID' | 'nodeUID'): FieldError[] {
  const uid = spec[field];
  if (uid === '') return [invalid(`spec.${field}`, uid, 'must not be empty')];
  return uid.length > maxUid ? [tooLong(`spec.${field}`, uid, maxUid)] : [];
}

function expirationErrors({ signerName, maxExpirationSeconds: seconds }: Spec): FieldError[] {
  const { min } = expirationBounds;
  const max = maxExpirationOf(signerName);
  if (seconds >= min && seconds <= max) return [];
  return [invalid('spec.maxExpirationSeconds', seconds, `must be in the range [${min}, ${max}]`)];
}

/** The key is stated in one of two ways; what is too long is not looked at any further. */
function keyErrors({ stubPKCS10Request = '', pkixPublicKey = '', proofOfPossession = '' }: Spec): FieldError[] {
  const parts = Object.entries({ stubPKCS10Request, pkixPublicKey, proofOfPossession });
  const long = parts.find(([, value]) => decodedLength(value) > maxKeySize);
  if (long) return [tooLong(`spec.${long[0]}`, '', maxKeySize)];
  const hasStub = stubPKCS10Request !== '';
  const hasKey = pkixPublicKey !== '';
  const hasProof = proofOfPossession !== '';
  if (hasKey === hasProof && hasStub !== hasKey) return [];
  const detail = 'exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set';
  return [invalid('spec', omittedValue, detail)];
}

/** How many bytes a base64 text stands for. */
function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.floor((base64.length * 3) / 4) - padding;
}

function statusErrors(status: PodCertificateRequestStatus, old: PodCertificateRequestStatus): FieldError[] {
  const { conditions = [] } = status;
  const errors = [...endingErrors(conditions), ...conditionsErrors(conditions, conditionsPath)];
  if (errors.length > 0) return errors;
  if (endingOf(old)) {
    return changeErrors(status, old, 'immutable after PodCertificateRequest is issued, denied, or failed');
  }
  switch (endingOf(status)) {
    case 'Issued':
      return (status.certificateChain ?? '').length > maxChain
        ? [tooLong('status.certificateChain', '', maxChain)]
        : [];
    case undefined:
      return changeErrors(status, old, 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"');
    default:
      return changeErrors(
        status,
        { conditions },
        'non-condition status fields must be empty when denying or failing the PodCertificateRequest',
      );
  }
}

function endingErrors(conditions: NonNullable<PodCertificateRequestStatus['conditions']>): FieldError[] {
  let known = 0;
  return each(conditions, conditionsPath, ({ type, status }, own) => {
    if (!endings.includes(type)) return [notSupported(`${own}.type`, type, endings)];
    known += 1;
    const detail = 'There may be at most one condition with type "Issued", "Denied", or "Failed"';
    return [
      ...(known > 1 ? [invalid(`${own}.type`, type, detail)] : []),
      ...(status === 'True' ? [] : [notSupported(`${own}.status`, status, ['True'])]),
    ];
  });
}

function changeErrors(
  status: PodCertificateRequestStatus,
  wanted: PodCertificateRequestStatus,
  detail: string,
): FieldError[] {
  return equalJson(comparable(status), comparable(wanted)) ? [] : [invalid('status', omittedValue, detail)];
}

/** Whether two statuses say the same: empty parts are none. */
export function sameStatus(one: PodCertificateRequestStatus, other: PodCertificateRequestStatus): boolean {
  return equalJson(comparable(one), comparable(other));
}

function comparable({ conditions, certificateChain, ...times }: PodCertificateRequestStatus): unknown {
  return {
    ...times,
    ...(conditions?.length ? { conditions } : {}),
    ...(certificateChain ? { certificateChain } : {}),
  };
}
