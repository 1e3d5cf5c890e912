import type { HTTPGetAction } from '../../api/core/container.ts';
import { messageOf } from '../../base/errors.ts';
import type { HttpAnswer, HttpRequest } from './http-request.ts';
import { sendRequest } from './http-request.ts';
import type { ProbeOutcome } from './probe-outcome.ts';

const maxRedirects = 10;

/** Succeeds on a status from 200 to 399. Redirects are followed on the same host only. */
export async function httpProbe(request: HttpRequest): Promise<ProbeOutcome> {
  try {
    const { statusCode } = await follow(request, maxRedirects);
    if (statusCode >= 200 && statusCode < 400) return { ok: true, message: '' };
    return { ok: false, message: `HTTP probe failed with statuscode: ${statusCode}` };
  } catch (error) {
    request.signal.throwIfAborted();
    return { ok: false, message: messageOf(error) };
  }
}

async function follow(request: HttpRequest, left: number): Promise<HttpAnswer> {
  const answer = await sendRequest(request);
  const redirected = answer.statusCode >= 300 && answer.statusCode < 400 && answer.location !== undefined;
  if (!redirected || left === 0) return answer;
  const url = new URL(answer.location ?? '', request.url);
  return url.hostname === request.url.hostname ? follow({ ...request, url }, left - 1) : answer;
}

/** The URL of an httpGet action. `port` is resolved already. */
export function urlOf(action: HTTPGetAction, port: number, podIP: string): URL {
  const host = action.host || podIP;
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return new URL(
    action.path.startsWith('/') ? action.path : `/${action.path}`,
    `${action.scheme.toLowerCase()}://${bracketed}:${port}`,
  );
}
