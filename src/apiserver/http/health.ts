/** /healthz, /livez and /readyz. Source: apiserver's server/healthz. */
import { messageOf } from '../../base/errors.ts';
import type { ApiServer } from '../create-api-server.ts';
import type { DocumentResponse } from '../ports.ts';

/** One thing that must be well; throws or rejects when it is not. */
export interface HealthCheck {
  readonly name: string;
  /** A server that is not ready may still be alive. */
  readonly readinessOnly?: boolean;
  readonly check: () => void;
}

const roots = ['healthz', 'livez', 'readyz'];

/** Answers a health path; undefined for other paths. */
export function healthResponse(
  path: string,
  query: URLSearchParams,
  checks: readonly HealthCheck[],
): DocumentResponse | undefined {
  const [, root = '', name, ...rest] = path.split('/');
  if (!roots.includes(root) || rest.length > 0) return undefined;
  const relevant = checks.filter(({ readinessOnly }) => root === 'readyz' || !readinessOnly);
  if (name !== undefined && name !== '') {
    const one = relevant.find((check) => check.name === name);
    return (
      one && (failureOf(one) === undefined ? text(200, 'ok') : text(500, `internal server error: ${failureOf(one)}\n`))
    );
  }
  return runAll(root, query, relevant);
}

function runAll(root: string, query: URLSearchParams, checks: readonly HealthCheck[]): DocumentResponse {
  const excluded = new Set(query.getAll('exclude'));
  const results = checks.map((check) =>
    excluded.has(check.name) ? { name: check.name, excluded: true } : { name: check.name, failure: failureOf(check) },
  );
  const failed = results.some(({ failure }) => failure !== undefined);
  if (!failed && !query.has('verbose')) return text(200, 'ok');
  const lines = results.map((result) => {
    if (result.excluded) return `[+]${result.name} excluded: ok`;
    return result.failure === undefined ? `[+]${result.name} ok` : `[-]${result.name} failed: ${result.failure}`;
  });
  lines.push(failed ? `${root} check failed` : `${root} check passed`);
  return text(failed ? 500 : 200, `${lines.join('\n')}\n`);
}

function failureOf({ check }: HealthCheck): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function text(status: number, body: string): DocumentResponse {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  return { status, headers, body };
}

/** What every server checks. */
export function ownChecks({ context, signal }: Pick<ApiServer, 'context' | 'signal'>): readonly HealthCheck[] {
  return [
    { name: 'ping', check: () => undefined },
    {
      name: 'etcd',
      check() {
        const { failure } = context.storeHealth;
        if (failure) throw new Error(`the store does not answer: ${messageOf(failure)}`);
      },
    },
    {
      name: 'watch-cache',
      check() {
        const { failure } = context.caches;
        if (failure) throw new Error(`the store can't be followed: ${messageOf(failure)}`);
      },
    },
    {
      name: 'shutdown',
      readinessOnly: true,
      check() {
        if (signal.aborted) throw new Error('process is shutting down');
      },
    },
  ];
}
