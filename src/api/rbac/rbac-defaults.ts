/** Defaults of bindings: the groups that subjects and roles are in. Source: kubernetes' rbac/v1 defaults. */
import type { Writable } from '../../machinery/schema.ts';
import type { RoleRef, Subject } from './role-binding.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

/** Fills in the API groups of a binding's role and subjects. */
export function defaultBinding(binding: {
  roleRef: Writable<RoleRef>;
  subjects?: Writable<Subject>[] | undefined;
}): void {
  binding.roleRef.apiGroup ||= rbacGroup;
  for (const subject of binding.subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup;
  }
}
