/** Hands an ordinary request on to another server and its answer back. */
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Agent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { responseTo } from '../../client/response-to.ts';
import { tellsWhoAsks } from '../../client/streaming/upgrade-proxy.ts';
import type { TlsOptions } from '../../client/streaming/upgrade-request.ts';
import { StatusError, messageOf } from '../../base/errors.ts';
import type { Exchange, ResponseHeaders } from './exchange.ts';
import { readBody } from './read-body.ts';

/** Where a request goes and how. */
export interface ForwardOptions {
  readonly target: URL;
  readonly tls: TlsOptions | undefined;
  /** Replies of 400 and above become a Status with the reply's text, as for logs; proxies hand them on as they are. */
  readonly errorsAsStatus: boolean;
  /** Keeps connections; each request has its own without one. */
  readonly agent?: Agent | undefined;
  /** Said besides, as who asks. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Finds the addresses of names. Default: as the system does. */
  readonly lookup?: LookupFunction | undefined;
  /** Which of the client's headers (in lower case) are not handed on, besides those that never are. */
  readonly withholds?: ((name: string) => boolean) | undefined;
  /** Whether an answer may send the client elsewhere. Default: it may, as what it reaches is no API. */
  readonly redirects?: 'refused' | undefined;
}

/** Headers that concern one connection only, and those that prove to us who the client is. */
const notForwarded = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'host',
  'authorization',
  'cookie',
  'content-length',
  'http2-settings',
]);

/** Longest text of an error that is passed on in a Status. */
const maxErrorText = 64 * 1024;

/** Forwards; resolves once the answer is on its way. Throws StatusError when there is none. */
export async function forwardRequest(exchange: Exchange, options: ForwardOptions): Promise<void> {
  const abort = new AbortController();
  exchange.onClose(() => abort.abort(new Error('the client has gone')));
  const response = await send(exchange, options, abort.signal);
  const status = response.statusCode ?? 502;
  if (status >= 400 && options.errorsAsStatus) throw await errorOf(response, status);
  if (options.redirects === 'refused' && status >= 300 && status <= 399 && response.headers.location) {
    response.destroy();
    return exchange.respond(502, { 'content-type': 'text/plain; charset=utf-8' }, redirectRefused);
  }
  const stream = exchange.stream(status, responseHeaders(response));
  response.on('data', (chunk: Buffer) => {
    stream.write(chunk);
    if (stream.waiting < maxWaiting) return;
    // Logs can be longer than a slow client reads in time; the source waits for it.
    response.pause();
    stream.onDrain(() => response.resume());
  });
  response.on('end', () => stream.end());
  response.on('error', () => stream.abort());
}

/** Source: apimachinery's util/proxy. */
export const redirectRefused = 'the backend attempted to redirect this request, which is not permitted';

/** Bytes that may wait for the client before the source is told to. */
const maxWaiting = 1024 * 1024;

function send(
  exchange: Exchange,
  { target, tls, agent, headers, lookup, withholds }: ForwardOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const secure = target.protocol === 'https:';
  const options: RequestOptions = {
    method: exchange.method,
    headers: { ...requestHeaders(exchange, withholds), ...(headers as OutgoingHttpHeaders | undefined) },
    signal,
    agent: agent ?? false,
    ...(lookup && { lookup }),
    ...tls,
  };
  const request = secure ? httpsRequest(target, options) : httpRequest(target, options);
  if (exchange.method === 'GET' || exchange.method === 'HEAD') request.end();
  else exchange.bodyStream.pipe(request);
  return responseTo(request).catch((error: unknown) => {
    throw unreachable(target, error);
  });
}

function unreachable(target: URL, error: unknown): StatusError {
  const message = `error trying to reach ${target.host}: ${messageOf(error)}; is what should listen there running?`;
  return new StatusError('ServiceUnavailable', message, { cause: error });
}

function requestHeaders({ method, headers }: Exchange, withholds: ForwardOptions['withholds']): OutgoingHttpHeaders {
  const kept: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || value === undefined || notForwarded.has(name)) continue;
    if (tellsWhoAsks(name) || withholds?.(name)) continue;
    kept[name] = value;
  }
  return { ...kept, ...bodyFrame(method, headers['content-length']) };
}

/** Node frames the bodies of some methods only; a delete has one too. */
function bodyFrame(method: string, length: string | undefined): OutgoingHttpHeaders {
  if (method === 'GET' || method === 'HEAD') return {};
  return length === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': length };
}

function responseHeaders({ headers }: IncomingMessage): ResponseHeaders {
  const kept: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && (!notForwarded.has(name) || name === 'content-length')) kept[name] = value;
  }
  return kept;
}

/** Source: apimachinery's NewGenericServerResponse. */
async function errorOf(response: IncomingMessage, status: number): Promise<StatusError> {
  const text = (await readBody(response, { limit: maxErrorText, length: undefined })).toString().trim();
  if (status === 400) return new StatusError('BadRequest', text);
  if (status === 404)
    return new StatusError('NotFound', text === '' ? 'the server could not find the requested resource' : text);
  if (status === 401 || status === 403) {
    return new StatusError('InternalError', `Internal error occurred: the kubelet refused the API server: ${text}`);
  }
  return new StatusError('InternalError', `Internal error occurred: ${text}`, { code: status >= 500 ? 500 : status });
}
