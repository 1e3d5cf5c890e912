import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { definedKind } from '../../api/apiextensions/defined-kind.ts';
import { chargesOf, withCharges } from '../../api/core/quota-charges.ts';
import type { QuotaCharges } from '../../api/core/quota-charges.ts';
import { ResourceQuota } from '../../api/core/resource-quota.ts';
import { hasReason } from '../../base/errors.ts';
import { again, defineController, defineFeed, done, watched } from '../../client/controller.ts';
import type { Cache, Controller, ControllerContext, Outcome, Watched } from '../../client/controller.ts';
import { keyString } from '../../machinery/resource.ts';
import type { ApiObject, DraftObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import { countedStatus, limitedKinds, saysSame } from './quota-count.ts';
import type { CountedObjects } from './quota-count.ts';

/** How long (ms) a difference between a quota and the cached objects may be the caches': they come to agree by themselves. */
const patience = 100;
/** After how long (ms) nobody is under way any more with an object that a quota was charged for: its server is gone. */
const forgotten = 5 * 60_000;

/** Keeps the status of quotas true: what is deleted or ends becomes free again. `kinds`: what may be counted, besides custom kinds. */
export function resourceQuotaController(kinds: readonly Resource[]): Controller {
  const countable = new Set(kinds.filter(({ namespaced }) => namespaced));
  const watch = (resource: Resource): Watched<ApiObject, DraftObject> =>
    watched<ApiObject, DraftObject>(resource, (object, { cache }) => quotasFor(object, resource, cache));
  const counter = new QuotaCounter(countable);
  return defineController({
    name: 'resourcequota-controller',
    for: ResourceQuota,
    rbac: {
      'resourcequotas/status': ['update'],
      '*.*': ['list', 'watch'],
      events: ['create', 'patch', 'update'],
    },
    watches: [...countable].map(watch),
    feed: defineFeed({
      from: CustomResourceDefinition,
      kindOf: (definition) => {
        const kind = definedKind(definition);
        return kind?.namespaced ? kind : undefined;
      },
      come(resource) {
        countable.add(resource);
        return { watched: watch(resource), indexes: [] };
      },
      gone: (resource) => void countable.delete(resource),
    }),
    resync: 5 * 60_000,
    reconcile: (key, context) => counter.reconcile(key, context),
  });
}

/** The quotas of an object's namespace that limit something of its kind. */
function quotasFor({ metadata: { namespace } }: ApiObject, resource: Resource, cache: Cache): readonly ObjectKey[] {
  const quotas = cache.list(ResourceQuota, { namespace });
  return quotas
    .filter((quota) => limitedKinds(quota, [resource]).length > 0)
    .map(({ metadata }) => ({ namespace, name: metadata.name }));
}

/** What is remembered of a quota. */
interface Memory {
  /** Since when (monotonic ms) it differs from the cached objects. */
  differing: number | undefined;
  /** Since when each charge is there. */
  charged: ReadonlyMap<string, number>;
}

class QuotaCounter {
  readonly #countable: ReadonlySet<Resource>;
  readonly #memories = new Map<string, Memory>();

  constructor(countable: ReadonlySet<Resource>) {
    this.#countable = countable;
  }

  async reconcile(key: ObjectKey, context: ControllerContext): Promise<Outcome> {
    const { cache, clock } = context;
    const quota = cache.get(ResourceQuota, key);
    if (!quota || quota.metadata.deletionTimestamp !== undefined) {
      this.#memories.delete(keyString(key));
      return done;
    }
    const memory = this.#memoryOf(quota, key, clock.monotonic());
    const kinds = limitedKinds(quota, this.#countable);
    const { namespace } = key;
    const cached = kinds.map((resource) => ({ resource, objects: cache.list(resource, { namespace }) }));
    const charges = this.#liveCharges(chargesOf(quota), memory, clock.monotonic());
    const hasDead = Object.keys(charges).length < memory.charged.size;
    if (!hasDead && saysSame(quota, countedStatus(quota, cached, { charges, now: clock.now() }))) {
      memory.differing = undefined;
      return untilForgotten(memory, clock.monotonic());
    }
    memory.differing ??= clock.monotonic();
    const left = memory.differing + patience - clock.monotonic();
    if (quota.status.used !== undefined && !hasDead && left > 0) return again(left);
    memory.differing = undefined;
    return this.#recount(key, kinds, { memory, context });
  }

  /**
   * Counts anew and writes it, if the quota is still as it was when the count began. The objects are read after the quota:
   * whatever it was charged for and nobody is under way with any more is among them, or gone.
   */
  async #recount(
    key: ObjectKey,
    kinds: readonly Resource[],
    { memory, context }: { readonly memory: Memory; readonly context: ControllerContext },
  ): Promise<Outcome> {
    const { client, clock, signal } = context;
    const quota = await readQuota(key, context);
    if (!quota) return done;
    const charges = this.#liveCharges(chargesOf(quota), memory, clock.monotonic());
    const counted = await Promise.all(kinds.map((resource) => listed(resource, key, context)));
    const status = countedStatus(quota, counted, { charges, now: clock.now() });
    const hasDead = Object.keys(charges).length < Object.keys(chargesOf(quota)).length;
    if (hasDead || !saysSame(quota, status)) {
      const next = withCharges(quota, charges, status.used);
      await client.update(ResourceQuota, { ...next, status }, { subresource: 'status', signal });
    }
    return untilForgotten(memory, clock.monotonic());
  }

  #memoryOf(quota: ResourceQuota, key: ObjectKey, now: number): Memory {
    const name = keyString(key);
    const memory = this.#memories.get(name) ?? { differing: undefined, charged: new Map() };
    const before = memory.charged;
    memory.charged = new Map(Object.keys(chargesOf(quota)).map((id) => [id, before.get(id) ?? now]));
    this.#memories.set(name, memory);
    return memory;
  }

  #liveCharges(charges: QuotaCharges, { charged }: Memory, now: number): QuotaCharges {
    return Object.fromEntries(Object.entries(charges).filter(([id]) => now - (charged.get(id) ?? now) < forgotten));
  }
}

function untilForgotten({ charged }: Memory, now: number): Outcome {
  if (charged.size === 0) return done;
  return again(Math.max(patience, Math.min(...charged.values()) + forgotten - now));
}

/** By a list: controllers of upstream have no right to get quotas, so their bootstrap role has none. */
async function readQuota(
  { namespace, name }: ObjectKey,
  { client, signal }: ControllerContext,
): Promise<ResourceQuota | undefined> {
  const { items } = await client.list(ResourceQuota, { namespace, fieldSelector: `metadata.name=${name}`, signal });
  return items[0];
}

async function listed(
  resource: Resource,
  { namespace }: ObjectKey,
  { client, signal }: ControllerContext,
): Promise<CountedObjects> {
  try {
    return { resource, objects: (await client.list(resource, { namespace, signal })).items };
  } catch (error) {
    // A kind that is served no more has no objects.
    if (hasReason(error, 'NotFound')) return { resource, objects: [] };
    throw error;
  }
}
