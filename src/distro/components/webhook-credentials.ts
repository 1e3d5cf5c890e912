import { dirname, resolve } from 'node:path';
import type { AdmissionSettings, WebhookPlugin } from '../../apiserver/admission/admission-parts.ts';
import type { PluginConfigurations } from '../../apiserver/admission/plugin-configurations.ts';
import type { WebhookCredentials } from '../../apiserver/webhooks/webhook-client.ts';
import { messageOf } from '../../base/errors.ts';
import type { ClientCredentials } from '../../client/connection.ts';
import { credentialsOf, readKubeconfig } from '../../client/kubeconfig.ts';
import { UsageError } from '../config/cluster-config.ts';

const plugins: readonly WebhookPlugin[] = ['MutatingAdmissionWebhook', 'ValidatingAdmissionWebhook'];

/** Reads the files that say what webhooks are shown. Throws UsageError. */
export async function readWebhookCredentials(
  configurations: PluginConfigurations,
): Promise<AdmissionSettings['webhookCredentials']> {
  const read: Partial<Record<WebhookPlugin, WebhookCredentials>> = {};
  for (const plugin of plugins) {
    const path = configurations[plugin]?.kubeConfigFile;
    if (path !== undefined && path !== '') read[plugin] = await credentialsFrom(path, plugin);
  }
  return read;
}

async function credentialsFrom(path: string, plugin: WebhookPlugin): Promise<WebhookCredentials> {
  try {
    const { users = [], contexts = [], 'current-context': current } = await readKubeconfig(path);
    const folder = dirname(resolve(path));
    const known = new Map<string, ClientCredentials>();
    for (const { name, user } of users) known.set(name, await credentialsOf(user, folder));
    const usual = contexts.find(({ name }) => name === current)?.context.user ?? '';
    return (place) => credentialsAt(place, known) ?? known.get('*') ?? known.get(usual);
  } catch (error) {
    throw new UsageError(`couldn't init admission plugin ${JSON.stringify(plugin)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Users are named after the places where they are shown: `host:port`, `*.domain:port`; without the port for 443. Source:
 * apiserver's util/webhook, AuthenticationInfoResolver.
 */
function credentialsAt(place: string, known: ReadonlyMap<string, ClientCredentials>): ClientCredentials | undefined {
  const places = place.endsWith(':443') ? [place, place.slice(0, -':443'.length)] : [place];
  return places
    .flatMap((name) => {
      const steps = name.split('.');
      return [name, ...steps.slice(1).map((_, index) => `*.${steps.slice(index + 1).join('.')}`)];
    })
    .map((name) => known.get(name))
    .find((found) => found !== undefined);
}
