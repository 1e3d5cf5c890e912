import http from 'node:http';
import https from 'node:https';
import type { HTTPHeader } from '../../api/core/container.ts';
import { dialMessage } from './dial-error.ts';

/** A GET as probes and lifecycle hooks send it. */
export interface HttpRequest {
  readonly url: URL;
  readonly headers: readonly HTTPHeader[];
  readonly timeoutMs: number;
  /** `kube-probe/1.36` or `kube-lifecycle/1.36`. */
  readonly userAgent: string;
  readonly signal: AbortSignal;
}

/** What came back; the body is cut off at 10 KiB. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly body: string;
  /** Where a redirect leads. */
  readonly location: string | undefined;
}

const maxBody = 10 * 1024;

/** Sends the request. Certificates are not verified: the address is a pod's. Throws an error worded as Go's. */
export function sendRequest(request: HttpRequest): Promise<HttpAnswer> {
  const { url, signal, timeoutMs } = request;
  const limit = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      if (signal.aborted) return reject(signal.reason);
      const detail = limit.aborted
        ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
        : dialMessage(error, `${url.hostname}:${portOf(url)}`);
      reject(new Error(`Get "${url.href}": ${detail}`, { cause: error }));
    };
    const send = url.protocol === 'https:' ? https.get : http.get;
    const options = {
      headers: headersOf(request),
      signal: AbortSignal.any([signal, limit]),
      agent: false as const,
      rejectUnauthorized: false,
    };
    const sent = send(url, options, (response) => {
      collect(response).then(
        (body) => resolve({ statusCode: response.statusCode ?? 0, body, location: response.headers.location }),
        fail,
      );
    });
    sent.on('error', fail);
  });
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}

function headersOf({ headers, userAgent }: HttpRequest): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = {};
  for (const { name, value } of headers) {
    const key = name.toLowerCase();
    const former = all[key];
    all[key] = former === undefined || key === 'host' ? value : [former, value].flat();
  }
  return { 'user-agent': userAgent, accept: '*/*', connection: 'close', ...all };
}

async function collect(response: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    const bytes = Buffer.from(part);
    parts.push(bytes);
    size += bytes.length;
    if (size >= maxBody) break;
  }
  response.destroy();
  return Buffer.concat(parts).subarray(0, maxBody).toString('utf8');
}
