/**
 * Admission of roles and bindings: nobody may grant what they do not have, unless the verbs `escalate` (roles) or `bind`
 * (bindings) say so. Source: kubernetes' rbac policybased storage.
 */
import { equalJson } from '../../machinery/patch/equal-json.ts';
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
import { allow, allowPaths } from './bootstrap-rules.ts';
import { errorText } from './error-text.ts';
import { rbacErrors } from './rbac-authorizer.ts';
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
      if (attributes.user.groups.includes(systemMasters) || isOnlyForCollector(request)) return;
      const lifted = authorizer.authorize(isRole ? escalation(request) : binding(request));
      return andThen(lifted, ({ allowed }) => {
        if (allowed) return;
        if (isRole) refuseRole(request, roles);
        else refuseExcess(request, roles, wantedByBinding(request, roles));
      });
    },
  };
}

/**
 * An update of what only the garbage collector looks at needs no check. All else does, though no rule changes: labels decide
 * what an aggregated role gathers. Source: rbac registry's IsOnlyMutatingGCFields.
 */
function isOnlyForCollector({ object, old }: AdmissionRequest): boolean {
  return object !== undefined && old !== undefined && equalJson(comparable(object), comparable({ ...old }));
}

function comparable(object: Readonly<Record<string, unknown>>): unknown {
  const uncounted = { ownerReferences: undefined, finalizers: undefined, managedFields: undefined };
  const metadata = { ...(object['metadata'] as object), ...uncounted, resourceVersion: undefined };
  return { ...object, metadata };
}

function escalation({ attributes, object }: AdmissionRequest): RequestAttributes {
  return { ...attributes, verb: 'escalate', name: nameOf(object) || attributes.name };
}

function refuseRole(request: AdmissionRequest, roles: RoleIndex): void {
  const { object, old } = request;
  refuseExcess(request, roles, rulesOf(object));
  // An aggregation rule can come to mean anything, and one that goes lets what it has gathered stay.
  if (!hasAggregationRule(object) && !hasAggregationRule(old && { ...old })) return;
  if (missingRules(request, roles, fullAuthority).length === 0) return;
  throw forbidden(request, 'must have cluster-admin privileges to use the aggregationRule');
}

const fullAuthority: readonly PolicyRule[] = [allow('*', '*', '*'), allowPaths('*', '*')];

function hasAggregationRule(object: Readonly<Record<string, unknown>> | undefined): boolean {
  const rule = object?.['aggregationRule'] as { readonly clusterRoleSelectors?: readonly object[] } | undefined;
  return (rule?.clusterRoleSelectors?.length ?? 0) > 0;
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

function refuseExcess(request: AdmissionRequest, roles: RoleIndex, wanted: readonly PolicyRule[]): void {
  const missing = compactRules(missingRules(request, roles, wanted));
  if (missing.length === 0) return;
  const { user, namespace } = request.attributes;
  const lines = [...new Set(missing.map(compactRule))].sort();
  const errors = rbacErrors(roles.grantsTo(user, namespace));
  const resolution = errors.length === 0 ? '' : `; resolution errors: [${errorText(errors)}]`;
  throw forbidden(
    request,
    `${describeUser(user)} is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}${resolution}`,
  );
}

function missingRules(
  { attributes }: AdmissionRequest,
  roles: RoleIndex,
  wanted: readonly PolicyRule[],
): readonly PolicyRule[] {
  const owned = roles.grantsTo(attributes.user, attributes.namespace).flatMap(({ role }) => role?.rules ?? []);
  return uncoveredRules(owned, wanted);
}

function forbidden({ attributes, resource, object }: AdmissionRequest, reason: string): StatusError {
  const name = nameOf(object) || attributes.name;
  return new StatusError('Forbidden', `${resource.qualified} ${JSON.stringify(name)} is forbidden: ${reason}`, {
    details: { name, group: resource.group, kind: resource.plural },
  });
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
