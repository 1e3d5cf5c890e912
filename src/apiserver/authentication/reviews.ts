/** Tells who a token is (TokenReview), and who the asker is (SelfSubjectReview). */
import { timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { hasReason, messageOf } from '../../base/errors.ts';
import { SelfSubjectReview } from '../../api/authentication/self-subject-review.ts';
import { TokenReview } from '../../api/authentication/token-review.ts';
import type { User, VirtualResource } from '../ports.ts';
import { badRequest } from '../resources/api-errors.ts';
import type { TokenVerifier } from './token-authenticator.ts';
import { authenticatedGroup } from './users.ts';

/** Makes the review of tokens. `audiences` are the API server's own, for reviews that name none. */
export function tokenReviews(verifier: TokenVerifier, audiences: readonly string[]): VirtualResource {
  return {
    resource: TokenReview,
    verb: 'create',
    async create(object) {
      const { spec } = object as unknown as { readonly spec?: Partial<TokenReview['spec']> };
      if (!spec?.token) throw badRequest('token is required for TokenReview in authentication');
      const asked = spec.audiences?.length ? spec.audiences : audiences;
      return { ...object, status: await reviewed(verifier, spec.token, asked) };
    },
  };
}

async function reviewed(verifier: TokenVerifier, token: string, asked: readonly string[]): Promise<object> {
  try {
    const { user, audiences } = await verifier.verify(token, asked);
    const groups = user.groups.includes(authenticatedGroup) ? user.groups : [...user.groups, authenticatedGroup];
    return { authenticated: true, user: userInfo({ ...user, groups }), audiences };
  } catch (error) {
    if (!hasReason(error, 'Unauthorized')) throw error;
    return { user: {}, error: messageOf(error.cause ?? error) };
  }
}

/** Makes the review of oneself, behind `kubectl auth whoami`. */
export function selfSubjectReviews(clock: Clock): VirtualResource {
  return {
    resource: SelfSubjectReview,
    verb: 'create',
    async create(object, { user }) {
      const metadata = { ...object.metadata, creationTimestamp: timestamp(clock.now()) };
      return { ...object, metadata, status: { userInfo: userInfo(user) } };
    },
  };
}

function userInfo({ name, uid, groups, extra }: User): object {
  return { username: name, ...(uid ? { uid } : {}), groups, ...(extra ? { extra } : {}) };
}
