/** Role-based access control over the roles in memory. Source: kubernetes' plugin/pkg/auth/authorizer/rbac. */
import { Role } from '../../api/rbac/role.ts';
import type { Decision, LocalAuthorizer, RequestAttributes, User } from '../ports.ts';
import { resourceKey } from './compiled-role.ts';
import type { CompiledRole } from './compiled-role.ts';
import { errorText } from './error-text.ts';
import type { Grant, RoleIndex } from './role-index.ts';
import type { RuleResolver } from './rule-resolver.ts';
import { includesVerb, ruleAllowsName, ruleCovers } from './rule-matching.ts';

const noOpinion: Decision = { allowed: false, reason: '' };

/** Decisions that are remembered of one user. */
const rememberedOfUser = 1000;

interface Remembered {
  /** Of the roles by which was decided. */
  readonly generation: number;
  readonly decisions: Map<string, Decision>;
}

/** Makes the authorizer. Decisions are remembered until a role changes, but for those that the object's name had a part in. */
export function createRbacAuthorizer(roles: RoleIndex): LocalAuthorizer & RuleResolver {
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
      const decisions = decisionsOf(attributes.user);
      const question = questionOf(attributes);
      const known = decisions.get(question);
      if (known) return known;
      const { decision, byName } = decide(roles, attributes);
      if (!byName) decisions.set(question, decision);
      return decision;
    },
    rulesFor(user, namespace) {
      const grants = roles.grantsTo(user, namespace);
      return {
        rules: grants.flatMap(({ role }) => role?.rules ?? []),
        incomplete: false,
        errors: rbacErrors(grants),
      };
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

interface Judgement {
  readonly decision: Decision;
  /** Whether rules about single objects had to be looked at. */
  readonly byName: boolean;
}

function decide(roles: RoleIndex, attributes: RequestAttributes): Judgement {
  const namespace = attributes.isResource ? attributes.namespace : '';
  const question = { attributes, key: resourceKey(attributes), byName: false };
  let lacksRole = false;
  const found = roles.search(attributes.user, namespace, (_, role) => {
    if (role) return allows(role, question);
    lacksRole = true;
    return false;
  });
  const { byName } = question;
  if (found) return { decision: { allowed: true, reason: reasonOf(found) }, byName };
  if (!lacksRole) return { decision: noOpinion, byName };
  const errors = rbacErrors(roles.grantsTo(attributes.user, namespace));
  return { decision: { allowed: false, reason: `RBAC: ${errorText(errors)}` }, byName };
}

interface Question {
  readonly attributes: RequestAttributes;
  readonly key: string;
  byName: boolean;
}

function allows(role: CompiledRole, question: Question): boolean {
  const { attributes, key } = question;
  for (const rule of role.exactly(key)) {
    if (!includesVerb(rule, attributes.verb)) continue;
    question.byName ||= (rule.resourceNames?.length ?? 0) > 0;
    if (ruleAllowsName(rule, attributes)) return true;
  }
  for (const rule of role.widely(attributes)) {
    if (!ruleCovers(rule, attributes)) continue;
    question.byName ||= (rule.resourceNames?.length ?? 0) > 0;
    if (ruleAllowsName(rule, attributes)) return true;
  }
  return false;
}

/** What is wrong with what a user is granted: roles that are not there. */
export function rbacErrors(grants: readonly Grant[]): readonly string[] {
  return grants.filter(({ role }) => !role).map(missingRole);
}

/** As the lister of upstream's role getters says it. */
function missingRole({ binding: { roleRef } }: Grant): string {
  return `${roleRef.kind.toLowerCase()}.${Role.group} ${JSON.stringify(roleRef.name)} not found`;
}

function reasonOf({ binding, subject }: Pick<Grant, 'binding' | 'subject'>): string {
  const { namespace, name } = binding.metadata;
  const { roleRef } = binding;
  const kind = namespace ? 'RoleBinding' : 'ClusterRoleBinding';
  const bound = `${kind} ${JSON.stringify(namespace ? `${name}/${namespace}` : name)}`;
  const who =
    subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || (namespace ?? '')}` : subject.name;
  return `RBAC: allowed by ${bound} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${subject.kind} ${JSON.stringify(who)}`;
}
