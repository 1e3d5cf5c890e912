const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
};

/** Words a failed connection as Go does, since events carry that text and tools match it. */
export function dialMessage(error: unknown, address: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ECONNRESET') return 'read: connection reset by peer';
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${address.replace(/:\d+$/, '')}: no such host`;
  const cause = causes[code];
  if (cause !== undefined) return `dial tcp ${address}: ${cause}`;
  return error instanceof Error ? error.message : String(error);
}
