import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bytes, defineStruct, int32, list, listOf, map, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

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

export const CertificateSigningRequestCondition = defineStruct('CertificateSigningRequestCondition', {
  type: text(1),
  reason: text(2).omitEmpty(),
  message: text(3).omitEmpty(),
  lastUpdateTime: time(4).omitEmpty(),
  lastTransitionTime: time(5).omitEmpty(),
  status: text(6),
});
export type CertificateSigningRequestCondition = TypeOf<typeof CertificateSigningRequestCondition>;

export const CertificateSigningRequestStatus = defineStruct('CertificateSigningRequestStatus', {
  conditions: list(1, CertificateSigningRequestCondition, { type: 'map', keys: ['type'] }).optional(),
  certificate: bytes(2).optional(),
});
export type CertificateSigningRequestStatus = TypeOf<typeof CertificateSigningRequestStatus>;

const certificateSigningRequestFields = {
  spec: struct(2, CertificateSigningRequestSpec),
  status: struct(3, CertificateSigningRequestStatus).default({}),
};
/** A CertificateSigningRequest. Source: certificates.k8s.io/v1. */
export type CertificateSigningRequest = StoredObject<typeof certificateSigningRequestFields>;

export const CertificateSigningRequest = defineResource({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  scope: 'Cluster',
  shortNames: ['csr'],
  subresources: ['status', 'approval'],
  fields: certificateSigningRequestFields,
});
