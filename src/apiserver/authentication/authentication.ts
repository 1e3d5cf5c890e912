/** Asks the authenticators in turn who makes a request. */
import { StatusError, messageOf } from '../../base/errors.ts';
import type { Authenticator, Credentials, User } from '../ports.ts';
import { authenticationNotes, withNotes } from './authentication-notes.ts';
import { anonymousName, anonymousUser, authenticatedGroup, unauthenticatedGroup } from './users.ts';

/** Where requests without credentials are let through, as system:anonymous. */
export interface AnonymousAccess {
  readonly enabled: boolean;
  /** Only for these paths. Default: all. */
  readonly paths?: ReadonlySet<string> | undefined;
}

/** Options of the chain. `anonymous`: default true. */
export interface AuthenticationOptions {
  readonly authenticators: readonly Authenticator[];
  readonly anonymous?: boolean | AnonymousAccess | undefined;
}

/**
 * Makes one authenticator of several: the first that knows the request wins. If none does, credentials that were wrong
 * are refused; only requests without any are anonymous. Source: apiserver's request/union.
 */
export function createAuthentication({ authenticators, anonymous = true }: AuthenticationOptions): Authenticator {
  const complete = new WeakMap<User, User>();
  /** The same for the same: what is known of a user's permissions is kept by user. */
  const completed = (user: User): User => {
    let known = complete.get(user);
    if (!known) complete.set(user, (known = withStandingGroup(user)));
    return known;
  };
  const access = typeof anonymous === 'boolean' ? { enabled: anonymous } : anonymous;
  const ask = (
    credentials: Credentials,
    from: number,
    failures: readonly unknown[],
  ): User | undefined | Promise<User | undefined> => {
    let failed = failures;
    for (let index = from; index < authenticators.length; index++) {
      try {
        const user = authenticators[index]!.authenticate(credentials);
        if (user instanceof Promise) {
          return user.then(
            (known) => (known ? noted(completed(known), credentials) : ask(credentials, index + 1, failed)),
            (error: unknown) => ask(credentials, index + 1, [...failed, error]),
          );
        }
        if (user) return noted(completed(user), credentials);
      } catch (error) {
        failed = [...failed, error];
      }
    }
    if (failed.length > 0) throw refusal(failed);
    return isAnonymous(access, credentials) ? anonymousUser : undefined;
  };
  return { authenticate: (credentials) => ask(credentials, 0, noFailures) };
}

/** Puts what its authenticator noted about a user's credential into the audit event. */
function noted(user: User, { annotate }: Credentials): User {
  const annotations = annotate && authenticationNotes(user)?.annotations();
  if (annotations) for (const [key, value] of Object.entries(annotations)) annotate(key, value);
  return user;
}

const noFailures: readonly unknown[] = [];

/** The one error of several. What is no refusal, such as a store that fails, is not called one. */
function refusal(failures: readonly unknown[]): unknown {
  const other = failures.find((error) => !(error instanceof StatusError) || error.reason !== 'Unauthorized');
  if (other !== undefined) return other;
  if (failures.length === 1) return failures[0];
  const causes = failures.map((error) => messageOf(error instanceof StatusError ? (error.cause ?? error) : error));
  return new StatusError('Unauthorized', 'Unauthorized', { cause: `[${causes.join(', ')}]` });
}

function isAnonymous({ enabled, paths }: AnonymousAccess, { path }: Credentials): boolean {
  return enabled && (!paths || (path !== undefined && paths.has(path)));
}

function withStandingGroup(user: User): User {
  const { name, groups } = user;
  if (name === anonymousName || groups.includes(authenticatedGroup) || groups.includes(unauthenticatedGroup))
    return user;
  return withNotes({ ...user, groups: [...groups, authenticatedGroup] }, authenticationNotes(user));
}
