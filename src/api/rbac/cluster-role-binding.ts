/** ClusterRoleBinding: who has a role everywhere. Source: rbac.authorization.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { list, struct } from '../../machinery/schema.ts';
import { RoleRef, Subject } from './role-binding.ts';
import { bindingColumns } from './binding-columns.ts';
import { defaultBinding } from './rbac-defaults.ts';
import { bindingErrors } from './rbac-validation.ts';

export const ClusterRoleBinding = defineResource({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  scope: 'Cluster',
  createdByReplace: true,
  nameFormat: 'path',
  fields: {
    subjects: list(2, Subject).optional(),
    roleRef: struct(3, RoleRef),
  },
  columns: bindingColumns,
  validate: (binding, { old }) => bindingErrors(binding, { namespaced: false, old }),
  defaults: defaultBinding,
});
export type ClusterRoleBinding = ObjectOf<typeof ClusterRoleBinding>;
