/** RoleBinding: who has a role within a namespace. Source: rbac.authorization.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { defineStruct, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { bindingColumns } from './binding-columns.ts';
import { defaultBinding } from './rbac-defaults.ts';
import { bindingErrors } from './rbac-validation.ts';

export const RoleRef = defineStruct(
  'RoleRef',
  {
    apiGroup: text(1).default(''),
    kind: text(2),
    name: text(3),
  },
  { atomic: true },
);
export type RoleRef = TypeOf<typeof RoleRef>;

export const Subject = defineStruct(
  'Subject',
  {
    kind: text(1),
    apiGroup: text(2).omitEmpty(),
    name: text(3),
    namespace: text(4).omitEmpty(),
  },
  { atomic: true },
);
export type Subject = TypeOf<typeof Subject>;

export const RoleBinding = defineResource({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  scope: 'Namespaced',
  createdByReplace: true,
  nameFormat: 'path',
  fields: {
    subjects: list(2, Subject).optional(),
    roleRef: struct(3, RoleRef),
  },
  columns: bindingColumns,
  validate: (binding, { old }) => bindingErrors(binding, { namespaced: true, old }),
  defaults: defaultBinding,
});
export type RoleBinding = ObjectOf<typeof RoleBinding>;
