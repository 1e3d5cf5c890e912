import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { ApiObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import type { StructNode } from '../../machinery/schema.ts';
import type { Store, StoreWriteOptions } from '../../store/store.ts';
import type { AdmissionChain } from '../admission-chain.ts';
import type { ResourceCaches } from '../cache/resource-caches.ts';
import { StoredObject } from '../cache/stored-object.ts';
import type { RequestAttributes } from '../ports.ts';
import type { StoreHealth } from '../store-health.ts';
import { notFoundError } from './api-errors.ts';
import { isEventKind } from './kind-rules.ts';
import type { WriteTurns } from './write-turns.ts';

/** What the resource handlers work with. */
export interface HandlerContext {
  readonly store: Store;
  readonly caches: ResourceCaches;
  readonly admission: AdmissionChain;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly turns: WriteTurns;
  /** Seconds that events live after they were last written. */
  readonly eventTtl: number;
  readonly storeHealth: StoreHealth;
}

/** How a client wants unknown and duplicate fields treated. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** One write, authorized already. */
export interface WriteRequest {
  readonly resource: Resource;
  readonly attributes: RequestAttributes;
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** Whom the written fields belong to. */
  readonly fieldManager?: string | undefined;
  /** Collects what the client is warned of. */
  readonly warnings: string[];
}

/** A body as it was sent: parsed, with what parsing alone could see. */
export interface RequestBody {
  /** Its JSON value; protobuf can be read only by the schema of the kind that is expected. */
  value(schema: StructNode): unknown;
  /** `duplicate field "x"` messages. */
  readonly duplicates: readonly string[];
}

/** The key that a request's path names. */
export function keyOfRequest({ attributes, resource }: WriteRequest, name = attributes.name): ObjectKey {
  return resource.namespaced ? { namespace: attributes.namespace, name } : { name };
}

/** The object that a request is about, as it is now: at once, unless the cache is behind. Throws NotFound. */
export function currentObject(
  context: Pick<HandlerContext, 'caches'>,
  resource: Resource,
  key: ObjectKey,
): StoredObject | Promise<StoredObject> {
  const find = (): StoredObject | Promise<StoredObject> => cachedObject(context, resource, key);
  const behind = context.caches.behind();
  return behind ? behind.then(find) : find();
}

/** The object as it is at a version or later; 0: as the cache has it, also if the store can't be asked. Throws NotFound. */
export function objectSince(
  context: Pick<HandlerContext, 'caches'>,
  read: { readonly resource: Resource; readonly key: ObjectKey; readonly version: number },
): StoredObject | Promise<StoredObject> {
  const { resource, key, version } = read;
  const find = (): StoredObject | Promise<StoredObject> => cachedObject(context, resource, key);
  return version <= context.caches.revision ? find() : context.caches.reached(version).then(find);
}

/** A write on an object, for the first time or again. */
export interface WriteAttempt {
  readonly resource: Resource;
  readonly key: ObjectKey;
  /** From 1 on. */
  readonly attempt: number;
}

/**
 * The object to try a write on: the first time as the cache has it, which is as it is unless another server has written it
 * just now, and that is seen when the write is refused; see `wasOutdated`. Throws NotFound.
 */
export function objectToTry(
  context: Pick<HandlerContext, 'caches'>,
  { resource, key, attempt }: WriteAttempt,
): StoredObject | Promise<StoredObject> {
  return attempt === 1 && context.caches.of(resource).get(key)
    ? cachedObject(context, resource, key)
    : currentObject(context, resource, key);
}

/** Whether what `objectToTry` gave was older than what there was, since it was taken from the cache unasked. */
export async function wasOutdated(
  { caches }: Pick<HandlerContext, 'caches'>,
  { resource, key, attempt }: WriteAttempt,
  tried: StoredObject,
): Promise<boolean> {
  const behind = attempt === 1 ? caches.behind() : undefined;
  if (!behind) return false;
  await behind;
  return caches.of(resource).get(key)?.revision !== tried.revision;
}

function cachedObject(
  { caches }: Pick<HandlerContext, 'caches'>,
  resource: Resource,
  key: ObjectKey,
): StoredObject | Promise<StoredObject> {
  const found = caches.of(resource).get(key);
  if (!found) throw notFoundError(resource, key.name);
  return resource.custom?.convert ? StoredObject.convert(resource, [found]).then(() => found) : found;
}

/** The stored version that a write made: the cache's own, if it is still the newest. */
export function writtenObject(
  context: HandlerContext,
  written: { readonly resource: Resource; readonly key: ObjectKey; readonly value: Buffer; readonly revision: number },
): StoredObject | Promise<StoredObject> {
  const { resource, key, value, revision } = written;
  const cached = context.caches.of(resource).get(key);
  const object = cached?.revision === revision ? cached : StoredObject.fromStore(resource, value, revision);
  return resource.custom?.convert ? StoredObject.convert(resource, [object]).then(() => object) : object;
}

/** How long an object lives after a write: events of both groups go by themselves. */
export function lifetimeOf({ eventTtl }: HandlerContext, resource: Resource): StoreWriteOptions | undefined {
  return isEventKind(resource) ? { ttl: eventTtl } : undefined;
}

/** An object being prepared for a write. */
export type Draft = { -readonly [K in keyof ApiObject]: ApiObject[K] } & Record<string, unknown>;
