/** ClusterTrustBundle: root certificates that pods can be given. Source: certificates.k8s.io/v1 of Kubernetes 1.37. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { trustBundleErrors } from './cluster-trust-bundle-validation.ts';

/** The certificates, and the signer whose roots they are, if any. */
export const ClusterTrustBundleSpec = defineStruct('ClusterTrustBundleSpec', {
  signerName: text(1).omitEmpty(),
  trustBundle: text(2),
});
export type ClusterTrustBundleSpec = TypeOf<typeof ClusterTrustBundleSpec>;

const clusterTrustBundleFields = { spec: struct(2, ClusterTrustBundleSpec) };
export type ClusterTrustBundle = StoredObject<typeof clusterTrustBundleFields>;

/** What all versions state. */
const stated = {
  group: 'certificates.k8s.io',
  kind: 'ClusterTrustBundle',
  plural: 'clustertrustbundles',
  scope: 'Cluster',
  fields: clusterTrustBundleFields,
  countsGeneration: false,
  replacedByVersion: true,
  // Validation judges the name: what is right depends on the signer.
  nameFormat: 'any',
  columns: {
    Name: ({ metadata }: ClusterTrustBundle) => metadata.name,
    SignerName: ({ spec }: ClusterTrustBundle) => spec.signerName ?? '<none>',
  },
  selectableFields: { 'spec.signerName': ({ spec }: ClusterTrustBundle) => spec.signerName ?? '' },
  validate: trustBundleErrors,
} as const;

/** Certificates that are trusted. Who states those of a signer must be allowed to attest for it. */
export const ClusterTrustBundle = defineResource({ ...stated, version: 'v1' });

const { apiVersion, group } = ClusterTrustBundle;

/** ClusterTrustBundle under its older version; the objects are the same. */
export const ClusterTrustBundleV1beta1 = defineResource({
  ...stated,
  version: 'v1beta1',
  storedAs: {
    resource: ClusterTrustBundle,
    toStored: (bundle) => ({ ...bundle, apiVersion }),
    fromStored: (bundle) => ({ ...bundle, apiVersion: `${group}/v1beta1` }),
  },
});
