import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf, StatusError } from '../../base/errors.ts';

/** What node's 'upgrade' event hands over. */
export interface IncomingUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** Bytes of the new protocol that came with the request. */
  readonly head: Buffer;
}

/** The protocol that a request asks to switch to; undefined for one that isn't known here. */
export function upgradeKind(request: IncomingMessage): 'websocket' | 'spdy' | undefined {
  if (!tokens(request.headers.connection).includes('upgrade')) return undefined;
  const wanted = tokens(request.headers.upgrade);
  if (wanted.includes('websocket')) return 'websocket';
  return wanted.includes('spdy/3.1') ? 'spdy' : undefined;
}

/** How long a refused client may take to hang up. */
const lingerMs = 5_000;

/** Answers an upgrade request with an ordinary response, the error as a metav1.Status, and hangs up. */
export function refuseUpgrade(socket: Duplex, error: unknown, headers: Readonly<Record<string, string>> = {}): void {
  const refusal = error instanceof StatusError ? error : new StatusError('InternalError', messageOf(error));
  const body = `${JSON.stringify(refusal.toStatus())}\n`;
  respond(socket, refusal.code, {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
    ...headers,
  });
  socket.on('error', () => undefined);
  socket.end(body);
  socket.resume();
  // A client that leaves its side open would hold the connection for ever.
  if (socket instanceof Socket) socket.setTimeout(lingerMs, () => socket.destroy());
}

/** Writes a response's head. A value list becomes as many lines. */
export function respond(
  socket: Duplex,
  code: number,
  headers: Readonly<Record<string, string | readonly string[]>>,
): void {
  const lines = [`HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Unknown'}`];
  for (const [name, value] of Object.entries(headers)) {
    for (const one of typeof value === 'string' ? [value] : value) lines.push(`${name}: ${one}`);
  }
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
}

/** The comma-separated values of a header in lower case. */
function tokens(header: string | undefined): string[] {
  return (header ?? '').split(',').map((token) => token.trim().toLowerCase());
}
