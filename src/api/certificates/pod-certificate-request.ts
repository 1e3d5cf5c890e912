/** PodCertificateRequest: a kubelet asks a signer for a certificate for one of its pods. Source: certificates.k8s.io/v1. */
import { Condition } from '../../machinery/meta.ts';
import { defineResource, statusMetadata } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bytes, defineStruct, int32, list, map, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { keepDeprecatedKey } from './deprecated-pod-key.ts';
import { podCertificateRequestErrors } from './pod-certificate-request-validation.ts';

/** Whose certificate: the pod, its account and its node; the fields that both versions have. */
export const podCertificateSubject = {
  signerName: text(1),
  podName: text(2),
  podUID: text(3),
  serviceAccountName: text(4),
  serviceAccountUID: text(5),
  nodeName: text(6),
  nodeUID: text(7),
  maxExpirationSeconds: int32(8).default(86_400),
  unverifiedUserAnnotations: map(11, text).optional(),
};

/** Whose certificate, and the key that it is to be of: in a request that is empty but for it, and signed by it; DER. */
export const PodCertificateRequestSpec = defineStruct('PodCertificateRequestSpec', {
  ...podCertificateSubject,
  stubPKCS10Request: bytes(12),
});
export type PodCertificateRequestSpec = TypeOf<typeof PodCertificateRequestSpec>;

/** The certificate once it is issued, or why there is none. */
export const PodCertificateRequestStatus = defineStruct('PodCertificateRequestStatus', {
  conditions: list(1, Condition, { type: 'map', keys: ['type'], mergeKey: 'type', patch: 'merge' }).optional(),
  certificateChain: text(2).omitEmpty(),
  notBefore: time(4).optional(),
  beginRefreshAt: time(5).optional(),
  notAfter: time(6).optional(),
});
export type PodCertificateRequestStatus = TypeOf<typeof PodCertificateRequestStatus>;

const podCertificateRequestFields = {
  spec: struct(2, PodCertificateRequestSpec),
  status: struct(3, PodCertificateRequestStatus).default({}),
};
export type PodCertificateRequest = StoredObject<typeof podCertificateRequestFields>;

/** What of a request both versions show alike. */
export interface AnyPodCertificateRequest {
  readonly spec: Omit<PodCertificateRequestSpec, 'stubPKCS10Request'> & {
    readonly stubPKCS10Request?: string | undefined;
    readonly pkixPublicKey?: string | undefined;
    readonly proofOfPossession?: string | undefined;
  };
  readonly status: PodCertificateRequestStatus;
}

/** What both versions state of the kind. */
export const statedPodCertificateRequest = {
  group: 'certificates.k8s.io',
  kind: 'PodCertificateRequest',
  plural: 'podcertificaterequests',
  scope: 'Namespaced',
  subresources: ['status'],
  countsGeneration: false,
  replacedByVersion: true,
  keptFromStatus: statusMetadata,
  immutable: ['spec'],
  columns: {
    PodName: ({ spec }: AnyPodCertificateRequest) => spec.podName,
    ServiceAccountName: ({ spec }: AnyPodCertificateRequest) => spec.serviceAccountName,
    NodeName: ({ spec }: AnyPodCertificateRequest) => spec.nodeName,
    SignerName: ({ spec }: AnyPodCertificateRequest) => spec.signerName,
    State: ({ status: { conditions = [] } }: AnyPodCertificateRequest) => conditions.at(-1)?.type ?? 'Pending',
  },
  selectableFields: {
    'spec.signerName': ({ spec }: AnyPodCertificateRequest) => spec.signerName,
    'spec.podName': ({ spec }: AnyPodCertificateRequest) => spec.podName,
    'spec.nodeName': ({ spec }: AnyPodCertificateRequest) => spec.nodeName,
  },
  validate: podCertificateRequestErrors,
} as const;

/** A pod's certificate, asked for. Who may sign, and whether the key is held, the API server looks at. */
export const PodCertificateRequest = defineResource({
  ...statedPodCertificateRequest,
  version: 'v1',
  fields: podCertificateRequestFields,
  prepareForCreate(request) {
    request.status = {};
    keepDeprecatedKey(request, undefined);
  },
  prepareForUpdate: keepDeprecatedKey,
});
