import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, int64, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const TokenRequest = defineStruct('TokenRequest', {
  audience: text(1),
  expirationSeconds: int64(2).optional(),
});
export type TokenRequest = TypeOf<typeof TokenRequest>;

export const CSIDriverSpec = defineStruct('CSIDriverSpec', {
  attachRequired: bool(1).optional(),
  podInfoOnMount: bool(2).optional(),
  volumeLifecycleModes: list(3, text, { type: 'set' }).optional(),
  storageCapacity: bool(4).optional(),
  fsGroupPolicy: text(5).optional(),
  tokenRequests: list(6, TokenRequest).optional(),
  requiresRepublish: bool(7).optional(),
  seLinuxMount: bool(8).optional(),
  nodeAllocatableUpdatePeriodSeconds: int64(9).optional(),
  serviceAccountTokenInSecrets: bool(10).optional(),
  preventPodSchedulingIfMissing: bool(11).optional(),
});
export type CSIDriverSpec = TypeOf<typeof CSIDriverSpec>;

const csiDriverFields = {
  spec: struct(2, CSIDriverSpec),
};
/** A CSIDriver. Source: storage.k8s.io/v1. */
export type CSIDriver = StoredObject<typeof csiDriverFields>;

export const CSIDriver = defineResource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  scope: 'Cluster',
  fields: csiDriverFields,
});
