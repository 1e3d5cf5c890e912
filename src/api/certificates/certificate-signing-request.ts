/** CertificateSigningRequest: asks a signer for a certificate, which someone must approve. Source: certificates.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bytes, defineStruct, int32, list, listOf, map, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf, Writable } from '../../machinery/schema.ts';
import { ageOf, humanDuration } from '../../machinery/human-duration.ts';
import type { Requester } from '../../machinery/resource.ts';
import { settleStatus } from './certificate-signing-request-status.ts';
import { certificateRequestErrors } from './certificate-signing-request-validation.ts';

/** The request, who made it, and what the certificate is for. */
export const CertificateSigningRequestSpec = defineStruct('CertificateSigningRequestSpec', {
  request: bytes(1),
  username: text(2).omitEmpty(),
  uid: text(3).omitEmpty(),
  groups: list(4, text).optional(),
  usages: list(5, text).optional(),
  extra: map(6, listOf(text)).optional(),
  signerName: text(7),
  expirationSeconds: int32(8).optional(),
});
export type CertificateSigningRequestSpec = TypeOf<typeof CertificateSigningRequestSpec>;

/** What was decided of the request. */
export const CertificateSigningRequestCondition = defineStruct('CertificateSigningRequestCondition', {
  type: text(1),
  reason: text(2).omitEmpty(),
  message: text(3).omitEmpty(),
  lastUpdateTime: time(4).omitEmpty(),
  lastTransitionTime: time(5).omitEmpty(),
  status: text(6),
});
export type CertificateSigningRequestCondition = TypeOf<typeof CertificateSigningRequestCondition>;

/** The decision, and the certificate once it is issued. */
export const CertificateSigningRequestStatus = defineStruct('CertificateSigningRequestStatus', {
  conditions: list(1, CertificateSigningRequestCondition, { type: 'map', keys: ['type'] }).optional(),
  certificate: bytes(2).optional(),
});
export type CertificateSigningRequestStatus = TypeOf<typeof CertificateSigningRequestStatus>;

const certificateSigningRequestFields = {
  spec: struct(2, CertificateSigningRequestSpec),
  status: struct(3, CertificateSigningRequestStatus).default({}),
};
export type CertificateSigningRequest = StoredObject<typeof certificateSigningRequestFields>;

/** Asks for a certificate. Who asks is what the server knows, not what the client says. */
export const CertificateSigningRequest = defineResource({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  scope: 'Cluster',
  shortNames: ['csr'],
  subresources: ['status', 'approval'],
  statusSubresources: ['approval'],
  fields: certificateSigningRequestFields,
  countsGeneration: false,
  nameFormat: 'any',
  columns: {
    Age: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now),
    SignerName: ({ spec }) => spec.signerName,
    Requestor: ({ spec }) => spec.username ?? '',
    RequestedDuration: ({ spec: { expirationSeconds: seconds } }) =>
      seconds === undefined ? '<none>' : humanDuration(seconds * 1000),
    Condition: ({ status }) => conditionText(status),
  },
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
  prepareForCreate(request, { user }) {
    const { username: _username, uid: _uid, groups: _groups, extra: _extra, ...asked } = request.spec;
    request.spec = { ...asked, ...requesterOf(user) };
    request.status = {};
  },
  prepareForUpdate(request, { spec }) {
    request.spec = structuredClone(spec) as Writable<CertificateSigningRequestSpec>;
  },
  prepareForStatus: settleStatus,
  validate: certificateRequestErrors,
});

/** The requester's part of the spec. */
function requesterOf({ name, uid, groups, extra }: Requester): Writable<Partial<CertificateSigningRequestSpec>> {
  const more = Object.entries(extra ?? {}).map(([key, values]) => [key, [...values]] as [string, string[]]);
  return {
    ...(name ? { username: name } : {}),
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups: [...groups] } : {}),
    ...(more.length > 0 ? { extra: Object.fromEntries(more) } : {}),
  };
}

function conditionText({ conditions = [], certificate }: CertificateSigningRequestStatus): string {
  const has = (type: string): boolean => conditions.some((condition) => condition.type === type);
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return `${decision}${has('Failed') ? ',Failed' : ''}${certificate ? ',Issued' : ''}`;
}
