import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import type { Logger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';
import type { ApiObject, DraftObject, Resource } from '../../machinery/resource.ts';
import { keyString } from '../../machinery/resource.ts';

/** One object of an add-on, with its kind. */
export interface AddonObject {
  readonly resource: Resource;
  readonly object: DraftObject;
}

/** An object of `resource`, checked by the compiler. */
export function addon<T extends ApiObject, D extends DraftObject>(resource: Resource<T, D>, object: D): AddonObject {
  return { resource, object };
}

/** What applying needs. */
export interface ApplyContext {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const retryMs = 1_000;

/**
 * Creates an add-on's objects, or merges what they should say into those that are there; what a user added to them
 * stays. Goes on trying until it has worked or is aborted.
 */
export async function applyAddons(
  client: Client,
  objects: readonly AddonObject[],
  context: ApplyContext,
): Promise<void> {
  const { clock, log, signal } = context;
  for (const addon of objects) {
    while (!signal.aborted) {
      try {
        await applyOne(client, addon, signal);
        break;
      } catch (error) {
        if (signal.aborted) return;
        log.error('An object of an add-on could not be applied; trying again', {
          kind: addon.resource.kind,
          name: addon.object.metadata.name,
          err: error,
        });
        await clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
  }
}

async function applyOne(client: Client, { resource, object }: AddonObject, signal: AbortSignal): Promise<void> {
  const { name = '', namespace } = object.metadata;
  const key = { name, namespace };
  try {
    const body = JSON.parse(JSON.stringify(object)) as Json;
    await client.patch(resource, key, { type: 'merge', body }, { signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw new Error(`${resource.kind} ${keyString(key)}`, { cause: error });
    await client.create(resource, object, { signal });
  }
}
