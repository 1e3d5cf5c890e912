/**
 * Lets a user act as another, if authorized to: in general (the verb `impersonate`), or for some requests only
 * (constrained impersonation, KEP 5284). Source: apiserver's endpoints/filters/impersonation.
 */
import { StatusError } from '../../base/errors.ts';
import type { Authorizer, RequestAttributes, User } from '../ports.ts';
import { firstLine, headerLines, unescapedKey } from './header-lines.ts';
import type { HeaderSource } from './header-lines.ts';
import { impersonationModes } from './impersonation-modes.ts';
import type { ImpersonationMode, WantedUser } from './impersonation-modes.ts';

const extraPrefix = 'impersonate-extra-';

/** A request that may be made in another's name. */
export interface ImpersonatingRequest extends HeaderSource {
  /** What is asked for, as `user`. Some may act as another only for that. */
  attributesAs(user: User): RequestAttributes;
}

/**
 * Who the request is to be treated as: the user that its Impersonate headers name, or `user` without such headers. Throws
 * Forbidden when `user` may not.
 */
export function impersonate(user: User, request: ImpersonatingRequest, authorizer: Authorizer): User | Promise<User> {
  if (!asksToImpersonate(request)) return user;
  const wanted = wantedUser(request);
  return wanted ? impersonated(wanted, request.attributesAs(user), authorizer) : user;
}

/** By the lines: to go through the names of `headers` costs more than all else that is asked of most requests here. */
function asksToImpersonate({ headers, rawHeaders }: HeaderSource): boolean {
  if (!rawHeaders) return Object.keys(headers).some((name) => name.startsWith(prefix));
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length > prefix.length && name.slice(0, prefix.length).toLowerCase() === prefix) return true;
  }
  return false;
}

const prefix = 'impersonate-';

/** Whom the headers name, as they say it. */
function wantedUser(source: HeaderSource): WantedUser | undefined {
  const wanted = {
    name: firstLine(source, 'impersonate-user'),
    uid: firstLine(source, 'impersonate-uid'),
    groups: headerLines(source, 'impersonate-group'),
    extra: extraOf(source),
  };
  if (wanted.name !== '') return wanted;
  if (wanted.uid === '' && wanted.groups.length === 0 && Object.keys(wanted.extra).length === 0) return undefined;
  throw new StatusError('BadRequest', `requested ${goText(wanted)} without impersonating a user name`);
}

function extraOf(source: HeaderSource): Record<string, readonly string[]> {
  const extra = new Map<string, readonly string[]>();
  for (const header of Object.keys(source.headers)) {
    if (!header.startsWith(extraPrefix)) continue;
    const key = unescapedKey(header.slice(extraPrefix.length));
    extra.set(key, [...(extra.get(key) ?? []), ...headerLines(source, header)]);
  }
  return Object.fromEntries(extra);
}

/** As Go shows the user; its fields in their order. */
function goText({ name, uid, groups, extra }: WantedUser): string {
  const list = (values: readonly string[]): string => `{${values.map((value) => JSON.stringify(value)).join(', ')}}`;
  const shownGroups = groups.length === 0 ? '[]string(nil)' : `[]string${list(groups)}`;
  const entries = Object.entries(extra).sort(([a], [b]) => (a < b ? -1 : 1));
  const shownExtra =
    entries.length === 0
      ? 'map[string][]string(nil)'
      : `map[string][]string{${entries.map(([key, values]) => `${JSON.stringify(key)}:[]string${list(values)}`).join(', ')}}`;
  return `&user.DefaultInfo{Name:${JSON.stringify(name)}, UID:${JSON.stringify(uid)}, Groups:${shownGroups}, Extra:${shownExtra}}`;
}

/** Users whose last mode is remembered. */
const remembered = 10_000;
const lastModes = new WeakMap<Authorizer, Map<string, ImpersonationMode>>();

/**
 * Tries the ways of impersonation that fit, the narrowest first, but before all the one by which this user succeeded last.
 * The first refusal is the one that is told.
 */
async function impersonated(wanted: WantedUser, attributes: RequestAttributes, authorizer: Authorizer): Promise<User> {
  let known = lastModes.get(authorizer);
  if (!known) lastModes.set(authorizer, (known = new Map()));
  const { name } = attributes.user;
  const last = known.get(name);
  const modes = last ? [last, ...impersonationModes.filter((mode) => mode !== last)] : impersonationModes;
  let refusal: unknown;
  for (const mode of modes) {
    if (!mode.fits(wanted, attributes.user)) continue;
    try {
      const user = await mode.check(wanted, attributes, authorizer);
      if (known.size >= remembered) known.clear();
      known.set(name, mode);
      if (mode.constraint !== '') constraints.set(user, mode.constraint);
      return user;
    } catch (error) {
      refusal ??= error;
    }
  }
  throw refusal ?? new Error('all impersonation modes failed');
}

const constraints = new WeakMap<User, string>();

/** The verb by which somebody acts as `user` in a constrained way, such as `impersonate:user-info`. */
export function impersonationConstraint(user: User): string | undefined {
  return constraints.get(user);
}
