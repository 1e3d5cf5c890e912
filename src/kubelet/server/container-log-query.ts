import { StatusError } from '../../base/errors.ts';

/** What is asked of a container's log. Source: core/v1 PodLogOptions. */
export interface ContainerLogQuery {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number | undefined;
  readonly stream: 'stdout' | 'stderr' | undefined;
}

/** Reads the query of a log request. Throws StatusError BadRequest. */
export function parseLogQuery(query: URLSearchParams, now: number): ContainerLogQuery {
  const sinceSeconds = wholeNumber(query, 'sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  if (sinceSeconds !== undefined && sinceTime)
    throw new StatusError('Invalid', 'at most one of `sinceTime` or `sinceSeconds` may be specified');
  const since = sinceTime ? Date.parse(sinceTime) : sinceSeconds === undefined ? undefined : now - sinceSeconds * 1000;
  if (since !== undefined && Number.isNaN(since))
    throw new StatusError('BadRequest', `sinceTime ${JSON.stringify(sinceTime)} is no RFC 3339 time`);
  const stream = query.get('stream')?.toLowerCase();
  return {
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
    tailLines: wholeNumber(query, 'tailLines', 0),
    limitBytes: wholeNumber(query, 'limitBytes', 1),
    since,
    stream: stream === 'stdout' || stream === 'stderr' ? stream : undefined,
  };
}

function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value === '' || value === 'true' || value === '1';
}

function wholeNumber(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new StatusError(
    'Invalid',
    `${name}: Invalid value: ${JSON.stringify(text)}: must be an integer greater than or equal to ${least}`,
  );
}
