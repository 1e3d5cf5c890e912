import type { TlsOptions } from '../../client/streaming/upgrade-request.ts';
import type { ApiConnection } from '../http/api-connection.ts';

/** How upgraded connections prove who they are, in the form that `client/streaming` takes. */
export function streamTarget({ target }: Pick<ApiConnection, 'target'>): {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions | undefined;
} {
  const headers = Object.entries(target.headers).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : value.join(','),
  ]);
  return { headers: Object.fromEntries(headers), tls: target.server.protocol === 'https:' ? target.tls : undefined };
}
