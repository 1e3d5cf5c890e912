import type { TLSSocket } from 'node:tls';

/** The certificate that a client presented. */
export interface PeerCertificate {
  /** DER, if it was verified. */
  readonly certificate: Buffer | undefined;
  readonly badCertificate: boolean;
}

const known = new WeakMap<object, PeerCertificate>();

/** The certificate of a connection; looked up once, and the same Buffer every time. `connection` is its identity. */
export function peerCertificate(
  connection: object,
  socketOf: () => Pick<TLSSocket, 'authorized' | 'getPeerCertificate'>,
): PeerCertificate {
  let found = known.get(connection);
  if (!found) {
    const socket = socketOf();
    const { raw } = socket.getPeerCertificate?.() ?? {};
    found = {
      certificate: raw && socket.authorized ? raw : undefined,
      badCertificate: Boolean(raw) && !socket.authorized,
    };
    known.set(connection, found);
  }
  return found;
}
