/** Bootstrap tokens: what nodes that join show. Source: kubernetes' authenticator/token/bootstrap. */
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  bootstrapTokenNamespace,
  bootstrapTokenOf,
  bootstrapTokenPrefix,
  hasExpired,
} from '../../api/core/bootstrap-token.ts';
import type { BootstrapToken } from '../../api/core/bootstrap-token.ts';
import { Secret } from '../../api/core/secret.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { FindObject } from '../ports.ts';
import type { TokenSource } from './token-authenticator.ts';

/** What bootstrap tokens are looked up with. */
export interface BootstrapTokensOptions {
  readonly find: FindObject;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Everybody who shows such a token is of it. */
const bootstrappers = 'system:bootstrappers';
const tokenFormat = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupFormat = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/**
 * Tokens `<id>.<secret>` that a Secret `kube-system/bootstrap-token-<id>` holds. One that is wrong, expired or not meant
 * for this is nobody's, and the log with --v=3 says why; never what the right one would be.
 * They know no audience.
 */
export function createBootstrapTokens({ find, clock, log }: BootstrapTokensOptions): TokenSource {
  return {
    verify(token, audiences) {
      const [, id, secret] = tokenFormat.exec(token) ?? [];
      if (id === undefined || secret === undefined) return undefined;
      const name = `${bootstrapTokenPrefix}${id}`;
      const look = () => find(Secret, { namespace: bootstrapTokenNamespace, name });
      const found = look();
      const known = found && bootstrapTokenOf(found);
      const fault = known ? faultOf(known, { id, secret, now: clock.now() }) : 'there is no such token';
      if (!known || fault !== undefined) {
        log.v(3).info('A bootstrap token is not accepted', { secret: name, reason: fault });
        return undefined;
      }
      return {
        user: { name: `system:bootstrap:${id}`, groups: groupsOf(known) },
        audiences,
        isCurrent: () => look() === found && !hasExpired(known, clock.now()),
      };
    },
  };
}

function faultOf(
  token: BootstrapToken,
  { id, secret, now }: { readonly id: string; readonly secret: string; readonly now: number },
): string | undefined {
  if (!isSame(token.secret, secret)) return 'token-secret is another';
  if (token.id !== id) return 'token-id is another than the name says';
  if (hasExpired(token, now)) return 'it has expired, or its expiration is no time';
  if (!token.usages.has('authentication')) return 'it is not marked usage-bootstrap-authentication=true';
  const wrong = extraGroups(token).find((group) => !groupFormat.test(group));
  return wrong === undefined ? undefined : `bootstrap group ${JSON.stringify(wrong)} is invalid`;
}

function groupsOf(token: BootstrapToken): readonly string[] {
  return [...new Set([bootstrappers, ...extraGroups(token)])].sort();
}

function extraGroups({ extraGroups: groups }: BootstrapToken): readonly string[] {
  return groups === '' ? [] : groups.split(',');
}

/** Takes as long for any secret, of whatever length. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
