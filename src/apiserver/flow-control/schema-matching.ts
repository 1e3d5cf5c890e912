/** Whether a FlowSchema is meant by a request. Source: apiserver's util/flowcontrol/rule.go. */
import type {
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../api/flowcontrol/flow-schema.ts';
import type { User } from '../ports.ts';

/** What a request asks for, as rules see it. */
export interface AskedFor {
  readonly isResource: boolean;
  /** Of non-resources the lower-case method. */
  readonly verb: string;
  readonly group: string;
  /** Plural. */
  readonly resource: string;
  readonly subresource: string;
  /** '' for what is in none. */
  readonly namespace: string;
  readonly path: string;
}

/** Whether a schema's rules cover what a user asks for. */
export function matchesSchema({ rules = [] }: Pick<FlowSchemaSpec, 'rules'>, user: User, asked: AskedFor): boolean {
  return rules.some((rule) => matchesSubjects(rule, user) && matchesRules(rule, asked));
}

/** Whether a schema tells namespaces apart, so that what holds for one need not hold for another. */
export function namesNamespaces({ rules = [] }: Pick<FlowSchemaSpec, 'rules'>): boolean {
  return rules.some(({ resourceRules = [] }) =>
    resourceRules.some(({ namespaces = [] }) => namespaces.some((namespace) => namespace !== '*')),
  );
}

function matchesSubjects({ subjects }: PolicyRulesWithSubjects, user: User): boolean {
  return subjects.some((subject) => matchesSubject(subject, user));
}

function matchesSubject({ kind, user, group, serviceAccount }: Subject, { name, groups }: User): boolean {
  switch (kind) {
    case 'User':
      return user !== undefined && (user.name === '*' || user.name === name);
    case 'Group':
      return group !== undefined && (group.name === '*' || groups.includes(group.name));
    case 'ServiceAccount': {
      if (!serviceAccount) return false;
      const prefix = `system:serviceaccount:${serviceAccount.namespace}:`;
      return serviceAccount.name === '*' ? name.startsWith(prefix) : name === prefix + serviceAccount.name;
    }
    default:
      return false;
  }
}

function matchesRules(
  { resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects,
  asked: AskedFor,
): boolean {
  return asked.isResource
    ? resourceRules.some((rule) => matchesResource(rule, asked))
    : nonResourceRules.some((rule) => matchesPath(rule, asked));
}

function matchesResource(rule: ResourcePolicyRule, asked: AskedFor): boolean {
  const { verb, group, resource, subresource, namespace } = asked;
  return (
    has(rule.verbs, verb) &&
    has(rule.resources, subresource === '' ? resource : `${resource}/${subresource}`) &&
    has(rule.apiGroups, group) &&
    (namespace === '' ? (rule.clusterScope ?? false) : has(rule.namespaces ?? [], namespace))
  );
}

function matchesPath({ verbs, nonResourceURLs }: NonResourcePolicyRule, { verb, path }: AskedFor): boolean {
  return has(verbs, verb) && nonResourceURLs.some((url) => coversPath(url, path));
}

/** A path, and what is below it. */
function coversPath(url: string, path: string): boolean {
  if (url === '*' || url === path) return true;
  const prefix = url.endsWith('*') ? url.slice(0, -1) : url;
  return path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

function has(list: readonly string[], value: string): boolean {
  return list.includes(value) || (list.length === 1 && list[0] === '*');
}
