import { ClusterTrustBundle } from '../../api/certificates/cluster-trust-bundle.ts';
import { PodCertificateRequest } from '../../api/certificates/pod-certificate-request.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Secret } from '../../api/core/secret.ts';
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { Informer } from '../../client/informer.ts';
import type { ObjectReader } from '../env/container-environment.ts';

/**
 * Names a config map or secret; of trust bundles there is no telling which, and everybody may see all; of requests for
 * certificates a node sees its own.
 */
export type ObjectReferenceTo =
  | { readonly kind: 'ConfigMap' | 'Secret'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'ClusterTrustBundle' }
  | { readonly kind: 'PodCertificateRequest' };

/** Options of `ReferencedObjects`. */
export interface ReferencedObjectsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly nodeName: string;
  /** Something that this pod shows has changed. */
  readonly changed: (podUid: string) => void;
}

interface Followed {
  readonly informer:
    | Informer<ConfigMap>
    | Informer<Secret>
    | Informer<ClusterTrustBundle>
    | Informer<PodCertificateRequest>;
  readonly stop: AbortController;
  readonly pods: Set<string>;
  readonly done: Promise<void>;
}

/**
 * What pods of this node refer to. Each config map and secret is watched by its name alone, which is all that a node may
 * see, as long as some pod shows it; trust bundles are watched all together, likewise. Without a watch it is read when
 * asked for.
 */
export class ReferencedObjects implements ObjectReader {
  readonly #options: ReferencedObjectsOptions;
  readonly #followed = new Map<string, Followed>();

  constructor(options: ReferencedObjectsOptions) {
    this.#options = options;
  }

  async configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    const informer = this.#synced({ kind: 'ConfigMap', namespace, name });
    if (informer) return informer.cache.get(`${namespace}/${name}`);
    return absentIfNotFound(this.#options.client.get(ConfigMap, { namespace, name }));
  }

  async secret(namespace: string, name: string): Promise<Secret | undefined> {
    const informer = this.#synced({ kind: 'Secret', namespace, name });
    if (informer) return informer.cache.get(`${namespace}/${name}`) as Secret | undefined;
    return absentIfNotFound(this.#options.client.get(Secret, { namespace, name }));
  }

  /** All trust bundles of the cluster. */
  async trustBundles(): Promise<readonly ClusterTrustBundle[]> {
    const informer = this.#synced({ kind: 'ClusterTrustBundle' });
    if (informer) return informer.cache.list() as readonly ClusterTrustBundle[];
    return (await this.#options.client.list(ClusterTrustBundle)).items;
  }

  /** A request for a certificate of a pod of this node. */
  async podCertificateRequest(namespace: string, name: string): Promise<PodCertificateRequest | undefined> {
    const informer = this.#synced({ kind: 'PodCertificateRequest' });
    if (informer) return informer.cache.get(`${namespace}/${name}`) as PodCertificateRequest | undefined;
    return absentIfNotFound(this.#options.client.get(PodCertificateRequest, { namespace, name }));
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

  #synced(reference: ObjectReferenceTo): Followed['informer'] | undefined {
    const followed = this.#followed.get(keyOf(reference));
    return followed?.informer.hasSynced ? followed.informer : undefined;
  }

  #start(reference: ObjectReferenceTo): Followed {
    const { changed } = this.#options;
    const informer = this.#informerOf(reference);
    const pods = new Set<string>();
    informer.subscribe(({ object }) => {
      // A request concerns the pod that it is for.
      const only = 'spec' in object && 'podUID' in object.spec ? object.spec.podUID : undefined;
      for (const pod of pods) if (only === undefined || only === pod) changed(pod);
    });
    const stop = new AbortController();
    return { informer, stop, pods, done: informer.run(stop.signal) };
  }

  #informerOf(reference: ObjectReferenceTo): Followed['informer'] {
    const { client, clock, random, log, nodeName } = this.#options;
    const shared = { client, clock, random, log };
    if (reference.kind === 'PodCertificateRequest') {
      const selection = { fieldSelector: `spec.nodeName=${nodeName}` };
      return new Informer({ ...shared, selection, resource: PodCertificateRequest });
    }
    if (reference.kind === 'ClusterTrustBundle') return new Informer({ ...shared, resource: ClusterTrustBundle });
    const { kind, namespace, name } = reference;
    const selection = { namespace, fieldSelector: `metadata.name=${name}` };
    return kind === 'ConfigMap'
      ? new Informer({ ...shared, selection, resource: ConfigMap })
      : new Informer({ ...shared, selection, resource: Secret });
  }
}

function keyOf(reference: ObjectReferenceTo): string {
  if (!('name' in reference)) return reference.kind;
  return `${reference.kind}/${reference.namespace}/${reference.name}`;
}

async function absentIfNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}
