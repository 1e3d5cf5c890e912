/** Lists what the asking user may do in a namespace: SelfSubjectRulesReview, behind `kubectl auth can-i --list`. */
import { SelfSubjectRulesReview } from '../../api/authorization/self-subject-rules-review.ts';
import { StatusError } from '../../base/errors.ts';
import type { PolicyRule } from '../../api/rbac/role.ts';
import { systemMasters } from '../authentication/users.ts';
import type { User, VirtualResource } from '../ports.ts';
import { allow, allowPaths } from './bootstrap-rules.ts';
import type { RoleIndex } from './role-index.ts';

const everything: readonly PolicyRule[] = [allow('*', '*', '*'), allowPaths('*', '*')];

/** Makes the review. */
export function rulesReview(roles: RoleIndex): VirtualResource {
  return {
    resource: SelfSubjectRulesReview,
    verb: 'create',
    async create(object, { user }) {
      const { namespace = '' } = (object as { readonly spec?: { readonly namespace?: string } }).spec ?? {};
      if (namespace === '') throw new StatusError('BadRequest', 'no namespace on request');
      const rules = rulesOf(roles, user, namespace);
      return {
        ...object,
        status: {
          resourceRules: rules.filter(({ resources = [] }) => resources.length > 0).map(withoutPaths),
          nonResourceRules: rules
            .filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0)
            .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
          incomplete: false,
        },
      };
    },
  };
}

function rulesOf(roles: RoleIndex, user: User, namespace: string): readonly PolicyRule[] {
  const granted = [...roles.grantsTo(user, namespace)].flatMap(({ rules }) => rules);
  return user.groups.includes(systemMasters) ? [...everything, ...granted] : granted;
}

function withoutPaths({ verbs, apiGroups, resources, resourceNames }: PolicyRule): object {
  return { verbs, apiGroups, resources, ...(resourceNames === undefined ? {} : { resourceNames }) };
}
