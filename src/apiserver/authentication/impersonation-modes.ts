/** The ways of acting as another. Source: apiserver's endpoints/filters/impersonation/mode.go. */
import { dns1123SubdomainErrors } from '../../machinery/formats.ts';
import { domainPrefixedPathErrors } from '../../machinery/domain-path.ts';
import { resourceAttributes } from '../authorization/attributes.ts';
import { forbiddenError } from '../authorization/forbidden.ts';
import type { Authorizer, RequestAttributes, User } from '../ports.ts';
import {
  anonymousName,
  authenticatedGroup,
  nodeUserPrefix,
  nodesGroup,
  serviceAccountGroups,
  serviceAccountOf,
  systemMasters,
  unauthenticatedGroup,
} from './users.ts';

/** A user as the headers of a request name it. */
export interface WantedUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** One way of acting as another. */
export interface ImpersonationMode {
  /** The verb by which it is allowed; '' of the old one, which allows every request. */
  readonly constraint: string;
  /** Whether it is made for such users and askers at all. */
  fits(wanted: WantedUser, asker: User): boolean;
  /** Throws Forbidden unless the asker may make this request as the wanted user. */
  check(wanted: WantedUser, attributes: RequestAttributes, authorizer: Authorizer): Promise<User>;
}

const own = 'authentication.k8s.io';
/** From so many questions on, one is asked for all of them first. */
const many = 4;

/** All ways, the narrowest first. */
export const impersonationModes: readonly ImpersonationMode[] = [
  constrained('associated-node', {
    fits: (wanted, asker) => isNameOnly(wanted) && isOnNode(asker, wanted.name),
    shown: associated,
  }),
  constrained('arbitrary-node', { fits: (wanted) => isNameOnly(wanted) && nodeName(wanted.name) !== undefined }),
  constrained('serviceaccount', {
    fits: (wanted) => isNameOnly(wanted) && serviceAccountOf(wanted.name) !== undefined,
  }),
  constrained('user-info', {
    fits: ({ name }) => nodeName(name) === undefined && serviceAccountOf(name) === undefined,
  }),
  {
    constraint: '',
    fits: () => true,
    check: (wanted, { user }, authorizer) =>
      permitted(wanted, { asker: user, verb: 'impersonate', group: '', isConstrained: false, authorizer }),
  },
];

interface ConstrainedMode {
  readonly fits: ImpersonationMode['fits'];
  /** How a question is put to the authorizer. Default: as it is. */
  readonly shown?: (attributes: RequestAttributes) => RequestAttributes;
}

