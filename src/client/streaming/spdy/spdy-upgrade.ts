import { StatusError } from '../../../base/errors.ts';
import { refusalOf, requestUpgrade } from '../upgrade-request.ts';
import type { UpgradeRequest } from '../upgrade-request.ts';
import { refuseUpgrade, respond } from '../upgrade-response.ts';
import type { IncomingUpgrade } from '../upgrade-response.ts';
import { SpdyConnection } from './spdy-connection.ts';
import type { SpdyConnectionOptions } from './spdy-connection.ts';

/** The header that names what is spoken inside SPDY; a client sends one value per protocol it knows, best first. */
export const streamProtocolHeader = 'X-Stream-Protocol-Version';

/** Options of `dialSpdy`. */
export interface SpdyDialOptions extends Omit<UpgradeRequest, 'headers'> {
  readonly headers?: UpgradeRequest['headers'] | undefined;
  /** Protocols to offer, best first. */
  readonly protocols: readonly string[];
  readonly connection?: Omit<SpdyConnectionOptions, 'role' | 'head'> | undefined;
}

/** A SPDY session and what is spoken inside. */
export interface SpdySession {
  readonly connection: SpdyConnection;
  /** The negotiated protocol; the last offered one if the server, being very old, named none. */
  readonly protocol: string;
}

/** Asks a server for a SPDY session. Rejects with a StatusError when it answers with anything but 101. */
export async function dialSpdy(options: SpdyDialOptions): Promise<SpdySession> {
  const answer = await requestUpgrade({
    ...options,
    method: options.method ?? 'POST',
    headers: {
      ...options.headers,
      Connection: 'Upgrade',
      Upgrade: 'SPDY/3.1',
      [streamProtocolHeader]: options.protocols,
    },
  });
  if (!answer.upgraded) throw await refusalOf(answer.response);
  const { socket, head, response } = answer;
  const named = response.headers[streamProtocolHeader.toLowerCase()];
  const protocol = (typeof named === 'string' ? named : named?.[0]) ?? options.protocols.at(-1) ?? '';
  if (!/spdy\/3\.1/i.test(response.headers.upgrade ?? '')) {
    socket.destroy();
    throw new StatusError(
      'InternalError',
      `unable to upgrade: the server switched to ${response.headers.upgrade ?? 'nothing'}`,
    );
  }
  return { connection: new SpdyConnection(socket, { ...options.connection, role: 'client', head }), protocol };
}

/** Options of `acceptSpdy`. */
export interface SpdyAcceptOptions extends Omit<SpdyConnectionOptions, 'role' | 'head'> {
  /** Protocols that are spoken. The client's preference decides. */
  readonly protocols: readonly string[];
}

/**
 * Answers a SPDY upgrade request. Undefined when no protocol is common: the request has then been refused as upstream
 * does (403, the accepted ones in X-Accepted-Stream-Protocol-Versions).
 */
export function acceptSpdy(upgrade: IncomingUpgrade, options: SpdyAcceptOptions): SpdySession | undefined {
  const { request, socket, head } = upgrade;
  const header = request.headers[streamProtocolHeader.toLowerCase()];
  const offered = (typeof header === 'string' ? header : (header ?? []).join(','))
    .split(',')
    .map((name) => name.trim());
  const protocol = offered.find((name) => options.protocols.includes(name));
  if (protocol === undefined) {
    refuse(upgrade, offered, options.protocols);
    return undefined;
  }
  respond(socket, 101, { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', [streamProtocolHeader]: protocol });
  return { connection: new SpdyConnection(socket, { ...options, role: 'server', head }), protocol };
}

function refuse({ socket }: IncomingUpgrade, offered: readonly string[], accepted: readonly string[]): void {
  const message = `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${accepted.join(' ')}]`;
  refuseUpgrade(socket, new StatusError('Forbidden', message), {
    'X-Accepted-Stream-Protocol-Versions': accepted.join(', '),
  });
}
