/** Which requests are recorded, and how much of them. Source: audit.k8s.io/v1 Policy, apiserver's audit/policy. */
import { DraftMeta } from '../../machinery/meta.ts';
import { bool, defineStruct, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import type { RequestAttributes, User } from '../ports.ts';
import type { AuditLevel, AuditStage } from './audit-event.ts';

const GroupResources = defineStruct('GroupResources', {
  group: text(1).default('').omitEmpty(),
  resources: list(2, text).optional(),
  resourceNames: list(3, text).optional(),
});

const PolicyRule = defineStruct('PolicyRule', {
  level: text(1),
  users: list(2, text).optional(),
  userGroups: list(3, text).optional(),
  verbs: list(4, text).optional(),
  resources: list(5, GroupResources).optional(),
  namespaces: list(6, text).optional(),
  nonResourceURLs: list(7, text).optional(),
  omitStages: list(8, text).optional(),
  omitManagedFields: bool(9).optional(),
});

/** The schema of the file of `--audit-policy-file`. */
export const AuditPolicy = defineStruct('Policy', {
  apiVersion: text(10),
  kind: text(11),
  metadata: struct(1, DraftMeta).optional(),
  rules: list(2, PolicyRule),
  omitStages: list(3, text).optional(),
  omitManagedFields: bool(4).optional(),
});
/** What is recorded. The first rule that matches a request counts; one that none matches is not recorded. */
export type AuditPolicy = TypeOf<typeof AuditPolicy>;
/** One rule; all that it says must hold. */
export type AuditPolicyRule = TypeOf<typeof PolicyRule>;
/** Kinds of one API group. */
export type AuditGroupResources = TypeOf<typeof GroupResources>;

/** What is recorded of one request. */
export interface AuditScope {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** What a policy looks at; there is no user where nobody could be identified. */
export type AuditedAttributes = Omit<RequestAttributes, 'user'> & { readonly user: User | undefined };

/** Tells for a request what is recorded of it. */
export type AuditScopes = (attributes: AuditedAttributes) => AuditScope;

/** Compiles a policy that has been validated. */
export function compileAuditPolicy(policy: Omit<AuditPolicy, 'apiVersion' | 'kind'>): AuditScopes {
  const rules = policy.rules.map((rule) => ({
    matches: compileRule(rule),
    scope: scopeOf(rule.level, [...(policy.omitStages ?? []), ...(rule.omitStages ?? [])], {
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields,
    }),
  }));
  const otherwise = scopeOf('None', policy.omitStages ?? [], policy);
  const decide: AuditScopes = (attributes) => rules.find(({ matches }) => matches(attributes))?.scope ?? otherwise;
  const looksAtNames = policy.rules.some(
    ({ namespaces = [], resources = [] }) =>
      namespaces.length > 0 || resources.some(({ resourceNames = [] }) => resourceNames.length > 0),
  );
  return looksAtNames ? decide : remembering(decide);
}

/** How many kinds of requests are remembered of a user, who may ask for what there is not. */
const mostRemembered = 1000;

/** Decides once for each user, verb and resource: users ask for the same again and again. */
function remembering(decide: AuditScopes): AuditScopes {
  const users = new WeakMap<User, Map<string, AuditScope>>();
  return (attributes) => {
    const { user, isResource, verb, group, resource, subresource } = attributes;
    if (!user || !isResource) return decide(attributes);
    let known = users.get(user);
    if (!known || known.size >= mostRemembered) users.set(user, (known = new Map<string, AuditScope>()));
    const key = `${verb} ${group}/${resource}/${subresource}`;
    let scope = known.get(key);
    if (!scope) known.set(key, (scope = decide(attributes)));
    return scope;
  };
}

function scopeOf(
  level: string,
  omitStages: readonly string[],
  { omitManagedFields = false }: { readonly omitManagedFields?: boolean | undefined },
): AuditScope {
  // Validated before.
  return { level: level as AuditLevel, omitStages: new Set(omitStages as readonly AuditStage[]), omitManagedFields };
}

type Condition = (attributes: AuditedAttributes) => boolean;

function compileRule(rule: AuditPolicyRule): Condition {
  const conditions: Condition[] = [];
  const { users = [], userGroups = [], verbs = [], namespaces = [], resources = [], nonResourceURLs = [] } = rule;
  if (users.length > 0) {
    const names = new Set(users);
    conditions.push(({ user }) => user !== undefined && names.has(user.name));
  }
  if (userGroups.length > 0) {
    const groups = new Set(userGroups);
    conditions.push(({ user }) => user?.groups.some((group) => groups.has(group)) ?? false);
  }
  if (verbs.length > 0) {
    const known = new Set(verbs);
    conditions.push(({ verb }) => known.has(verb));
  }
  if (namespaces.length > 0 || resources.length > 0) conditions.push(({ isResource }) => isResource);
  else if (nonResourceURLs.length > 0) conditions.push(urlCondition(nonResourceURLs));
  if (namespaces.length > 0) {
    const known = new Set(namespaces);
    conditions.push(({ namespace }) => known.has(namespace));
  }
  if (resources.length > 0) {
    const each = resources.map(compileResources);
    conditions.push((attributes) => each.some((matches) => matches(attributes)));
  }
  return (attributes) => conditions.every((holds) => holds(attributes));
}

function urlCondition(urls: readonly string[]): Condition {
  return ({ isResource, path }) =>
    !isResource &&
    urls.some((url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, ''))));
}

function compileResources({ group, resources = [], resourceNames = [] }: AuditGroupResources): Condition {
  const names = new Set(resourceNames);
  return ({ group: asked, resource, subresource, name }) => {
    if (group !== '*' && group !== asked) return false;
    if (resources.length === 0) return true;
    if (names.size > 0 && !names.has(name)) return false;
    const combined = subresource === '' ? resource : `${resource}/${subresource}`;
    return resources.some(
      (wanted) =>
        wanted === combined ||
        wanted === '*' ||
        (subresource !== '' && wanted === `*/${subresource}`) ||
        wanted === `${resource}/*`,
    );
  };
}