/** Both are asked: whether this request may be made as such a user at all, and whether as this one. */
function constrained(mode: string, { fits, shown = (attributes) => attributes }: ConstrainedMode): ImpersonationMode {
  const verb = `impersonate:${mode}`;
  return {
    constraint: verb,
    fits,
    async check(wanted, attributes, authorizer) {
      const on = { ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` };
      await demand(shown(on), authorizer);
      return permitted(wanted, { asker: attributes.user, verb, group: own, isConstrained: true, authorizer, shown });
    },
  };
}

interface Permission {
  readonly asker: User;
  readonly verb: string;
  /** The API group of users, groups, nodes and service accounts in the question. */
  readonly group: string;
  readonly isConstrained: boolean;
  readonly authorizer: Authorizer;
  /** How questions are put. Default: as they are. */
  readonly shown?: ((attributes: RequestAttributes) => RequestAttributes) | undefined;
}

/** The user, if every part of it is permitted. */
async function permitted(wanted: WantedUser, permission: Permission): Promise<User> {
  const { name, uid, extra } = wanted;
  const groups = await permittedName(wanted, permission);
  if (uid !== '') await ask(permission, { group: own, resource: 'uids', name: uid });
  await permittedGroups(wanted.groups, permission);
  await permittedExtra(extra, permission);
  return {
    name,
    groups: withStandingGroup(name, groups),
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** Asks about the name; answers the groups that come with it. */
async function permittedName(wanted: WantedUser, permission: Permission): Promise<readonly string[]> {
  const { name, groups } = wanted;
  const { group, isConstrained } = permission;
  const node = isConstrained ? nodeName(name) : undefined;
  const account = serviceAccountOf(name);
  if (account) {
    await ask(permission, { group, resource: 'serviceaccounts', ...account });
    return groups.length === 0 ? serviceAccountGroups(account.namespace) : groups;
  }
  if (node !== undefined) {
    await ask(permission, { group, resource: 'nodes', name: node });
    return [nodesGroup];
  }
  await ask(permission, { group, resource: 'users', name });
  return groups;
}

async function permittedGroups(groups: readonly string[], permission: Permission): Promise<void> {
  const { group, isConstrained } = permission;
  const question = { group, resource: 'groups' };
  if (isConstrained && groups.includes('')) {
    throw refused(permission, question, 'impersonating the empty string group is not allowed');
  }
  if (isConstrained && groups.includes(systemMasters)) {
    const about = { ...question, name: systemMasters };
    throw refused(permission, about, 'impersonating the system:masters group is not allowed');
  }
  if (isConstrained && groups.length >= many && (await isAllowed(permission, { ...question, name: '*' }))) return;
  for (const name of groups) await ask(permission, { ...question, name });
}

async function permittedExtra(extra: WantedUser['extra'], permission: Permission): Promise<void> {
  const entries = Object.entries(extra);
  if (entries.length === 0) return;
  const question = { group: own, resource: 'userextras' };
  const fault = permission.isConstrained ? extraFault(entries) : undefined;
  if (fault !== undefined) throw refused(permission, question, fault);
  const values = entries.reduce((sum, [, { length }]) => sum + length, 0);
  const isLarge = permission.isConstrained && (entries.length >= many || values >= many);
  if (isLarge && (await isAllowed(permission, { ...question, subresource: '*', name: '*' }))) return;
  for (const [subresource, names] of entries) {
    for (const name of names) await ask(permission, { ...question, subresource, name });
  }
}

/** What is wrong with keys and values, in upstream's words. */
function extraFault(entries: readonly (readonly [string, readonly string[]])[]): string | undefined {
  for (const [key, values] of entries) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    const faults = domainPrefixedPathErrors(key).map(
      ({ value, detail }) => `extra.key: Invalid value: ${JSON.stringify(value)}: ${detail}`,
    );
    if (faults.length > 0) {
      const text = faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`;
      return `impersonating an invalid key in extra is not allowed: ${text}`;
    }
    if (key !== key.toLowerCase()) {
      return `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`;
    }
    if (values.length === 0) return 'impersonating empty values in extra is not allowed';
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  }
  return undefined;
}

type Question = Partial<Pick<RequestAttributes, 'group' | 'namespace' | 'name' | 'subresource'>> & {
  readonly resource: string;
};

function questionOf({ asker, verb, shown }: Permission, question: Question): RequestAttributes {
  const attributes = resourceAttributes(asker, { verb, version: 'v1', ...question });
  return shown ? shown(attributes) : attributes;
}

function ask(permission: Permission, question: Question): Promise<void> {
  return demand(questionOf(permission, question), permission.authorizer);
}

async function isAllowed(permission: Permission, question: Question): Promise<boolean> {
  return (await permission.authorizer.authorize(questionOf(permission, question))).allowed;
}

function refused(permission: Permission, question: Question, reason: string): unknown {
  return forbiddenError(questionOf(permission, question), reason);
}

async function demand(attributes: RequestAttributes, authorizer: Authorizer): Promise<void> {
  const { allowed, reason, error } = await authorizer.authorize(attributes);
  if (!allowed) throw forbiddenError(attributes, [error, reason].filter(Boolean).join(': '));
}

/**
 * A pod's service account may be allowed to act as the node that the pod is on, whichever that is: authorizers are asked
 * about all nodes, and see of the account's extras only which there are.
 */
function associated(attributes: RequestAttributes): RequestAttributes {
  const { user, verb } = attributes;
  const keys = Object.keys(user.extra ?? {}).sort();
  return {
    ...attributes,
    user: { ...user, extra: { 'authentication.kubernetes.io/associated-node-keys': keys } },
    ...(verb === 'impersonate:associated-node' ? { name: '*' } : {}),
  };
}

function isNameOnly({ uid, groups, extra }: WantedUser): boolean {
  return uid === '' && groups.length === 0 && Object.keys(extra).length === 0;
}

function isOnNode(asker: User, name: string): boolean {
  const node = nodeName(name);
  const on = asker.extra?.['authentication.kubernetes.io/node-name'];
  return node !== undefined && serviceAccountOf(asker.name) !== undefined && on?.length === 1 && on[0] === node;
}

/** The node behind a user name, if it can be one's. */
function nodeName(user: string): string | undefined {
  if (!user.startsWith(nodeUserPrefix)) return undefined;
  const name = user.slice(nodeUserPrefix.length);
  return dns1123SubdomainErrors(name).length === 0 ? name : undefined;
}

function withStandingGroup(name: string, groups: readonly string[]): readonly string[] {
  if (groups.includes(unauthenticatedGroup)) return groups;
  const standing = name === anonymousName ? unauthenticatedGroup : authenticatedGroup;
  return groups.includes(standing) ? groups : [...groups, standing];
}
