import type { Clock } from '../base/clock.ts';
import { timestamp } from '../base/clock.ts';
import type { ApiObject, Resource } from '../machinery/resource.ts';
import { keyString } from '../machinery/resource.ts';
import type { Client, WriteOptions } from './client.ts';
import type { InformerSet } from './informer-set.ts';

/**
 * A client whose writes show in the informers' cache when they return, so that the next reconcile can't repeat them
 * on stale knowledge. This takes the place of upstream's per-controller expectations.
 */
export function writeThroughClient(client: Client, informers: InformerSet, clock: Clock): Client {
  const note = <T, D>(resource: Resource<T, D>, object: T, options: WriteOptions | undefined): T => {
    if (options?.dryRun !== true && isOfKind(object, resource.kind)) informers.existing(resource)?.written(object);
    return object;
  };
  return {
    get: (resource, key, options) => client.get(resource, key, options),
    list: (resource, options) => client.list(resource, options),
    watch: (resource, options) => client.watch(resource, options),
    create: async (resource, object, options) =>
      note(resource, await client.create(resource, object, options), options),
    update: async (resource, object, options) =>
      note(resource, await client.update(resource, object, options), options),
    patch: async (resource, key, patch, options) =>
      note(resource, await client.patch(resource, key, patch, options), options),
    async delete(resource, key, options) {
      const informer = informers.existing(resource);
      const uid = informer?.cache.get(keyString(key))?.metadata.uid;
      await client.delete(resource, key, options);
      if (uid !== undefined) informer?.deleted(keyString(key), { uid, timestamp: timestamp(clock.now()) });
    },
    deleteCollection: (resource, options) => client.deleteCollection(resource, options),
    createSubresource: (resource, key, body, options) => client.createSubresource(resource, key, body, options),
  };
}

/** A subresource such as `scale` answers with another kind, which is not the cache's. */
function isOfKind<T>(object: T, kind: string): object is T & ApiObject {
  return typeof object === 'object' && object !== null && 'kind' in object && object.kind === kind;
}
