/** How long a request may take, and the name under which it is found again. Source: apiserver's endpoints/filters. */
import { StatusError, messageOf } from '../../base/errors.ts';
import { parseDuration } from '../../machinery/duration.ts';
import type { Exchange } from './exchange.ts';
import type { RequestTarget } from './request-target.ts';

/** Source: kube-apiserver's --request-timeout. */
const longestTimeout = 60_000;

/** Milliseconds that a request may take: what its `timeout` says, at most a minute. Throws BadRequest for nonsense. */
export function requestTimeout(target: RequestTarget): number {
  if (target.isPlain) return longestTimeout;
  const text = target.query.get('timeout');
  if (text === null || text === '') return longestTimeout;
  const wanted = durationOf(text);
  // Zero stands for the longest.
  return wanted > 0 ? Math.min(wanted, longestTimeout) : longestTimeout;
}

function durationOf(text: string): number {
  try {
    return parseDuration(text);
  } catch (cause) {
    throw new StatusError('BadRequest', `invalid timeout specified in the request URL - ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** The answer to a request that took too long. */
export function timedOut(): StatusError {
  return new StatusError('Timeout', 'Timeout: request did not complete within the allotted timeout');
}

/** The client's own name for its request, if it gave one. Source: Audit-ID, apiserver's WithAuditInit. */
export function auditIdOf({ headers }: Pick<Exchange, 'headers'>): string | undefined {
  const given = headers['audit-id'];
  return typeof given === 'string' && /^[\x21-\x7e]{1,64}$/.test(given) ? given : undefined;
}
