/**
 * Admission of roles and bindings: nobody may grant what they do not have, unless the verbs `escalate` (roles) or `bind`
 * (bindings) say so. Source: kubernetes' rbac policybased storage.
 */
import { andThen } from '../../base/and-then.ts';
import { StatusError } from '../../base/errors.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { Role } from '../../api/rbac/role.ts';
import type { RoleRef } from '../../api/rbac/role-binding.ts';
import type { PolicyRule } from '../../api/rbac/role.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import type { AdmissionPlugin, AdmissionRequest, Authorizer, RequestAttributes, User } from '../ports.ts';
import { systemMasters } from '../authentication/users.ts';
import { resourceAttributes } from './attributes.ts';
import type { RoleIndex } from './role-index.ts';
import { compactRule, compactRules, uncoveredRules } from './rule-covering.ts';

const roleKinds: readonly string[] = [Role.qualified, ClusterRole.qualified];
const bindingKinds: readonly string[] = [RoleBinding.qualified, ClusterRoleBinding.qualified];

/** Makes the check; it runs with admission, since it needs the object and the user. */
export function createEscalationCheck(roles: RoleIndex, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'RBACEscalationCheck',
    validate(request) {
      const { object, operation, attributes, resource } = request;
      if (!object || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
      const isRole = roleKinds.includes(resource.qualified);
      if (!isRole && !bindingKinds.includes(resource.qualified)) return;
      if (attributes.user.groups.includes(systemMasters) || isUnchanged(request)) return;
      const lifted = authorizer.authorize(isRole ? escalation(request) : binding(request));
      return andThen(lifted, ({ allowed }) => {
        if (!allowed) refuseExcess(request, roles, isRole ? wantedByRole(request) : wantedByBinding(request, roles));
      });
    },
  };
}

/** An update that grants nothing new needs no check: a label may be set by whoever may update. */
function isUnchanged({ object, old }: AdmissionRequest): boolean {
  if (!object || !old) return false;
  const before: Readonly<Record<string, unknown>> = { ...old };
  const parts = ['rules', 'aggregationRule', 'roleRef', 'subjects'];
  return parts.every((part) => JSON.stringify(before[part]) === JSON.stringify(object[part]));
}

function escalation({ attributes, object }: AdmissionRequest): RequestAttributes {
  return { ...attributes, verb: 'escalate', name: nameOf(object) || attributes.name };
}

function wantedByRole({ object }: AdmissionRequest): readonly PolicyRule[] {
  const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
  const everyPath = { verbs: ['*'], nonResourceURLs: ['*'] };
  // An aggregation rule can come to mean anything.
  if (object?.['aggregationRule'] !== undefined) return [everything, everyPath];
  return rulesOf(object);
}

function binding({ attributes, object }: AdmissionRequest): RequestAttributes {
  const roleRef = object?.['roleRef'] as RoleRef;
  return resourceAttributes(attributes.user, {
    verb: 'bind',
    group: roleRef.apiGroup ?? Role.group,
    resource: roleRef.kind === 'ClusterRole' ? ClusterRole.plural : Role.plural,
    namespace: attributes.namespace,
    name: roleRef.name,
  });
}

function wantedByBinding({ attributes, object }: AdmissionRequest, roles: RoleIndex): readonly PolicyRule[] {
  const roleRef = object?.['roleRef'] as RoleRef;
  const rules = roles.rulesOf(roleRef, attributes.namespace);
  if (!rules) {
    const kind = roleRef.kind === 'ClusterRole' ? ClusterRole : Role;
    throw new StatusError('NotFound', `${kind.qualified} ${JSON.stringify(roleRef.name)} not found`, {
      details: { name: roleRef.name, group: kind.group, kind: kind.plural },
    });
  }
  return rules;
}

function refuseExcess(
  { attributes, resource, object }: AdmissionRequest,
  roles: RoleIndex,
  wanted: readonly PolicyRule[],
): void {
  const owned = [...roles.grantsTo(attributes.user, attributes.namespace)].flatMap(({ rules }) => rules);
  const missing = compactRules(uncoveredRules(owned, wanted));
  if (missing.length === 0) return;
  const name = nameOf(object) || attributes.name;
  throw new StatusError(
    'Forbidden',
    `${resource.qualified} ${JSON.stringify(name)} is forbidden: ${describeUser(attributes.user)} is attempting to grant RBAC permissions not currently held:\n${missing.map(compactRule).join('\n')}`,
    { details: { name, group: resource.group, kind: resource.plural } },
  );
}

function describeUser({ name, groups }: User): string {
  return `user ${JSON.stringify(name)} (groups=[${groups.map((group) => JSON.stringify(group)).join(' ')}])`;
}

function nameOf(object: Readonly<Record<string, unknown>> | undefined): string {
  return (object?.['metadata'] as { readonly name?: string } | undefined)?.name ?? '';
}

function rulesOf(object: Readonly<Record<string, unknown>> | undefined): readonly PolicyRule[] {
  return (object?.['rules'] as readonly PolicyRule[] | undefined) ?? [];
}
