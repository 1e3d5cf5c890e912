/** What is worth noting about how somebody proved who they are: for the client, and for the audit event. */
import type { User } from '../ports.ts';

/** Notes about a credential. */
export interface AuthenticationNotes {
  /** What the client is warned of. */
  readonly warnings?: readonly string[] | undefined;
  /** Annotations of the audit event, as of now. */
  annotations(): Readonly<Record<string, string>>;
}

const notesByUser = new WeakMap<User, AuthenticationNotes>();

/** Attaches notes to a user; returns the user. */
export function withNotes(user: User, notes: AuthenticationNotes | undefined): User {
  if (notes) notesByUser.set(user, notes);
  return user;
}

/** The notes about the credential of a user, as its authenticator gave it. */
export function authenticationNotes(user: User): AuthenticationNotes | undefined {
  return notesByUser.get(user);
}
