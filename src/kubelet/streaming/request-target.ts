import { StatusError } from '../../base/errors.ts';

/** What a request to the kubelet names. */
export interface RequestTarget {
  /** Decoded, without empty ones. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

/**
 * Reads a request's target. Whoever authorizes a request and whoever answers it must read it alike, so both do it here,
 * and nothing is normalized: a path with `.` or `..` in any spelling is refused. Throws StatusError BadRequest.
 */
export function requestTarget(url: string): RequestTarget {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (!path.startsWith('/')) throw new StatusError('BadRequest', 'the request must name a path');
  const segments = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodedPart);
  return { segments, query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)) };
}

function decodedPart(part: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(part);
  } catch (cause) {
    throw invalid(part, cause);
  }
  if (decoded === '.' || decoded === '..' || /[/\\\0]/.test(decoded)) throw invalid(part);
  return decoded;
}

function invalid(part: string, cause?: unknown): StatusError {
  return new StatusError('BadRequest', `invalid path segment ${JSON.stringify(part)}`, { cause });
}
