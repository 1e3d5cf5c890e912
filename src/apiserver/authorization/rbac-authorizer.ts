/** Role-based access control over the roles in memory. */
import type { Decision, LocalAuthorizer, RequestAttributes, User } from '../ports.ts';
import { systemMasters } from '../authentication/users.ts';
import type { GrantedRules, RoleIndex } from './role-index.ts';
import { ruleAllowsName, ruleCovers } from './rule-matching.ts';

const denied: Decision = { allowed: false, reason: '' };
const superuser: Decision = { allowed: true, reason: '' };

/** Decisions that are remembered of one user. */
const rememberedOfUser = 1000;

interface Remembered {
  /** Of the roles by which was decided. */
  readonly generation: number;
  readonly decisions: Map<string, Decision>;
}

/**
 * Makes the authorizer. Members of system:masters may do everything, also before a role exists. Decisions are remembered
 * until a role changes, but for those that the object's name had a part in.
 */
export function createRbacAuthorizer(roles: RoleIndex): LocalAuthorizer {
  const remembered = new WeakMap<User, Remembered>();
  const decisionsOf = (user: User): Map<string, Decision> => {
    const known = remembered.get(user);
    if (known?.generation === roles.generation && known.decisions.size < rememberedOfUser) return known.decisions;
    const decisions = new Map<string, Decision>();
    remembered.set(user, { generation: roles.generation, decisions });
    return decisions;
  };
  return {
    authorize(attributes: RequestAttributes): Decision {
      if (attributes.user.groups.includes(systemMasters)) return superuser;
      const decisions = decisionsOf(attributes.user);
      const question = questionOf(attributes);
      const known = decisions.get(question);
      if (known) return known;
      const { decision, byName } = decide(roles, attributes);
      if (!byName) decisions.set(question, decision);
      return decision;
    },
  };
}

/**
 * What is asked, but for the name of the object. The two kinds of questions begin differently: reviews ask about any
 * text, and a path such as `/secrets/ kube-system` must not stand for the resource.
 */
function questionOf({ isResource, verb, path, group, resource, subresource, namespace }: RequestAttributes): string {
  return isResource ? `r${verb} ${group}/${resource}/${subresource} ${namespace}` : `p${verb} ${path}`;
}

function decide(
  roles: RoleIndex,
  attributes: RequestAttributes,
): { readonly decision: Decision; readonly byName: boolean } {
  const namespace = attributes.isResource ? attributes.namespace : '';
  let byName = false;
  for (const grant of roles.grantsTo(attributes.user, namespace)) {
    for (const rule of grant.rules) {
      if (!ruleCovers(rule, attributes)) continue;
      byName ||= (rule.resourceNames?.length ?? 0) > 0;
      if (ruleAllowsName(rule, attributes)) return { decision: { allowed: true, reason: reasonOf(grant) }, byName };
    }
  }
  return { decision: denied, byName };
}

function reasonOf({ binding, subject }: GrantedRules): string {
  const { namespace, name } = binding.metadata;
  const { roleRef } = binding;
  const kind = namespace ? 'RoleBinding' : 'ClusterRoleBinding';
  const bound = `${kind} ${JSON.stringify(namespace ? `${name}/${namespace}` : name)}`;
  const [subjectKind = '', ...subjectName] = subject.split(':');
  const who = `${subjectKind} ${JSON.stringify(subjectName.join(':'))}`;
  return `RBAC: allowed by ${bound} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${who}`;
}
