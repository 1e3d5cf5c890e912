/** Lists what the asking user may do in a namespace: SelfSubjectRulesReview, behind `kubectl auth can-i --list`. */
import { SelfSubjectRulesReview } from '../../api/authorization/self-subject-rules-review.ts';
import { StatusError } from '../../base/errors.ts';
import type { PolicyRule } from '../../api/rbac/role.ts';
import type { VirtualResource } from '../ports.ts';
import { errorText } from './error-text.ts';
import type { RuleResolver } from './rule-resolver.ts';

/** Makes the review. */
export function rulesReview(resolver: RuleResolver): VirtualResource {
  return {
    resource: SelfSubjectRulesReview,
    verb: 'create',
    async create(object, { user }) {
      const { namespace = '' } = (object as { readonly spec?: { readonly namespace?: string } }).spec ?? {};
      if (namespace === '') throw new StatusError('BadRequest', 'no namespace on request');
      const { rules, incomplete, errors } = resolver.rulesFor(user, namespace);
      return {
        ...object,
        status: {
          resourceRules: rules.filter(({ resources = [] }) => resources.length > 0).map(withoutPaths),
          nonResourceRules: rules
            .filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0)
            .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
          incomplete,
          ...(errors.length > 0 ? { evaluationError: errorText(errors) } : {}),
        },
      };
    },
  };
}

function withoutPaths({ verbs, apiGroups, resources, resourceNames }: PolicyRule): object {
  return { verbs, apiGroups, resources, ...(resourceNames === undefined ? {} : { resourceNames }) };
}
