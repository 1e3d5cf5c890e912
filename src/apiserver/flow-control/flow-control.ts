/** The seam between requests and what decides when they are served. */
import type { Resource } from '../../machinery/resource.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ResourcePath } from '../http/request-path.ts';
import type { RequestTarget } from '../http/request-target.ts';
import type { User } from '../ports.ts';

/** A request that has been read, but for its body. */
export interface ArrivedRequest {
  readonly exchange: Exchange;
  readonly target: RequestTarget;
  readonly path: ResourcePath | undefined;
  readonly counted: { readonly resource: Resource | undefined; readonly verb: string };
  /** Milliseconds that the answer may take. */
  readonly timeout: number;
}

/** Decides when requests are served, and which are refused. */
export interface FlowControl {
  /**
   * Serves a request when it may be: calls `answer` at once, later, or, when it is refused, which `serve` itself answers,
   * never. Fails as `answer` does.
   */
  serve(request: ArrivedRequest, user: User, answer: () => Promise<void> | void): Promise<void> | void;
  /** What was counted, in Prometheus' text format. */
  render(): string;
}

/** Refuses a request as upstream does: not with a Status. Source: apiserver's tooManyRequests. */
export function refuse({ exchange }: ArrivedRequest, retryAfter: number): void {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'retry-after': String(retryAfter),
  };
  exchange.respond(429, headers, 'Too many requests, please try again later.\n');
}
