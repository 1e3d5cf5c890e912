/** Asks the authenticators in turn who makes a request. */
import type { Authenticator, Credentials, User } from '../ports.ts';
import { anonymousName, anonymousUser, authenticatedGroup, unauthenticatedGroup } from './users.ts';

/** Options of the chain. `anonymous` (default true) lets requests without credentials through as system:anonymous. */
export interface AuthenticationOptions {
  readonly authenticators: readonly Authenticator[];
  readonly anonymous?: boolean | undefined;
}

/** Makes one authenticator of several: the first that knows the request wins; a wrong credential ends it. */
export function createAuthentication({ authenticators, anonymous = true }: AuthenticationOptions): Authenticator {
  const complete = new WeakMap<User, User>();
  /** The same for the same: what is known of a user's permissions is kept by user. */
  const completed = (user: User): User => {
    let known = complete.get(user);
    if (!known) complete.set(user, (known = withStandingGroup(user)));
    return known;
  };
  const ask = (credentials: Credentials, from: number): User | undefined | Promise<User | undefined> => {
    for (let index = from; index < authenticators.length; index++) {
      const user = authenticators[index]!.authenticate(credentials);
      if (user instanceof Promise) {
        return user.then((known) => (known ? completed(known) : ask(credentials, index + 1)));
      }
      if (user) return completed(user);
    }
    return anonymous ? anonymousUser : undefined;
  };
  return { authenticate: (credentials) => ask(credentials, 0) };
}

function withStandingGroup(user: User): User {
  const { name, groups } = user;
  if (name === anonymousName || groups.includes(authenticatedGroup) || groups.includes(unauthenticatedGroup))
    return user;
  return { ...user, groups: [...groups, authenticatedGroup] };
}
