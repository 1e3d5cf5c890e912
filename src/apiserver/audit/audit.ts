import type { IncomingHttpHeaders } from 'node:http';
import type { AuditBackend } from './audit-backend.ts';
import { eventUser } from './audit-event.ts';
import type { EventReference } from './audit-event.ts';
import type { AuditMetrics } from './audit-metrics.ts';
import type { AuditScopes, AuditedAttributes } from './audit-policy.ts';
import { RequestAudit } from './request-audit.ts';
import type { AuditParts } from './request-audit.ts';
import { sourceAddresses } from './source-addresses.ts';

/** A request whose user is known, or that nobody could be identified by. */
export interface AuditedRequest {
  /** What the answer's Audit-ID says. */
  readonly id: string;
  /** Path and query. */
  readonly uri: string;
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string | undefined;
  /** Whether the request goes on after its answer has begun. */
  readonly isLong: boolean;
  /** What authenticators have noted. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** What records requests. */
export interface Audit {
  /**
   * Begins to record a request: undefined when the policy says that it is not to be, and then `request` is not called, so
   * that such a request costs no more than the question.
   */
  begin(attributes: AuditedAttributes, request: () => AuditedRequest): RequestAudit | undefined;
  /** Counts a request that is refused because it could not be recorded. */
  rejected(): void;
  /** Metrics in Prometheus' text format. */
  render(): string;
  /** Resolves when everything is recorded, or can't be in a few seconds. */
  close(): Promise<void>;
}

/** What an audit is made of. */
export interface AuditOptions extends AuditParts {
  readonly backend: AuditBackend;
  readonly metrics: AuditMetrics;
  readonly scopes: AuditScopes;
}

/** Records requests as a policy says. Source: apiserver's endpoints/filters/audit. */
export function createAudit({ scopes, ...parts }: AuditOptions): Audit {
  const { metrics, backend } = parts;
  return {
    begin(attributes, request) {
      const scope = scopes(attributes);
      metrics.request(scope.level);
      if (scope.level === 'None') return undefined;
      const { id, uri, headers, remoteAddress, isLong, annotations } = request();
      const facts = {
        auditID: id,
        requestURI: withoutToken(uri),
        verb: attributes.verb,
        user: eventUser(attributes.user),
        sourceIPs: sourceAddresses(headers, remoteAddress),
        userAgent: shortened(headers['user-agent']),
        objectRef: referenceOf(attributes),
      };
      return new RequestAudit(parts, scope, {
        facts,
        isLong,
        isIdentified: attributes.user !== undefined,
        annotations,
      });
    },
    rejected: () => metrics.rejected(),
    render: () => metrics.render(),
    close: () => backend.close(),
  };
}

/** Some clients put their token into the address, where it has no effect here. Source: RFC 6750, 2.3. */
function withoutToken(uri: string): string {
  return uri.includes('access_token=') ? uri.replaceAll(/([?&]access_token=)[^&]*/g, '$1REDACTED') : uri;
}

const longestUserAgent = 1024;

function shortened(userAgent: string | undefined): string | undefined {
  if (userAgent === undefined || userAgent.length <= longestUserAgent) return userAgent || undefined;
  return `${userAgent.slice(0, longestUserAgent)}...TRUNCATED`;
}

function referenceOf(attributes: AuditedAttributes): EventReference | undefined {
  if (!attributes.isResource) return undefined;
  const { resource, namespace, name, group, version, subresource } = attributes;
  return {
    resource: resource || undefined,
    namespace: namespace || undefined,
    name: name || undefined,
    apiGroup: group || undefined,
    apiVersion: version || undefined,
    subresource: subresource || undefined,
  };
}
