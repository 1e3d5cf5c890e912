import type { ApiObject, DraftObject, ObjectKey, Resource } from '../machinery/resource.ts';
import { keyString } from '../machinery/resource.ts';
import type { Cache } from './controller.ts';
import { Informer } from './informer.ts';
import type { InformerOptions } from './informer.ts';

type AnyInformer = Informer;

/** The informers of a process: one per kind, shared by all who ask, and the cache that they fill. */
export class InformerSet implements Cache {
  readonly #options: Omit<InformerOptions<ApiObject, DraftObject>, 'resource' | 'selection'>;
  readonly #informers = new Map<string, AnyInformer>();
  readonly #running = new Set<Promise<void>>();
  readonly #stops = new Map<AnyInformer, AbortController>();
  #signal: AbortSignal | undefined;

  constructor(options: Omit<InformerOptions<ApiObject, DraftObject>, 'resource' | 'selection'>) {
    this.#options = options;
  }

  /** The informer of a kind, made (and started, when the set runs) at the first call. */
  informer<T, D>(resource: Resource<T, D>): Informer<T & ApiObject, D> {
    const id = idOf(resource);
    let informer = this.#informers.get(id);
    if (!informer) {
      informer = new Informer<ApiObject>({ ...this.#options, resource: resource as unknown as Resource });
      this.#informers.set(id, informer);
      if (this.#signal) this.#start(informer, this.#signal);
    }
    return informer as unknown as Informer<T & ApiObject, D>;
  }

  /** The informer of a kind if somebody asked for it. */
  existing<T, D>(resource: Resource<T, D>): Informer<T & ApiObject, D> | undefined {
    return this.#informers.has(idOf(resource)) ? this.informer(resource) : undefined;
  }

  /** Ends the informer of a kind that is no more. A later one of the same name, which others may have by now, stays. */
  forget(informer: AnyInformer): void {
    for (const [id, known] of this.#informers) if (known === informer) this.#informers.delete(id);
    this.#stops.get(informer)?.abort();
    this.#stops.delete(informer);
  }

  /** Runs all informers, also those made later, until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    for (const informer of this.#informers.values()) this.#start(informer, signal);
    await new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.all(this.#running);
  }

  get<T, D>(resource: Resource<T, D>, key: ObjectKey): T | undefined {
    return this.#required(resource).cache.get(keyString(key));
  }

  list<T, D>(resource: Resource<T, D>, options: { readonly namespace?: string | undefined } = {}): readonly T[] {
    return this.#required(resource).cache.list(options.namespace);
  }

  byIndex<T, D>(resource: Resource<T, D>, index: string, value: string): readonly T[] {
    return this.#required(resource).cache.byIndex(index, value);
  }

  #required<T, D>(resource: Resource<T, D>): Informer<T & ApiObject, D> {
    const informer = this.existing(resource);
    if (!informer) throw new Error(`${resource.qualified} is read from the cache but not watched`);
    return informer;
  }

  #start(informer: AnyInformer, signal: AbortSignal): void {
    const stop = new AbortController();
    this.#stops.set(informer, stop);
    const run = informer.run(AbortSignal.any([signal, stop.signal])).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }
}

function idOf<T, D>(resource: Resource<T, D>): string {
  return `${resource.qualified}/${resource.version}`;
}
