import { StatusError } from '../../base/errors.ts';
import { pathAttributes } from '../authorization/attributes.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ResourcePath } from '../http/request-path.ts';
import type { RequestTarget } from '../http/request-target.ts';
import { verbOf } from '../http/resource-requests.ts';
import type { User } from '../ports.ts';
import { attributesOf } from '../request-attributes.ts';
import type { Audit } from './audit.ts';
import type { AuditedAttributes } from './audit-policy.ts';
import { AuditedExchange } from './audited-exchange.ts';

/** A request that has been read. */
export interface AuditableRequest {
  /** Becomes one that records how it is answered. */
  exchange: Exchange;
  readonly target: RequestTarget;
  readonly path: ResourcePath | undefined;
  /** What authenticators have noted. */
  notes?: Map<string, string> | undefined;
}

/**
 * Begins to record a request, when it is known who asks; without a user: that nobody could be identified. Throws InternalError
 * when the request must be recorded and can't be. A promise where recording takes time.
 */
export function beginAudit(audit: Audit, asked: AuditableRequest, user: User | undefined): Promise<void> | void {
  const { exchange } = asked;
  const attributes = auditedAttributes(asked, user);
  const request = audit.begin(attributes, () => ({
    id: String(exchange.standing['audit-id']),
    uri: exchange.target,
    headers: exchange.headers,
    remoteAddress: exchange.remoteAddress,
    isLong: isLong(attributes),
    annotations: Object.fromEntries(asked.notes ?? []),
  }));
  if (!request) return undefined;
  asked.exchange = new AuditedExchange(exchange, request);
  if (!user) return undefined;
  const recorded = request.received();
  const go = (isRecorded: boolean): void => {
    if (!isRecorded) {
      audit.rejected();
      throw new StatusError('InternalError', 'Internal error occurred: failed to store audit event');
    }
    const deprecation = asked.path?.resource?.deprecation;
    if (deprecation === undefined) return;
    request.annotate('k8s.io/deprecated', 'true');
    const removed = /unavailable in v(\d+\.\d+)/.exec(deprecation)?.[1];
    if (removed !== undefined) request.annotate('k8s.io/removed-release', removed);
  };
  return recorded instanceof Promise ? recorded.then(go) : go(recorded);
}

const nobody: User = { name: '', groups: [] };
const longSubresources: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

/** Source: kube-apiserver's BasicLongRunningRequestCheck. */
function isLong({ isResource, verb, subresource }: AuditedAttributes): boolean {
  return isResource && (verb === 'watch' || longSubresources.has(subresource));
}

function auditedAttributes({ exchange, target, path }: AuditableRequest, user: User | undefined): AuditedAttributes {
  if (!path) return { ...pathAttributes(nobody, exchange.method.toLowerCase(), target.path), user };
  const verb = verbOf(exchange, path, target);
  const fieldSelector = target.isPlain ? undefined : (target.query.get('fieldSelector') ?? undefined);
  // An empty name is no name: a list may be of the one in its field selector.
  const name = path.name === '' ? undefined : path.name;
  const { group, version, plural, namespace, subresource } = path;
  const about = { verb, namespace, name, subresource, fieldSelector };
  const attributes = attributesOf(user ?? nobody, { group, version, plural, namespaced: true }, about);
  return user ? attributes : { ...attributes, user };
}
