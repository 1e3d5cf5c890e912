/** Serves what custom resource definitions define: follows them, gives them their names, and clears up behind them. */
import { CustomResourceDefinition, cleanupFinalizer } from '../../api/apiextensions/custom-resource-definition.ts';
import type { DefinitionStatus } from '../../api/apiextensions/custom-resource-definition.ts';
import { isEstablished, setCondition } from '../../api/apiextensions/definition-conditions.ts';
import { hasReason, messageOf } from '../../base/errors.ts';
import { timestamp } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { WatchSink } from '../cache/watcher-index.ts';
import type { HandlerContext } from '../resources/handler-context.ts';
import type { ServedResources } from '../served-resources.ts';
import type { Conversion } from './conversion.ts';
import { customResources } from './custom-resource.ts';
import { statusWithNames } from './definition-names.ts';

/** What serving custom resources takes. */
export interface CustomResourceServing {
  readonly context: HandlerContext;
  readonly resources: ServedResources;
  /** Nothing is forbidden to it. */
  readonly client: Client;
  readonly signal: AbortSignal;
  /** Makes the conversion of a definition whose strategy is Webhook. */
  conversion?(definition: CustomResourceDefinition): Conversion | undefined;
}

/** Begins to serve; resolves when what is established already is served. Ends with `signal`; then await `stopped`. */
export async function serveCustomResources(
  options: CustomResourceServing,
): Promise<{ readonly stopped: () => Promise<void> }> {
  const server = new CustomResourceServer(options);
  await server.start();
  return { stopped: () => server.stopped() };
}

/** How long a kind that was replaced stays for the requests that are under way. */
const retirement = 30_000;
/** How soon what failed is tried again. */
const retryAfter = 1000;

interface Served {
  readonly spec: CustomResourceDefinition['spec'];
  readonly names: DefinitionStatus['acceptedNames'];
  readonly resources: readonly Resource[];
}

const everything = { namespace: undefined, name: undefined, indexed: undefined, matches: undefined, text: '' };

class CustomResourceServer {
  readonly #options: CustomResourceServing;
  readonly #served = new Map<string, Served>();
  /** What is still to be done, by name of the definition. */
  readonly #work = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #timers = new Set<Disposable>();

