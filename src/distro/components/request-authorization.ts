import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { TokenReview } from '../../api/authentication/token-review.ts';
import { SubjectAccessReview } from '../../api/authorization/subject-access-review.ts';
import { StatusError } from '../../base/errors.ts';
import type { Client } from '../../client/client.ts';

/** The API servers that are asked about somebody. */
export interface Authorities {
  readonly authentication: Client;
  readonly authorization: Client;
}

interface Requester {
  readonly name: string;
  readonly groups: readonly string[];
}

const anonymous: Requester = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/**
 * Resolves when the sender may GET `path`: known by a verified client certificate or by a token of the cluster, and
 * permitted by RBAC. Throws StatusError Unauthorized or Forbidden, worded as upstream's.
 */
export async function authorizeRequest(
  request: IncomingMessage,
  path: string,
  authorities: Authorities,
): Promise<void> {
  const { name, groups } =
    certificateUser(request) ?? (await tokenUser(request, authorities.authentication)) ?? anonymous;
  const verb = (request.method ?? 'GET').toLowerCase();
  const review = await authorities.authorization.create(SubjectAccessReview, {
    metadata: {},
    spec: { user: name, groups, nonResourceAttributes: { path, verb } },
  });
  if (!review.status.allowed)
    throw new StatusError('Forbidden', `forbidden: User "${name}" cannot ${verb} path "${path}"`);
}

function certificateUser({ socket }: IncomingMessage): Requester | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  const organizations: readonly unknown[] = [subject?.O ?? []].flat();
  const name: unknown = subject?.CN;
  if (typeof name !== 'string') return undefined;
  const groups = organizations.filter((group) => typeof group === 'string');
  return { name, groups: [...groups, 'system:authenticated'] };
}

async function tokenUser({ headers }: IncomingMessage, client: Client): Promise<Requester | undefined> {
  const token = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  const { status } = await client.create(TokenReview, { metadata: {}, spec: { token } });
  const name = status.user.username;
  if (!status.authenticated || !name) throw new StatusError('Unauthorized', 'Unauthorized');
  return { name, groups: status.user.groups ?? [] };
}
