/** Role-based access control over the roles in memory. */
import type { Authorizer, Decision, RequestAttributes } from '../ports.ts';
import { systemMasters } from '../authentication/users.ts';
import type { GrantedRules, RoleIndex } from './role-index.ts';
import { ruleAllows } from './rule-matching.ts';

const denied: Decision = { allowed: false, reason: '' };
const superuser: Decision = { allowed: true, reason: '' };

/** Makes the authorizer. Members of system:masters may do everything, also before a role exists. */
export function createRbacAuthorizer(roles: RoleIndex): Authorizer {
  return {
    authorize(attributes: RequestAttributes): Decision {
      if (attributes.user.groups.includes(systemMasters)) return superuser;
      const namespace = attributes.isResource ? attributes.namespace : '';
      for (const grant of roles.grantsTo(attributes.user, namespace)) {
        for (const rule of grant.rules) {
          if (ruleAllows(rule, attributes)) return { allowed: true, reason: reasonOf(grant) };
        }
      }
      return denied;
    },
  };
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
