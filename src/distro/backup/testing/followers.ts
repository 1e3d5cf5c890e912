/** Two kinds of clients that keep a copy of ConfigMaps. */
import * as k8s from '@kubernetes/client-node';
import { ConfigMap } from '../../../api/core/config-map.ts';
import { silentLogger } from '../../../base/logger.ts';
import { systemClock } from '../../../base/system-clock.ts';
import { systemRandom } from '../../../base/system-random.ts';
import type { Client } from '../../../client/client.ts';
import { Informer } from '../../../client/informer.ts';

/** A copy of the ConfigMaps of one namespace that follows the server. */
export interface Follower extends AsyncDisposable {
  /** What each has under `n`, by name. */
  state(): Readonly<Record<string, string | undefined>>;
  versions(): readonly number[];
}

/** The project's own informer. */
export async function ownInformer(client: Client, namespace: string): Promise<Follower> {
  const stop = new AbortController();
  const tools = { clock: systemClock, random: systemRandom, log: silentLogger };
  const informer = new Informer({ client, resource: ConfigMap, selection: { namespace }, ...tools });
  const running = informer.run(stop.signal);
  await informer.whenSynced(stop.signal);
  return {
    state: () => Object.fromEntries(informer.cache.list().map(({ metadata, data }) => [metadata.name, data?.['n']])),
    versions: () => informer.cache.list().map(({ metadata }) => Number(metadata.resourceVersion)),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('done'));
      await running;
    },
  };
}

/** The informer of the Kubernetes project's client, which is begun again where it gives up, as its users do. */
export async function upstreamInformer(kubeconfig: string, namespace: string): Promise<Follower> {
  const config = new k8s.KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(k8s.CoreV1Api);
  const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
    core.listNamespacedConfigMap({ namespace }),
  );
  let stopped = false;
  const begin = (): void => {
    if (stopped) return;
    informer.start().catch(() => systemClock.after(100, begin));
  };
  informer.on('error', () => systemClock.after(100, begin));
  await informer.start();
  return {
    state: () => Object.fromEntries(informer.list().map(({ metadata, data }) => [metadata?.name, data?.['n']])),
    versions: () => informer.list().map(({ metadata }) => Number(metadata?.resourceVersion)),
    async [Symbol.asyncDispose]() {
      stopped = true;
      await informer.stop();
    },
  };
}
