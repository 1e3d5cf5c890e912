/** Finds the bearer token of a request. */
import type { IncomingHttpHeaders } from 'node:http';

const protocolPrefix = 'base64url.bearer.authorization.k8s.io.';

/**
 * The bearer token in the Authorization header, or in the WebSocket subprotocol that browsers use since they can't set
 * that header. Undefined when there is none.
 */
export function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  const match = /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? '');
  if (match) return match[1];
  const protocols = headers['sec-websocket-protocol']?.split(',').map((protocol) => protocol.trim()) ?? [];
  const encoded = protocols.find((protocol) => protocol.startsWith(protocolPrefix));
  return encoded && Buffer.from(encoded.slice(protocolPrefix.length), 'base64url').toString();
}
