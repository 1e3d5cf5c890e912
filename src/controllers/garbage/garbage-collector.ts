import { hasReason } from '../../base/errors.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { definedKind } from '../../api/apiextensions/defined-kind.ts';
import { defineController, defineFeed, defineIndex, done, watched } from '../../client/controller.ts';
import type { Cache, Controller, ControllerContext, Index, Outcome, Watched } from '../../client/controller.ts';
import type { OwnerReference } from '../../machinery/meta.ts';
import { keyOf } from '../../machinery/resource.ts';
import type { ApiObject, DraftObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { KindIndex, blocks, foregroundFinalizer, judge, orphanFinalizer, waitsWith } from './gc-plan.ts';
import type { OwnerState } from './gc-plan.ts';

const ownersOf = ({ metadata }: ApiObject): readonly string[] => (metadata.ownerReferences ?? []).map(({ uid }) => uid);
const index = 'owner';

/**
 * Deletes objects whose owners are gone, and works off the finalizers of owners that are deleted in the foreground or
 * let their dependents go. One queue for all kinds: keys carry the kind in front of the name.
 */
export function garbageCollector(resources: readonly Resource[]): Controller {
  const kinds = new KindIndex(resources);
  const collector = new Collector(kinds);
  const watch = (resource: Resource): Watched<ApiObject, DraftObject> =>
    watched<ApiObject, DraftObject>(resource, (object, { cache, old }) => {
      // Leases and statuses change all the time; only what the collector looks at counts.
      if (old && isUnchanged(object, old) && cache.get(resource, keyOf(object))) return [];
      const own = concerns(object) ? [kinds.pack(resource, keyOf(object))] : [];
      return [...own, ...collector.affected(object, cache)];
    });
  const byOwner = (resource: Resource): Index => defineIndex<ApiObject, DraftObject>(resource, index, ownersOf);
  return defineController({
    name: 'generic-garbage-collector',
    for: Namespace,
    rbac: { '*.*': ['delete', 'get', 'list', 'patch', 'update', 'watch'], events: ['create', 'patch', 'update'] },
    workers: 20,
    watches: resources.map(watch),
    indexes: resources.map(byOwner),
    feed: defineFeed({
      from: CustomResourceDefinition,
      kindOf: definedKind,
      come(resource) {
        kinds.add(resource);
        return { watched: watch(resource), indexes: [byOwner(resource)] };
      },
      gone: (resource) => kinds.remove(resource),
    }),
    async reconcile(key, context) {
      const target = kinds.unpack(key);
      const object = target && context.cache.get(target.resource, target.key);
      return object ? collector.collect(target.resource, object, context) : done;
    },
  });
}

function isUnchanged({ metadata: a }: ApiObject, { metadata: b }: ApiObject): boolean {
  return (
    a !== b &&
    a.uid === b.uid &&
    a.deletionTimestamp === b.deletionTimestamp &&
    equalJson(a.ownerReferences, b.ownerReferences) &&
    equalJson(a.finalizers, b.finalizers)
  );
}

function concerns(object: ApiObject): boolean {
  return ownersOf(object).length > 0 || waitsWith(object, foregroundFinalizer) || waitsWith(object, orphanFinalizer);
}

class Collector {
  readonly #kinds: KindIndex;

  constructor(kinds: KindIndex) {
    this.#kinds = kinds;
  }

  /** Who must be looked at when `object` changed or went: its dependents, and owners that wait for it to go. */
  affected(object: ApiObject, cache: Cache): readonly ObjectKey[] {
    const owners = (object.metadata.ownerReferences ?? []).flatMap((reference) => {
      const found = this.#cachedOwner(object, reference, cache);
      return found && waitsWith(found.owner, foregroundFinalizer)
        ? [this.#kinds.pack(found.resource, keyOf(found.owner))]
        : [];
    });
    const gone = !cacheHas(cache, this.#resourceOf(object), object) || object.metadata.deletionTimestamp !== undefined;
    return gone
      ? [
          ...owners,
          ...this.#dependents(object.metadata.uid, cache).map(({ resource, object: d }) =>
            this.#kinds.pack(resource, keyOf(d)),
          ),
        ]
      : owners;
  }

  async collect(resource: Resource, object: ApiObject, context: ControllerContext): Promise<Outcome> {
    if (waitsWith(object, orphanFinalizer)) return this.#orphan(resource, object, context);
    if (waitsWith(object, foregroundFinalizer)) return this.#finishForeground(resource, object, context);
    if (object.metadata.deletionTimestamp !== undefined) return done;
    const owners = [];
    for (const reference of object.metadata.ownerReferences ?? []) {
      owners.push({ reference, state: await this.#stateOf(object, reference, context) });
    }
    const dependents = this.#dependents(object.metadata.uid, context.cache);
    const verdict = judge(object, owners, dependents.length > 0);
    if (verdict.action === 'dropReferences') await dropReferences(resource, object, { uids: verdict.uids, context });
    if (verdict.action === 'delete') {
      const closesCircle = dependents.some((dependent) => waitsWith(dependent.object, foregroundFinalizer));
      if (verdict.propagation === 'Foreground' && closesCircle && blocksAny(object)) {
        await stopBlocking(resource, object, context);
        return done;
      }
      const { uid, resourceVersion } = object.metadata;
      context.log.v(2).info('Deleting item', {
        item: `${resource.qualified} ${object.metadata.namespace ?? ''}/${object.metadata.name}`,
        propagationPolicy: verdict.propagation,
      });
      const options = {
        preconditions: { uid, resourceVersion },
        propagation: verdict.propagation,
        signal: context.signal,
      };
      await context.client.delete(resource, keyOf(object), options).catch(ignoreMissing);
    }
    return done;
  }

  /** Lets all dependents go, then takes the finalizer away. */
  async #orphan(resource: Resource, object: ApiObject, context: ControllerContext): Promise<Outcome> {
    for (const dependent of this.#dependents(object.metadata.uid, context.cache)) {
      await dropReferences(dependent.resource, dependent.object, { uids: [object.metadata.uid], context });
    }
    await removeFinalizer(resource, object, { finalizer: orphanFinalizer, context });
    return done;
  }

  /** Deletes what blocks, and takes the finalizer away when nothing does any more. */
  async #finishForeground(resource: Resource, object: ApiObject, context: ControllerContext): Promise<Outcome> {
    const dependents = this.#dependents(object.metadata.uid, context.cache);
    // Each is judged on its own: it may have other owners.
    for (const dependent of dependents) {
      if (dependent.object.metadata.deletionTimestamp === undefined)
        await this.collect(dependent.resource, dependent.object, context);
    }
    const left = this.#dependents(object.metadata.uid, context.cache);
    if (left.some((dependent) => blocks(dependent.object, object.metadata.uid))) return done;
    await removeFinalizer(resource, object, { finalizer: foregroundFinalizer, context });
    return done;
  }

  async #stateOf(object: ApiObject, reference: OwnerReference, context: ControllerContext): Promise<OwnerState> {
    const { cache, client, signal } = context;
    const resource = this.#kinds.of(reference);
    // A kind that is not known can't be said to be gone.
    if (!resource) return 'present';
    if (resource.namespaced && object.metadata.namespace === undefined) {
      this.#reportInvalid(object, reference, context);
      return 'present';
    }
    const cached = this.#cachedOwner(object, reference, cache)?.owner;
    // Not in the cache is not gone: the dependent may be known before its owner. The server knows.
    const owner =
      cached ?? (await client.get(resource, ownerKey(object, reference, resource), { signal }).catch(ignoreMissing));
    if (!owner || owner.metadata.uid !== reference.uid) return 'absent';
    return waitsWith(owner, foregroundFinalizer) ? 'deletingForeground' : 'present';
  }

  #reportInvalid(object: ApiObject, reference: OwnerReference, { events }: ControllerContext): void {
    const message = `ownerRef [${reference.apiVersion}/${reference.kind}, namespace: , name: ${reference.name}, uid: ${reference.uid}] does not exist in namespace "${object.metadata.namespace ?? ''}"`;
    events.record(object, { type: 'Warning', reason: 'OwnerRefInvalidNamespace', message });
  }

  #cachedOwner(
    object: ApiObject,
    reference: OwnerReference,
    cache: Cache,
  ): { resource: Resource; owner: ApiObject } | undefined {
    const resource = this.#kinds.of(reference);
    const owner = resource && cache.get(resource, ownerKey(object, reference, resource));
    return owner && owner.metadata.uid === reference.uid ? { resource, owner } : undefined;
  }

  #dependents(uid: string, cache: Cache): readonly { readonly resource: Resource; readonly object: ApiObject }[] {
    return this.#kinds
      .all()
      .flatMap((resource) => cache.byIndex(resource, index, uid).map((object) => ({ resource, object })));
  }

  #resourceOf({ apiVersion, kind }: ApiObject): Resource | undefined {
    return this.#kinds.of({ apiVersion, kind, name: '', uid: '' });
  }
}

