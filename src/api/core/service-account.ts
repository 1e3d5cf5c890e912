/** ServiceAccount: who a pod is towards the API. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { bool, list } from '../../machinery/schema.ts';
import { ObjectReference } from './endpoints.ts';
import { LocalObjectReference } from './volume.ts';

export const ServiceAccount = defineResource({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  scope: 'Namespaced',
  answersWithDeleted: true,
  shortNames: ['sa'],
  subresources: ['token'],
  fields: {
    secrets: list(2, ObjectReference, { type: 'map', keys: ['name'], mergeKey: 'name', patch: 'merge' }).optional(),
    imagePullSecrets: list(3, LocalObjectReference).optional(),
    automountServiceAccountToken: bool(4).optional(),
  },
  columns: { Secrets: ({ secrets }) => (secrets ?? []).length },
});
export type ServiceAccount = ObjectOf<typeof ServiceAccount>;
