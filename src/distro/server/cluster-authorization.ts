import type { AuthorizationSettings } from '../../apiserver/authorization/authorization-parts.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { systemRandom } from '../../base/system-random.ts';
import { authorizationFlags } from '../components/authorization-flags.ts';
import { authorizationSettings } from '../components/authorization-settings.ts';
import type { CountingContext } from '../components/configuration-reloads.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';

/** Who decides in a cluster what users may do: Node and RBAC, unless a file says otherwise. Throws UsageError. */
export function clusterAuthorization(
  { authorizationConfig }: Pick<ClusterConfig, 'authorizationConfig'>,
  context: CountingContext & { readonly clock: Clock; readonly log: Logger; readonly signal?: AbortSignal },
): Promise<AuthorizationSettings> {
  const defaults = Object.fromEntries(
    Object.entries(authorizationFlags).map(([name, flag]) => [name, flag.default]),
  ) as { readonly [K in keyof typeof authorizationFlags]: (typeof authorizationFlags)[K]['default'] };
  const { signal = new AbortController().signal } = context;
  return authorizationSettings(
    { ...defaults, 'authorization-config': authorizationConfig },
    { ...context, random: systemRandom, signal },
  );
}
