/** Tells aggregated servers how this one knows its clients, so that they can rely on it. */
import { ConfigMap } from '../../api/core/config-map.ts';
import { hasReason } from '../../base/errors.ts';
import type { Client } from '../../client/client.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { RequestHeaderOptions } from '../authentication/request-header-authenticator.ts';

const metadata = { name: 'extension-apiserver-authentication', namespace: 'kube-system' };

/** What the ConfigMap says. */
export interface AuthenticationConfig {
  /** PEM of the authorities of client certificates. */
  readonly clientCa?: string | undefined;
  readonly requestHeader?: RequestHeaderOptions | undefined;
}

/** The entries of the ConfigMap. Source: kube-apiserver's clusterauthenticationtrust. */
export function authenticationEntries({ clientCa, requestHeader }: AuthenticationConfig): Record<string, string> {
  return {
    ...(clientCa ? { 'client-ca-file': clientCa } : {}),
    ...(requestHeader
      ? {
          'requestheader-client-ca-file': requestHeader.ca,
          'requestheader-allowed-names': JSON.stringify(requestHeader.allowedNames),
          'requestheader-username-headers': JSON.stringify(requestHeader.usernameHeaders),
          'requestheader-uid-headers': JSON.stringify(requestHeader.uidHeaders),
          'requestheader-group-headers': JSON.stringify(requestHeader.groupHeaders),
          'requestheader-extra-headers-prefix': JSON.stringify(requestHeader.extraHeaderPrefixes),
        }
      : {}),
  };
}

const attempts = 5;

/** Writes the ConfigMap, if there is anything to say; other API servers may do the same at the same time. */
export async function publishAuthenticationConfig(client: Client, config: AuthenticationConfig): Promise<void> {
  const data = authenticationEntries(config);
  if (Object.keys(data).length === 0) return;
  for (let attempt = 1; ; attempt++) {
    try {
      return await writeEntries(client, data);
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists', 'Conflict') || attempt >= attempts) throw error;
    }
  }
}

async function writeEntries(client: Client, data: Record<string, string>): Promise<void> {
  try {
    const existing = await client.get(ConfigMap, metadata);
    if (equalJson(existing.data, { ...existing.data, ...data })) return;
    await client.update(ConfigMap, { ...existing, data: { ...existing.data, ...data } });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    await client.create(ConfigMap, { metadata, data });
  }
}
