/** PodCertificateRequest as it was first: with an older way of stating the key. Source: certificates.k8s.io/v1beta1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ApiObject, StoredObject } from '../../machinery/resource.ts';
import { bytes, defineStruct, struct } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { deprecatedPodKey, withDeprecatedPodKey } from './deprecated-pod-key.ts';
import {
  PodCertificateRequest,
  PodCertificateRequestStatus,
  podCertificateSubject,
  statedPodCertificateRequest,
} from './pod-certificate-request.ts';

const version = 'v1beta1';
const { apiVersion, group } = PodCertificateRequest;

/** Whose certificate, and its key: in an empty request, or plainly with a proof that whoever asks has it. */
export const PodCertificateRequestSpec = defineStruct('PodCertificateRequestSpec', {
  ...podCertificateSubject,
  pkixPublicKey: bytes(9).optional(),
  proofOfPossession: bytes(10).optional(),
  stubPKCS10Request: bytes(12).optional(),
});
export type PodCertificateRequestSpec = TypeOf<typeof PodCertificateRequestSpec>;

const podCertificateRequestFields = {
  spec: struct(2, PodCertificateRequestSpec),
  status: struct(3, PodCertificateRequestStatus).default({}),
};
export type PodCertificateRequestV1beta1 = StoredObject<typeof podCertificateRequestFields>;

/** A pod's certificate, asked for; the same objects as v1's. */
export const PodCertificateRequestV1beta1 = defineResource({
  ...statedPodCertificateRequest,
  version,
  fields: podCertificateRequestFields,
  storedAs: { resource: PodCertificateRequest, toStored, fromStored: (object) => fromStored(object as never) },
  prepareForCreate(request) {
    request.status = {};
  },
});

function toStored({ metadata, spec, ...rest }: PodCertificateRequestV1beta1): ApiObject {
  const { pkixPublicKey, proofOfPossession, stubPKCS10Request = '', ...subject } = spec;
  const stored = {
    ...rest,
    apiVersion,
    metadata: withDeprecatedPodKey(metadata, { pkixPublicKey, proofOfPossession }),
    spec: { ...subject, stubPKCS10Request },
  };
  return stored;
}

function fromStored({ metadata, spec, ...rest }: PodCertificateRequest): ApiObject {
  const { stubPKCS10Request, ...subject } = spec;
  const shown = {
    ...rest,
    apiVersion: `${group}/${version}`,
    metadata: withDeprecatedPodKey(metadata, {}),
    spec: { ...subject, ...deprecatedPodKey(metadata), ...(stubPKCS10Request ? { stubPKCS10Request } : {}) },
  };
  return shown;
}
