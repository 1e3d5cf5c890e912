/** Lets a user act as another, if authorized to. Source: apiserver's impersonation filter. */
import type { IncomingHttpHeaders } from 'node:http';
import { StatusError } from '../../base/errors.ts';
import { resourceAttributes } from '../authorization/attributes.ts';
import { forbiddenError } from '../authorization/forbidden.ts';
import type { Authorizer, User } from '../ports.ts';
import {
  anonymousName,
  authenticatedGroup,
  serviceAccountGroups,
  serviceAccountOf,
  unauthenticatedGroup,
} from './users.ts';

const extraPrefix = 'impersonate-extra-';

/**
 * Who the request is to be treated as: the user that its Impersonate headers name, or `user` without such headers. Throws
 * Forbidden when `user` may not.
 */
export function impersonate(user: User, headers: IncomingHttpHeaders, authorizer: Authorizer): User | Promise<User> {
  return asksToImpersonate(headers) ? impersonated(user, headers, authorizer) : user;
}

function asksToImpersonate(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
}

async function impersonated(user: User, headers: IncomingHttpHeaders, authorizer: Authorizer): Promise<User> {
  const name = single(headers['impersonate-user']);
  const groups = several(headers['impersonate-group']);
  const uid = single(headers['impersonate-uid']);
  const extra = extraOf(headers);
  if (name === '') {
    if (groups.length === 0 && uid === '' && Object.keys(extra).length === 0) return user;
    throw new StatusError(
      'BadRequest',
      'requested impersonation of groups, a uid or extra without impersonating a user',
    );
  }
  const account = serviceAccountOf(name);
  const demand = async (question: Parameters<typeof resourceAttributes>[1]): Promise<void> => {
    const attributes = resourceAttributes(user, question);
    const decision = await authorizer.authorize(attributes);
    if (!decision.allowed) throw forbiddenError(attributes, decision.reason);
  };
  const own = 'authentication.k8s.io';
  if (account) await demand({ verb: 'impersonate', resource: 'serviceaccounts', ...account });
  else await demand({ verb: 'impersonate', resource: 'users', name });
  for (const group of groups) await demand({ verb: 'impersonate', resource: 'groups', name: group });
  if (uid !== '') await demand({ verb: 'impersonate', group: own, resource: 'uids', name: uid });
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) {
      await demand({ verb: 'impersonate', group: own, resource: 'userextras', subresource: key, name: value });
    }
  }
  return {
    name,
    groups: withStandingGroup(name, groups.length === 0 && account ? serviceAccountGroups(account.namespace) : groups),
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function withStandingGroup(name: string, groups: readonly string[]): readonly string[] {
  const standing = name === anonymousName ? unauthenticatedGroup : authenticatedGroup;
  return groups.includes(standing) || groups.includes(unauthenticatedGroup) ? groups : [...groups, standing];
}

function single(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}

/** Node joins headers that come several times with a comma. */
function several(value: string | readonly string[] | undefined): readonly string[] {
  const values = typeof value === 'string' ? value.split(/,\s*/) : (value ?? []);
  return values.filter((item) => item !== '');
}

function extraOf(headers: IncomingHttpHeaders): Record<string, readonly string[]> {
  const extra: Record<string, readonly string[]> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (header.startsWith(extraPrefix)) extra[decodeURIComponent(header.slice(extraPrefix.length))] = several(value);
  }
  return extra;
}
