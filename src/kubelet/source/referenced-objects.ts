import { ConfigMap } from '../../api/core/config-map.ts';
import { Secret } from '../../api/core/secret.ts';
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { Informer } from '../../client/informer.ts';
import type { ObjectReader } from '../env/container-environment.ts';

/** Names a config map or secret. */
export interface ObjectReferenceTo {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly namespace: string;
  readonly name: string;
}

/** Options of `ReferencedObjects`. */
export interface ReferencedObjectsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** A config map or secret that this pod shows has changed. */
  readonly changed: (podUid: string) => void;
}

interface Followed {
  readonly informer: Informer<ConfigMap> | Informer<Secret>;
  readonly stop: AbortController;
  readonly pods: Set<string>;
  readonly done: Promise<void>;
}

/**
 * The config maps and secrets that pods of this node refer to. Each is watched by its name alone, which is all that a
 * node may see, as long as some pod shows it; without a watch it is read when asked for.
 */
export class ReferencedObjects implements ObjectReader {
  readonly #options: ReferencedObjectsOptions;
  readonly #followed = new Map<string, Followed>();

  constructor(options: ReferencedObjectsOptions) {
    this.#options = options;
  }

  async configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    const informer = this.#synced('ConfigMap', namespace, name);
    if (informer) return informer.cache.get(`${namespace}/${name}`);
    return absentIfNotFound(this.#options.client.get(ConfigMap, { namespace, name }));
  }

  async secret(namespace: string, name: string): Promise<Secret | undefined> {
    const informer = this.#synced('Secret', namespace, name);
    if (informer) return informer.cache.get(`${namespace}/${name}`) as Secret | undefined;
    return absentIfNotFound(this.#options.client.get(Secret, { namespace, name }));
  }

  /** From now on the pod shows exactly these. */
  follow(podUid: string, references: readonly ObjectReferenceTo[]): void {
    const wanted = new Set(references.map(keyOf));
    for (const reference of references) {
      const key = keyOf(reference);
      const followed = this.#followed.get(key) ?? this.#start(reference);
      this.#followed.set(key, followed);
      followed.pods.add(podUid);
    }
    for (const [key, followed] of this.#followed) {
      if (wanted.has(key) || !followed.pods.delete(podUid) || followed.pods.size > 0) continue;
      followed.stop.abort(new Error('no pod refers to it any more'));
      this.#followed.delete(key);
    }
  }

  /** Ends all watches. */
  async stop(): Promise<void> {
    const all = [...this.#followed.values()];
    this.#followed.clear();
    for (const { stop } of all) stop.abort(new Error('the kubelet is stopping'));
    await Promise.all(all.map(({ done }) => done));
  }

  #synced(kind: 'ConfigMap' | 'Secret', namespace: string, name: string): Followed['informer'] | undefined {
    const followed = this.#followed.get(keyOf({ kind, namespace, name }));
    return followed?.informer.hasSynced ? followed.informer : undefined;
  }

  #start({ kind, namespace, name }: ObjectReferenceTo): Followed {
    const { client, clock, random, log, changed } = this.#options;
    const selection = { namespace, fieldSelector: `metadata.name=${name}` };
    const shared = { client, selection, clock, random, log };
    const informer =
      kind === 'ConfigMap'
        ? new Informer({ ...shared, resource: ConfigMap })
        : new Informer({ ...shared, resource: Secret });
    const pods = new Set<string>();
    informer.subscribe(() => {
      for (const pod of pods) changed(pod);
    });
    const stop = new AbortController();
    return { informer, stop, pods, done: informer.run(stop.signal) };
  }
}

function keyOf({ kind, namespace, name }: ObjectReferenceTo): string {
  return `${kind}/${namespace}/${name}`;
}

async function absentIfNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}
