import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { messageOf, StatusError } from '../../base/errors.ts';
import { relay } from './relay-sockets.ts';
import type { RelayOptions } from './relay-sockets.ts';
import { requestUpgrade } from './upgrade-request.ts';
import type { TlsOptions, UpgradeAnswer, UpgradeRequest } from './upgrade-request.ts';
import { refuseUpgrade, respond } from './upgrade-response.ts';
import type { IncomingUpgrade } from './upgrade-response.ts';

/** Options of `proxyUpgrade`. */
export interface ProxyUpgradeOptions extends IncomingUpgrade, RelayOptions {
  /** Where the request goes, path and query included; http: or https:. */
  readonly target: URL;
  readonly tls?: TlsOptions | undefined;
  /** Finds the addresses of names. Default: as the system does. */
  readonly lookup?: UpgradeRequest['lookup'];
  /** Added to the request's own headers, or in their place. */
  readonly extraHeaders?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Which of the request's headers (in lower case) are not handed on, besides those that never are. */
  readonly withholds?: ((name: string) => boolean) | undefined;
  /** Whether an answer that is no 101 may send the client elsewhere. Default: it may. */
  readonly redirects?: 'refused' | undefined;
}

/**
 * Hands an upgrade request on and, once it is accepted, passes the bytes through untouched. A response other than 101
 * is relayed as it comes; a target that can't be reached becomes a 500 Status. Resolves when it is all over; never
 * rejects.
 */
export async function proxyUpgrade(options: ProxyUpgradeOptions): Promise<void> {
  const { request, socket, head, target, tls, lookup, extraHeaders, signal } = options;
  socket.on('error', () => undefined);
  const dialling = new AbortController();
  const giveUp = (): void => dialling.abort(new Error('the client has gone'));
  socket.once('close', giveUp);
  signal?.addEventListener('abort', giveUp, { once: true });
  let answer: UpgradeAnswer;
  try {
    answer = await requestUpgrade({
      url: target,
      method: request.method,
      headers: { ...forwardedHeaders(request, options.withholds), ...extraHeaders },
      tls,
      lookup,
      signal: signal?.aborted ? signal : dialling.signal,
    });
  } catch (error) {
    return refuseUpgrade(
      socket,
      new StatusError('InternalError', `error dialing backend: ${messageOf(error)}`, { cause: error }),
    );
  } finally {
    socket.off('close', giveUp);
    signal?.removeEventListener('abort', giveUp);
  }
  if (!answer.upgraded) {
    const { statusCode = 502, headers } = answer.response;
    if (options.redirects !== 'refused' || !headers.location || statusCode < 300 || statusCode > 399)
      return relayResponse(answer.response, options);
    answer.response.destroy();
    const text = 'the backend attempted to redirect this request, which is not permitted';
    return refuseUpgrade(socket, new StatusError('InternalError', text, { code: 502 }));
  }
  respond(socket, 101, headerLists(answer.response.rawHeaders));
  if (answer.head.length > 0) socket.write(answer.head);
  if (head.length > 0) answer.socket.write(head);
  await relay(socket, answer.socket, options);
}

/** Headers that concern one connection only, and those that prove to us who the client is. */
const notForwarded = new Set([
  'host',
  'authorization',
  'cookie',
  'proxy-authorization',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'content-length',
  'http2-settings',
]);

/**
 * Whether a header (in lower case) is one of those that say who asks, which only this server may say. Many servers take
 * an underscore for a hyphen.
 */
export function tellsWhoAsks(name: string): boolean {
  return /^(impersonate|x[-_]remote)[-_]/.test(name);
}

/** A bearer token in the guise of a WebSocket subprotocol, for browsers. */
const bearerProtocol = /^base64url\.bearer\.authorization\.k8s\.io\./;

function forwardedHeaders(
  request: IncomingMessage,
  withholds: ProxyUpgradeOptions['withholds'],
): Record<string, string[]> {
  const headers = headerLists(request.rawHeaders);
  for (const name of Object.keys(headers)) {
    const lower = name.toLowerCase();
    if (notForwarded.has(lower) || tellsWhoAsks(lower) || withholds?.(lower)) delete headers[name];
    // Whatever else it lists, the next one might take away: the headers that tell who asks among them.
    else if (lower === 'connection') headers[name] = ['Upgrade'];
    else if (lower === 'sec-websocket-protocol') headers[name] = withoutToken(headers[name]!);
  }
  return headers;
}

function withoutToken(values: readonly string[]): string[] {
  const protocols = values
    .join(',')
    .split(',')
    .map((protocol) => protocol.trim());
  return [protocols.filter((protocol) => !bearerProtocol.test(protocol)).join(', ')];
}

/** Node's flat list of names and values, by the name as it was first spelled. */
function headerLists(raw: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  const spelled = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const lower = raw[i]!.toLowerCase();
    const name = spelled.get(lower) ?? raw[i]!;
    spelled.set(lower, name);
    (headers[name] ??= []).push(raw[i + 1]!);
  }
  return headers;
}

async function relayResponse(response: IncomingMessage, { socket, signal }: ProxyUpgradeOptions): Promise<void> {
  const headers = headerLists(response.rawHeaders);
  for (const name of Object.keys(headers)) {
    // The body comes out of node's parser without its chunks, and ends with the connection if no length is stated.
    if (['connection', 'keep-alive', 'transfer-encoding'].includes(name.toLowerCase())) delete headers[name];
  }
  respond(socket, response.statusCode ?? 502, { ...headers, Connection: 'close' });
  socket.resume();
  await pipeline(response, socket, { signal }).catch(() => socket.destroy());
}
