/** Who asks, and whom they act as. */
import { andThen } from '../../base/and-then.ts';
import { StatusError } from '../../base/errors.ts';
import { remoteAttributes } from '../aggregation/proxy-request.ts';
import { beginAudit } from '../audit/begin-audit.ts';
import type { AuditableRequest } from '../audit/begin-audit.ts';
import { authenticationNotes } from '../authentication/authentication-notes.ts';
import { impersonate } from '../authentication/impersonation.ts';
import type { ImpersonatingRequest } from '../authentication/impersonation.ts';
import type { ApiServer } from '../create-api-server.ts';
import type { User } from '../ports.ts';
import type { Exchange } from './exchange.ts';
import { verbOf } from './resource-requests.ts';
import { warningHeader } from './warning-header.ts';

/** What identifying takes of a server. */
type Identifying = Pick<ApiServer, 'audit' | 'authenticator' | 'authorizer'>;

/** A request that has been read. */
export interface IdentifiableRequest extends AuditableRequest {
  /** Whether it is known who asks; noted where requests are audited. */
  isIdentified?: boolean;
}

/**
 * The user that a request is to be treated as, from which on it is audited. At once where nothing has to be waited for. Throws
 * Unauthorized, or Forbidden for who may not act as another.
 */
export function identify(server: Identifying, asked: IdentifiableRequest): User | Promise<User> {
  const { headers, rawHeaders, certificate, badCertificate } = asked.exchange;
  const { path } = asked.target;
  if (badCertificate && headers.authorization === undefined) {
    throw new StatusError(
      'Unauthorized',
      'Unauthorized: the client certificate is not signed by an authority of this server, or has expired',
    );
  }
  const annotate = server.audit && ((key: string, value: string) => void (asked.notes ??= new Map()).set(key, value));
  const user = server.authenticator.authenticate({ headers, rawHeaders, certificate, path, annotate });
  return user instanceof Promise ? user.then((known) => acting(server, known, asked)) : acting(server, user, asked);
}

function acting(server: Identifying, user: User | undefined, asked: IdentifiableRequest): User | Promise<User> {
  if (!user) throw new StatusError('Unauthorized', 'Unauthorized');
  const { audit, authorizer } = server;
  warn(asked.exchange, authenticationNotes(user)?.warnings);
  if (!audit) return impersonate(user, impersonating(asked), authorizer);
  asked.isIdentified = true;
  const noted = (acted: User): User => {
    if (acted !== user) asked.exchange.audit?.impersonates(acted);
    return acted;
  };
  const act = (): User | Promise<User> => andThen(impersonate(user, impersonating(asked), authorizer), noted);
  const beginning = beginAudit(audit, asked, user);
  return beginning ? beginning.then(act) : act();
}

/** Records that a request failed before it was known who asks, or because the server itself did. */
export function auditFailure({ audit }: Identifying, asked: IdentifiableRequest, error: unknown): void {
  if (!audit) return;
  if (!asked.isIdentified) void beginAudit(audit, asked, undefined);
  if (!(error instanceof StatusError)) void asked.exchange.audit?.panicked(error);
}

/** Whoever shows a credential that should be another one is told with the answer. */
function warn(exchange: Exchange, warnings: readonly string[] | undefined): void {
  if (warnings) exchange.standing = { ...exchange.standing, ...warningHeader(warnings) };
}

/** A request as whoever may make it in another's name is asked about it. */
function impersonating({ exchange, target, path }: IdentifiableRequest): ImpersonatingRequest {
  const { method, headers, rawHeaders } = exchange;
  return {
    headers,
    rawHeaders,
    attributesAs(user) {
      const verb = path ? verbOf(exchange, path, target) : '';
      return remoteAttributes(user, path, { verb, method, path: target.path });
    },
  };
}