  constructor(options: CustomResourceServing) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { context, resources, signal } = this.#options;
    const cache = context.caches.of(CustomResourceDefinition);
    const sink: WatchSink = {
      event: ({ object }) => this.#enqueueGroup(object.object as CustomResourceDefinition),
      bookmark: () => {},
      // Changes were missed: everything is looked at anew.
      end: () => {
        const names = this.#definitions().map(({ metadata }) => metadata.name);
        for (const name of new Set([...names, ...this.#served.keys()])) this.#enqueue(name);
      },
    };
    const watcher = cache.watchers.add(everything, sink);
    signal.addEventListener('abort', () => watcher[Symbol.dispose](), { once: true });
    resources.onMiss(() => this.#catchUp());
    for (const { key } of cache.select(everything)) this.#enqueue(key);
    await Promise.all(this.#work.values());
  }

  async stopped(): Promise<void> {
    await Promise.all(this.#work.values());
    for (const timer of this.#timers) timer[Symbol.dispose]();
  }

  /** A kind that is not known here may have been defined by another server just now; undefined: nothing is on its way. */
  #catchUp(): Promise<void> | undefined {
    const behind = this.#options.context.caches.behind();
    if (behind) return behind.then(() => Promise.all(this.#work.values())).then(() => undefined);
    return this.#work.size === 0 ? undefined : Promise.all(this.#work.values()).then(() => undefined);
  }

  /** Others of the group may wait for names that this one had. */
  #enqueueGroup({ metadata, spec }: CustomResourceDefinition): void {
    this.#enqueue(metadata.name);
    for (const other of this.#definitions()) {
      const waits = other.spec.group === spec.group && other.metadata.name !== metadata.name;
      if (waits && !equalJson(other.spec.names, other.status.acceptedNames)) this.#enqueue(other.metadata.name);
    }
  }

  #definitions(): readonly CustomResourceDefinition[] {
    const cache = this.#options.context.caches.of(CustomResourceDefinition);
    return [...cache.select(everything)].map(({ object }) => object.object as CustomResourceDefinition);
  }

  /** One after the other for each definition; what is asked for meanwhile is done once more after. */
  #enqueue(name: string): void {
    if (this.#options.signal.aborted) return;
    if (this.#work.has(name)) {
      this.#again.add(name);
      return;
    }
    this.#work.set(name, this.#reconcileUntilSettled(name));
  }

  async #reconcileUntilSettled(name: string): Promise<void> {
    const { context, signal } = this.#options;
    do {
      this.#again.delete(name);
      try {
        await this.#reconcile(name);
      } catch (error) {
        // Somebody was faster: the change that won comes here as an event.
        if (hasReason(error, 'Conflict', 'NotFound')) continue;
        if (!signal.aborted) {
          context.log.error('Failed to serve a custom resource definition; it will be tried again', { name, error });
          this.#later(retryAfter, () => this.#enqueue(name));
        }
      }
    } while (this.#again.has(name));
    this.#work.delete(name);
  }

  async #reconcile(name: string): Promise<void> {
    const stored = this.#options.context.caches.of(CustomResourceDefinition).get({ name });
    if (!stored) return this.#retire(name);
    const definition = stored.object as CustomResourceDefinition;
    if (definition.metadata.deletionTimestamp) {
      if (isEstablished(definition)) await this.#serve(definition);
      if (definition.metadata.finalizers?.includes(cleanupFinalizer)) await this.#cleanUp(definition);
      return;
    }
    const others = this.#definitions().filter(
      ({ metadata, spec }) => spec.group === definition.spec.group && metadata.name !== name,
    );
    const status = statusWithNames(definition, others, timestamp(this.#options.context.clock.now()));
    const next = { ...definition, status };
    // Served first: whoever sees that it is established finds it.
    if (isEstablished(next)) await this.#serve(next);
    if (!equalJson(status, definition.status)) await this.#writeStatus(next);
  }

  async #serve(definition: CustomResourceDefinition): Promise<void> {
    const { context, resources, conversion } = this.#options;
    const { spec, status, metadata } = definition;
    if (this.#overlaps(definition)) return;
    const known = this.#served.get(metadata.name);
    if (known && equalJson(known.spec, spec) && equalJson(known.names, status.acceptedNames)) return;
    const next = customResources(definition, {
      conversion: conversion?.(definition),
      terminating: () => this.#isTerminating(metadata.name),
    });
    for (const resource of next) await context.caches.add(resource);
    resources.replace(metadata.name, next);
    this.#served.set(metadata.name, { spec, names: status.acceptedNames, resources: next });
    if (known) this.#forget(known.resources);
  }

  /** Whether a built-in kind has the same group and plural, and so the same objects in the store. */
  #overlaps({ spec: { group, names } }: CustomResourceDefinition): boolean {
    const all = this.#options.resources.all();
    return all.some((resource) => !resource.custom && resource.group === group && resource.plural === names.plural);
  }

  #isTerminating(name: string): boolean {
    const stored = this.#options.context.caches.of(CustomResourceDefinition).get({ name });
    return stored?.object.metadata.deletionTimestamp !== undefined;
  }

  #retire(name: string): void {
    const known = this.#served.get(name);
    if (!known) return;
    this.#served.delete(name);
    this.#options.resources.replace(name, []);
    this.#forget(known.resources);
  }

  /** Watches end at once, for what they show has changed; requests under way may end in peace. */
  #forget(retired: readonly Resource[]): void {
    const { context } = this.#options;
    for (const resource of retired) {
      for (const watcher of [...context.caches.of(resource).watchers.all()]) watcher.sink.end();
    }
    this.#later(retirement, () => {
      for (const resource of retired) context.caches.remove(resource);
    });
  }

  /** Unless the server stops before. */
  #later(ms: number, act: () => void): void {
    const timer = this.#options.context.clock.after(ms, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
  }

  async #writeStatus(definition: CustomResourceDefinition): Promise<void> {
    await this.#options.client.update(CustomResourceDefinition, definition, { subresource: 'status' });
  }

  /** Deletes all instances, then lets the definition go. */
  async #cleanUp(definition: CustomResourceDefinition): Promise<void> {
    const served = this.#served.get(definition.metadata.name);
    const begun = await this.#terminating(definition, {
      status: 'True',
      reason: 'InstanceDeletionInProgress',
      message: 'CustomResource deletion is in progress',
    });
    // Of the stored version no webhook need be asked.
    const kinds = served?.resources ?? [];
    const resource = kinds.find(({ apiVersion, custom }) => apiVersion === custom?.storageVersion) ?? kinds[0];
    if (this.#overlaps(definition)) {
      const message = 'instances overlap with built-in resources in storage';
      return this.#letGo(begun, { reason: 'OverlappingBuiltInResource', message });
    }
    if (!isEstablished(definition)) {
      return this.#letGo(begun, { reason: 'NeverEstablished', message: 'resource was never established' });
    }
    if (resource && !(await this.#emptied(begun, resource))) return;
    return this.#letGo(begun, { reason: 'InstanceDeletionCompleted', message: 'removed all instances' });
  }

  /** Whether there are no instances left; if there are, comes back when one goes. */
  async #emptied(definition: CustomResourceDefinition, resource: Resource): Promise<boolean> {
    const { context, client } = this.#options;
    const cache = context.caches.of(resource);
    try {
      await client.deleteCollection(resource, {});
    } catch (error) {
      const message = `could not issue all deletes: ${messageOf(error)}`;
      await this.#terminating(definition, { status: 'True', reason: 'InstanceDeletionFailed', message });
      throw error;
    }
    await context.caches.fresh();
    if (cache.size === 0) return true;
    const { name } = definition.metadata;
    const sink: WatchSink = {
      event: () => {
        if (cache.size > 0) return;
        watcher[Symbol.dispose]();
        this.#enqueue(name);
      },
      bookmark: () => {},
      end: () => {
        watcher[Symbol.dispose]();
        this.#enqueue(name);
      },
    };
    const watcher = cache.watchers.add(everything, sink);
    return false;
  }

  async #terminating(
    definition: CustomResourceDefinition,
    condition: { readonly status: string; readonly reason: string; readonly message: string },
  ): Promise<CustomResourceDefinition> {
    const status = structuredClone(definition.status) as Writable<DefinitionStatus>;
    const lastTransitionTime = timestamp(this.#options.context.clock.now());
    setCondition(status, { type: 'Terminating', ...condition, lastTransitionTime });
    if (equalJson(status, definition.status)) return definition;
    const next = { ...definition, status };
    return this.#options.client.update(CustomResourceDefinition, next, { subresource: 'status' });
  }

  async #letGo(
    definition: CustomResourceDefinition,
    { reason, message }: { readonly reason: string; readonly message: string },
  ): Promise<void> {
    const status = structuredClone(definition.status) as Writable<DefinitionStatus>;
    const lastTransitionTime = timestamp(this.#options.context.clock.now());
    setCondition(status, { type: 'Terminating', status: 'False', reason, message, lastTransitionTime });
    const finalizers = (definition.metadata.finalizers ?? []).filter((finalizer) => finalizer !== cleanupFinalizer);
    await this.#writeStatus({ ...definition, metadata: { ...definition.metadata, finalizers }, status });
  }
}
