import { publishAuthenticationConfig } from '../../apiserver/aggregation/authentication-config.ts';
import type { AuthenticationConfig } from '../../apiserver/aggregation/authentication-config.ts';
import { apiServerUser } from '../../apiserver/authentication/users.ts';
import type { ApiServer } from '../../apiserver/create-api-server.ts';
import type { Listener, ServerTls } from '../../apiserver/http/listener.ts';

/**
 * Brings renewed certificates into use: for new connections, and for who asks what authorities there are. Throws when a
 * certificate and its key do not belong together.
 */
export function useRenewed(
  { listener, server }: { readonly listener: Listener; readonly server: ApiServer },
  tls: ServerTls,
  authorities: AuthenticationConfig,
): void {
  listener.renew(tls);
  publishAuthenticationConfig(server.client(apiServerUser), authorities).catch((error: unknown) =>
    server.context.log.error('Aggregated servers could not be told of the authorities', { error }),
  );
}
