/** Validation of CertificateSigningRequests, apart from signatures. Source: kubernetes' certificates validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each } from '../core/value-checks.ts';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  CertificateSigningRequestSpec,
} from './certificate-signing-request.ts';
import { encodedPemBlocks } from './pem-blocks.ts';
import { signerNameErrors } from './signer-name.ts';

/** What a certificate may be used for. Source: certificates.k8s.io KeyUsage. */
const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
const conditionsPath = 'status.conditions';
const lasting = ['Approved', 'Denied', 'Failed'];
const statuses = ['False', 'True', 'Unknown'];
/** The signer of old API versions. */
const legacySigner = 'kubernetes.io/legacy-unknown';

/** What is wrong with a request, or with how its approval or its certificate changes. */
export function certificateRequestErrors(
  request: CertificateSigningRequest,
  { old, subresource }: ValidationContext<CertificateSigningRequest>,
): FieldError[] {
  const { certificate, conditions = [] } = request.status;
  return [
    ...(old ? [] : specErrors(request.spec)),
    ...conditionErrors(conditions),
    ...(certificate && certificate !== old?.status.certificate ? certificateErrors(certificate) : []),
    ...(old ? changeErrors(request, old, subresource) : []),
  ];
}

function specErrors(spec: CertificateSigningRequestSpec): FieldError[] {
  const { request, usages: wanted = [], signerName, expirationSeconds } = spec;
  const types = encodedPemBlocks(request).map(({ type }) => type);
  return [
    ...(types[0] === 'CERTIFICATE REQUEST'
      ? []
      : [invalid('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST')]),
    ...(wanted.length === 0 ? [required('spec.usages')] : []),
    ...each(wanted, 'spec.usages', (usage, own, index) => [
      ...(usages.includes(usage) ? [] : [notSupported(own, usage, usages)]),
      ...(wanted.indexOf(usage) < index ? [duplicate(own, usage)] : []),
    ]),
    ...(signerName === legacySigner
      ? [invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version')]
      : signerNameErrors(signerName, 'spec.signerName')),
    ...(expirationSeconds !== undefined && expirationSeconds < 600
      ? [
          invalid(
            'spec.expirationSeconds',
            expirationSeconds,
            'may not specify a duration less than 600 seconds (10 minutes)',
          ),
        ]
      : []),
  ];
}

function conditionErrors(conditions: readonly CertificateSigningRequestCondition[]): FieldError[] {
  const seen = new Set<string>();
  return each(conditions, conditionsPath, ({ type, status }, own) => {
    const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
    const allowed = lasting.includes(type) ? ['True'] : statuses;
    const errors = [
      ...(type === '' ? [required(`${own}.type`)] : []),
      ...(status === '' ? [required(`${own}.status`)] : []),
      ...(status === '' || allowed.includes(status) ? [] : [notSupported(`${own}.status`, status, allowed)]),
      ...(other && seen.has(other)
        ? [invalid(`${own}.type`, type, 'Approved and Denied conditions are mutually exclusive')]
        : []),
      ...(seen.has(type) ? [duplicate(`${own}.type`, type)] : []),
    ];
    seen.add(type);
    return errors;
  });
}

function certificateErrors(certificate: string): FieldError[] {
  const fault = (detail: string): FieldError[] => [invalid('status.certificate', '<certificate data>', detail)];
  const blocks = encodedPemBlocks(certificate);
  if (blocks.length === 0) return fault('must contain one or more CERTIFICATE PEM blocks');
  const other = blocks.find(({ type }) => type !== 'CERTIFICATE');
  if (other) return fault(`only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(other.type)}`);
  return blocks.some(({ hasHeaders }) => hasHeaders) ? fault('no PEM block headers are permitted') : [];
}

function changeErrors(
  { status }: CertificateSigningRequest,
  { status: before }: CertificateSigningRequest,
  subresource: string | undefined,
): FieldError[] {
  const of = (type: string) => ({
    now: (status.conditions ?? []).filter((condition) => condition.type === type),
    then: (before.conditions ?? []).filter((condition) => condition.type === type),
  });
  const removed = lasting.filter((type) => of(type).now.length < of(type).then.length);
  const errors = removed.map((type) =>
    forbidden(conditionsPath, `updates may not remove a condition of type ${JSON.stringify(type)}`),
  );
  for (const type of subresource === 'approval' ? [] : ['Approved', 'Denied']) {
    const { now, then } = of(type);
    const verb = now.length > then.length ? 'add' : now.length < then.length || equalJson(now, then) ? '' : 'modify';
    if (verb)
      errors.push(forbidden(conditionsPath, `updates may not ${verb} a condition of type ${JSON.stringify(type)}`));
  }
  if ((status.certificate ?? '') === (before.certificate ?? '')) return errors;
  const path = 'status.certificate';
  if (subresource !== 'status') return [...errors, forbidden(path, 'updates may not set certificate content')];
  return before.certificate
    ? [...errors, forbidden(path, 'updates may not modify existing certificate content')]
    : errors;
}