function cacheHas(cache: Cache, resource: Resource | undefined, object: ApiObject): boolean {
  return resource !== undefined && cache.get(resource, keyOf(object))?.metadata.uid === object.metadata.uid;
}

function ownerKey(object: ApiObject, { name }: OwnerReference, resource: Resource): ObjectKey {
  return resource.namespaced ? { namespace: object.metadata.namespace, name } : { name };
}

async function dropReferences(
  resource: Resource,
  object: ApiObject,
  { uids, context }: { readonly uids: readonly string[]; readonly context: ControllerContext },
): Promise<void> {
  const { uid, resourceVersion } = object.metadata;
  const ownerReferences = (object.metadata.ownerReferences ?? [])
    .filter((reference) => !uids.includes(reference.uid))
    .map((r) => ({ ...r }));
  // The version makes the server refuse when somebody changed the list meanwhile.
  const body = {
    metadata: { uid, resourceVersion, ownerReferences: ownerReferences.length > 0 ? ownerReferences : null },
  };
  await context.client
    .patch(resource, keyOf(object), { type: 'merge', body }, { signal: context.signal })
    .catch(ignoreMissing);
}

function blocksAny({ metadata }: ApiObject): boolean {
  return (metadata.ownerReferences ?? []).some(({ blockOwnerDeletion }) => blockOwnerDeletion);
}

/** In a circle each would wait for the next to go first; the change of the object brings it back here. */
async function stopBlocking(resource: Resource, object: ApiObject, context: ControllerContext): Promise<void> {
  const { uid, resourceVersion, ownerReferences = [] } = object.metadata;
  const unblocked = ownerReferences.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
  const body = { metadata: { uid, resourceVersion, ownerReferences: unblocked } };
  await context.client
    .patch(resource, keyOf(object), { type: 'merge', body }, { signal: context.signal })
    .catch(ignoreMissing);
}

async function removeFinalizer(
  resource: Resource,
  object: ApiObject,
  { finalizer, context }: { readonly finalizer: string; readonly context: ControllerContext },
): Promise<void> {
  const { uid, resourceVersion, finalizers = [] } = object.metadata;
  const body = { metadata: { uid, resourceVersion, finalizers: finalizers.filter((name) => name !== finalizer) } };
  await context.client
    .patch(resource, keyOf(object), { type: 'merge', body }, { signal: context.signal })
    .catch(ignoreMissing);
}

function ignoreMissing(error: unknown): undefined {
  if (!hasReason(error, 'NotFound')) throw error;
  return undefined;
}
