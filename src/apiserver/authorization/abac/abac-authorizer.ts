/** Attribute-based access control by the lines of a file. Source: kubernetes' pkg/auth/authorizer/abac. */
import type { PolicyRule } from '../../../api/rbac/role.ts';
import type { Decision, LocalAuthorizer, RequestAttributes, User } from '../../ports.ts';
import type { RuleResolver } from '../rule-resolver.ts';
import type { AbacPolicy } from './abac-policy.ts';

const allowed: Decision = { allowed: true, reason: '' };
const noOpinion: Decision = { allowed: false, reason: 'No policy matched.' };
const readingVerbs: readonly string[] = ['get', 'list', 'watch'];
const none: readonly AbacPolicy[] = [];

/** Makes the authorizer. */
export function createAbacAuthorizer(policies: readonly AbacPolicy[]): LocalAuthorizer & RuleResolver {
  // Whom nobody is named in matches nobody.
  const byUser = Map.groupBy(
    policies.filter(({ user }) => user !== ''),
    ({ user }) => user,
  );
  const byGroup = Map.groupBy(
    policies.filter(({ user, group }) => user === '' && group !== ''),
    ({ group }) => group,
  );
  const policiesOf = ({ name, groups }: User): readonly AbacPolicy[] => [
    ...(byUser.get(name) ?? none).filter(({ group }) => group === '' || groups.includes(group)),
    ...groups.flatMap((group) => byGroup.get(group) ?? none),
  ];
  return {
    authorize: (attributes) =>
      policiesOf(attributes.user).some((policy) => matches(policy, attributes)) ? allowed : noOpinion,
    rulesFor: (user, namespace) => ({
      rules: policiesOf(user)
        .filter((policy) => policy.namespace === '*' || policy.namespace === namespace)
        .flatMap(rulesOf),
      incomplete: false,
      errors: [],
    }),
  };
}

function matches(policy: AbacPolicy, { isResource, verb, ...asked }: RequestAttributes): boolean {
  if (policy.readonly && !readingVerbs.includes(verb)) return false;
  if (!isResource) return matchesPath(policy.nonResourcePath, asked.path);
  return (
    isEither(policy.namespace, asked.namespace) &&
    isEither(policy.resource, asked.resource) &&
    isEither(policy.apiGroup, asked.group)
  );
}

function isEither(wanted: string, value: string): boolean {
  return wanted === '*' || wanted === value;
}

function matchesPath(wanted: string, path: string): boolean {
  return isEither(wanted, path) || (wanted.endsWith('*') && path.startsWith(wanted.replace(/\*+$/, '')));
}

function rulesOf({ readonly, apiGroup, resource, nonResourcePath }: AbacPolicy): readonly PolicyRule[] {
  const verbs = readonly ? readingVerbs : ['*'];
  return [
    ...(resource === '' ? [] : [{ verbs, apiGroups: [apiGroup], resources: [resource] }]),
    ...(nonResourcePath === '' ? [] : [{ verbs, nonResourceURLs: [nonResourcePath] }]),
  ];
}
