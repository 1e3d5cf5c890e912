/** CSIDriver: what the cluster must know of a CSI driver. Source: storage.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, int64, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { csiDriverErrors } from './csi-driver-validation.ts';

/** A token of the pod's service account that the driver wants. */
export const TokenRequest = defineStruct('TokenRequest', {
  audience: text(1),
  expirationSeconds: int64(2).optional(),
});
export type TokenRequest = TypeOf<typeof TokenRequest>;

/** How Kubernetes works with the driver. */
export const CSIDriverSpec = defineStruct('CSIDriverSpec', {
  attachRequired: bool(1).default(true),
  podInfoOnMount: bool(2).default(false),
  volumeLifecycleModes: list(3, text, { type: 'set' }).optional(),
  storageCapacity: bool(4).default(false),
  fsGroupPolicy: text(5).default('ReadWriteOnceWithFSType'),
  tokenRequests: list(6, TokenRequest).optional(),
  requiresRepublish: bool(7).default(false),
  seLinuxMount: bool(8).default(false),
  nodeAllocatableUpdatePeriodSeconds: int64(9).optional(),
  serviceAccountTokenInSecrets: bool(10).optional(),
  preventPodSchedulingIfMissing: bool(11).optional(),
});
export type CSIDriverSpec = TypeOf<typeof CSIDriverSpec>;

const csiDriverFields = {
  spec: struct(2, CSIDriverSpec),
};
export type CSIDriver = StoredObject<typeof csiDriverFields>;

/** A CSI driver, by its name. */
export const CSIDriver = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  scope: 'Cluster',
  answersWithDeleted: true,
  fields: csiDriverFields,
  countsGeneration: false,
  columns: {
    AttachRequired: { value: ({ spec }) => spec.attachRequired, type: 'boolean' },
    PodInfoOnMount: { value: ({ spec }) => spec.podInfoOnMount, type: 'boolean' },
    StorageCapacity: { value: ({ spec }) => spec.storageCapacity, type: 'boolean' },
    TokenRequests: ({ spec }) => spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>',
    RequiresRepublish: { value: ({ spec }) => spec.requiresRepublish, type: 'boolean' },
    Modes: ({ spec }) => spec.volumeLifecycleModes?.join(',') || '<none>',
  },
  defaults({ spec }) {
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
  },
  prepareForUpdate({ metadata, spec }, old) {
    // It begins without a generation, and counts from the first change on.
    if (!equalJson(spec, old.spec)) metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: csiDriverErrors,
});
