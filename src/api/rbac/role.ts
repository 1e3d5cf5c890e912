/** Role: what may be done within a namespace. Source: rbac.authorization.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { defineStruct, list, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { createdColumns } from '../core/created-columns.ts';
import { roleErrors } from './rbac-validation.ts';

export const PolicyRule = defineStruct('PolicyRule', {
  verbs: list(1, text),
  apiGroups: list(2, text).optional(),
  resources: list(3, text).optional(),
  resourceNames: list(4, text).optional(),
  nonResourceURLs: list(5, text).optional(),
});
export type PolicyRule = TypeOf<typeof PolicyRule>;

export const Role = defineResource({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  scope: 'Namespaced',
  createdByReplace: true,
  nameFormat: 'path',
  fields: {
    rules: list(2, PolicyRule).optional(),
  },
  columns: createdColumns,
  validate: (role) => roleErrors(role, { namespaced: true }),
});
export type Role = ObjectOf<typeof Role>;
