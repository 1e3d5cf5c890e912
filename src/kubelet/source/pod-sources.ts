import type { Pod as PodObject } from '../../api/core/pod.ts';
import { Pod } from '../../api/core/pod.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { Informer } from '../../client/informer.ts';
import { keyOf, keyString } from '../../machinery/resource.ts';
import { isMirrorPod, isStaticPod } from '../pod/pod-facts.ts';
import type { MirrorPods } from './mirror-pods.ts';
import { StaticPods } from './static-pods.ts';

/** Options of `PodSources`. */
export interface PodSourcesOptions {
  readonly nodeName: string;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly staticPodDirectory: string | undefined;
  readonly mirrors: MirrorPods;
  updated(pod: PodObject): void;
  removed(uid: string): void;
  /** The mirror of a static pod was written or is gone. */
  mirrored(staticUid: string): void;
}

/** Where pods come from: the API and a directory. Both must have been read before anything is called an orphan. */
export class PodSources {
  readonly #options: PodSourcesOptions;
  readonly #informer: Informer<PodObject>;
  #statics: ReadonlyMap<string, PodObject> = new Map();
  #staticsRead = false;
  #dirty = Promise.withResolvers<void>();

  constructor(options: PodSourcesOptions) {
    this.#options = options;
    const selection = { fieldSelector: `spec.nodeName=${options.nodeName}` };
    const { client, clock, random, log } = options;
    this.#informer = new Informer({ client, clock, random, log, resource: Pod, selection });
    this.#staticsRead = options.staticPodDirectory === undefined;
  }

  /** Whether every source has been read once. */
  get ready(): boolean {
    return this.#informer.hasSynced && this.#staticsRead;
  }

  /** The API's newest version of a pod; of its mirror for a static pod. */
  current(pod: PodObject): PodObject | undefined {
    const known = this.#informer.cache.get(keyString(keyOf(pod)));
    if (!known) return undefined;
    if (isStaticPod(pod)) return isMirrorPod(known) ? known : undefined;
    return known.metadata.uid === pod.metadata.uid ? known : undefined;
  }

  /** Takes the answer of an own write, ahead of the watch. */
  written(pod: PodObject): void {
    this.#informer.written(pod);
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    using _ = this.#informer.subscribe((change) => {
      if (change.type !== 'added' && change.old.metadata.uid !== change.object.metadata.uid) this.#gone(change.old);
      if (change.type === 'deleted') this.#gone(change.object);
      else this.#seen(change.object);
    });
    await Promise.all([this.#informer.run(signal), this.#readFiles(signal), this.#mirrorForever(signal)]);
  }

  #seen(pod: PodObject): void {
    if (!isMirrorPod(pod)) return this.#options.updated(pod);
    this.#mirrorChanged(pod);
  }

  #gone(pod: PodObject): void {
    if (!isMirrorPod(pod)) return this.#options.removed(pod.metadata.uid);
    this.#mirrorChanged(pod);
  }

  #mirrorChanged(mirror: PodObject): void {
    this.#dirty.resolve();
    const own = [...this.#statics.values()].find((pod) => keyString(keyOf(pod)) === keyString(keyOf(mirror)));
    if (own) this.#options.mirrored(own.metadata.uid);
  }

  async #readFiles(signal: AbortSignal): Promise<void> {
    const { staticPodDirectory: directory, nodeName, clock, log } = this.#options;
    if (directory === undefined) return;
    const changed = (pods: readonly PodObject[]): void => this.#takeStatics(pods);
    await new StaticPods({ directory, nodeName, clock, log, changed }).run(signal);
  }

  #takeStatics(pods: readonly PodObject[]): void {
    const former = this.#statics;
    this.#statics = new Map(pods.map((pod) => [pod.metadata.uid, pod]));
    this.#staticsRead = true;
    for (const uid of former.keys()) if (!this.#statics.has(uid)) this.#options.removed(uid);
    for (const pod of pods) if (!former.has(pod.metadata.uid)) this.#options.updated(pod);
    this.#dirty.resolve();
  }

  async #mirrorForever(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#dirty.resolve(), { once: true });
    await this.#informer.whenSynced(signal).catch(() => undefined);
    while (!signal.aborted) {
      await this.#dirty.promise;
      this.#dirty = Promise.withResolvers();
      if (signal.aborted || !this.ready) continue;
      const mirrors = this.#informer.cache.list().filter(isMirrorPod);
      await this.#options.mirrors.reconcile([...this.#statics.values()], mirrors, signal).catch(() => undefined);
    }
  }
}
