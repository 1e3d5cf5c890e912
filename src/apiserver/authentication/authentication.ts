/** Asks the authenticators in turn who makes a request. */
import type { Authenticator } from '../ports.ts';
import { anonymousName, anonymousUser, authenticatedGroup, unauthenticatedGroup } from './users.ts';

/** Options of the chain. `anonymous` (default true) lets requests without credentials through as system:anonymous. */
export interface AuthenticationOptions {
  readonly authenticators: readonly Authenticator[];
  readonly anonymous?: boolean | undefined;
}

/** Makes one authenticator of several: the first that knows the request wins; a wrong credential ends it. */
export function createAuthentication({ authenticators, anonymous = true }: AuthenticationOptions): Authenticator {
  return {
    async authenticate(credentials) {
      for (const authenticator of authenticators) {
        const user = await authenticator.authenticate(credentials);
        if (user) return withStandingGroup(user);
      }
      return anonymous ? anonymousUser : undefined;
    },
  };
}

function withStandingGroup<U extends { readonly name: string; readonly groups: readonly string[] }>(user: U): U {
  const { name, groups } = user;
  if (name === anonymousName || groups.includes(authenticatedGroup) || groups.includes(unauthenticatedGroup))
    return user;
  return { ...user, groups: [...groups, authenticatedGroup] };
}
