import type { AuthenticationSettings } from '../../apiserver/authentication/authentication-parts.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { authenticationFlags } from '../components/authentication-flags.ts';
import { settingsOfFile, tokenWebhook } from '../components/authentication-settings.ts';
import type { CountingContext } from '../components/configuration-reloads.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';

/** The issuer of a cluster's service account tokens. */
export function clusterIssuer({ clusterDomain }: ClusterConfig): string {
  return `https://kubernetes.default.svc.${clusterDomain}`;
}

/** What a cluster says to anybody: whether its API server lives. Who may ask for more, can say who they are. */
const anonymous = { enabled: true, paths: new Set(['/healthz', '/livez', '/readyz']) } as const;

/** Whom a cluster's API server believes besides its own certificates and service accounts. Throws UsageError. */
export async function clusterAuthentication(
  config: ClusterConfig,
  context: CountingContext & { readonly clock: Clock; readonly log: Logger },
): Promise<Pick<AuthenticationSettings, 'jwt' | 'anonymous' | 'tokenWebhook'>> {
  const { authenticationConfig: path, authenticationTokenWebhookConfigFile: webhook } = config;
  const version = authenticationFlags['authentication-token-webhook-version'].default;
  const cacheTtl = authenticationFlags['authentication-token-webhook-cache-ttl'].default;
  const file = path === undefined ? undefined : settingsOfFile(path, [clusterIssuer(config)], context);
  return {
    ...file,
    anonymous: file?.anonymous ?? anonymous,
    ...(webhook === undefined ? {} : { tokenWebhook: await tokenWebhook(webhook, { version, cacheTtl }) }),
  };
}
