import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { TokenReview } from '../../api/authentication/token-review.ts';
import { SubjectAccessReview } from '../../api/authorization/subject-access-review.ts';
import type { Clock } from '../../base/clock.ts';
import { StatusError } from '../../base/errors.ts';
import type { Client } from '../../client/client.ts';
import { requestTarget } from '../streaming/request-target.ts';

/** Who sends a request. */
export interface Requester {
  readonly name: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
}

/** Options of `RequestAuthorizer`. */
export interface RequestAuthorizerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly nodeName: string;
  /** Users with a certificate of the cluster's CA who may do everything without being asked about. */
  readonly trustedUsers: readonly string[];
}

/** Decisions and tokens that are kept at a time. */
const kept = 4096;
const allowedFor = 300_000;
const deniedFor = 30_000;
const tokensKnownFor = 120_000;
const wrongTokensFor = 10_000;
/** Also allowed to who may use `nodes/proxy`, under which they were before. Source: KubeletFineGrainedAuthz. */
const fineGrained = new Set(['healthz', 'pods', 'configz']);
const subresources = ['stats', 'metrics', 'healthz', 'pods', 'configz', 'logs'] as const;

/**
 * Lets in who has a client certificate of the cluster's CA or a token of the cluster, and may by RBAC use the node's
 * subresource that the path stands for. Answers are kept for a while, as upstream keeps them.
 */
export class RequestAuthorizer {
  readonly #options: RequestAuthorizerOptions;
  readonly #decisions = new Map<string, { readonly allowed: boolean; readonly until: number }>();
  readonly #tokens = new Map<string, { readonly requester: Requester | undefined; readonly until: number }>();

  constructor(options: RequestAuthorizerOptions) {
    this.#options = options;
  }

  /** Resolves when the request may go on; throws StatusError Unauthorized or Forbidden. */
  async authorize(request: IncomingMessage): Promise<Requester> {
    const requester = certificateUser(request) ?? (await this.#tokenUser(request));
    if (!requester) throw new StatusError('Unauthorized', 'Unauthorized');
    if (certificateUser(request) && this.#options.trustedUsers.includes(requester.name)) return requester;
    const { verb, subresource } = attributesOf(request);
    const specific = await this.#allowed(requester, verb, subresource);
    const allowed = specific || (fineGrained.has(subresource) && (await this.#allowed(requester, verb, 'proxy')));
    if (allowed) return requester;
    const { nodeName } = this.#options;
    const message = `Forbidden (user=${requester.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresource}], node=${nodeName})`;
    throw new StatusError('Forbidden', message);
  }

  async #allowed(requester: Requester, verb: string, subresource: string): Promise<boolean> {
    const { client, clock, nodeName } = this.#options;
    const key = JSON.stringify([requester.name, requester.groups, verb, subresource]);
    const known = this.#decisions.get(key);
    if (known && clock.now() < known.until) return known.allowed;
    const { name: user, groups, uid } = requester;
    const resourceAttributes = { verb, version: 'v1', resource: 'nodes', subresource, name: nodeName };
    const review = await client.create(SubjectAccessReview, {
      metadata: {},
      spec: { user, groups, uid, resourceAttributes },
    });
    const { allowed } = review.status;
    if (this.#decisions.size >= kept) this.#decisions.clear();
    this.#decisions.set(key, { allowed, until: clock.now() + (allowed ? allowedFor : deniedFor) });
    return allowed;
  }

  async #tokenUser(request: IncomingMessage): Promise<Requester | undefined> {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    const { client, clock } = this.#options;
    const known = this.#tokens.get(token);
    if (known && clock.now() < known.until) return known.requester;
    const review = await client.create(TokenReview, { metadata: {}, spec: { token } });
    const { authenticated, user } = review.status;
    const isKnown = authenticated && user.username;
    const requester = isKnown ? { name: user.username, uid: user.uid, groups: user.groups ?? [] } : undefined;
    // Wrong ones too, for a while: whoever floods the kubelet with one must not flood the API server.
    if (this.#tokens.size >= kept) this.#tokens.clear();
    this.#tokens.set(token, { requester, until: clock.now() + (requester ? tokensKnownFor : wrongTokensFor) });
    return requester;
  }
}

/** The user that a verified client certificate names: CN is the user, O are the groups. */
function certificateUser({ socket }: IncomingMessage): Requester | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  const organisations: unknown = subject?.O ?? [];
  const name: unknown = subject?.CN;
  if (typeof name !== 'string') return undefined;
  return { name, groups: [organisations, 'system:authenticated'].flat().filter((group) => typeof group === 'string') };
}

/** What a request stands for in terms of RBAC. Source: upstream pkg/kubelet/server/auth.go. */
function attributesOf(request: IncomingMessage): { readonly verb: string; readonly subresource: string } {
  const [first = ''] = requestTarget(request.url ?? '/').segments;
  const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
  // Running a command is a create, also when a WebSocket begins it with GET.
  const runs = ['exec', 'attach', 'portForward', 'run'].includes(first);
  const verb = runs ? 'create' : (verbs[request.method ?? 'GET'] ?? 'get');
  const named = subresources.find((name) => name === first);
  return { verb, subresource: named === undefined ? 'proxy' : named === 'logs' ? 'log' : named };
}
