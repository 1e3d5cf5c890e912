import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { ApiObject, DraftObject, ObjectKey, Resource } from '../machinery/resource.ts';
import type { Client } from './client.ts';
import type { EventRecorder } from './event-recorder.ts';

/** What a reconcile asks for: nothing more, or to be called again after `ms`. */
export type Outcome = typeof done | { readonly again: number };

/** The key is settled until something changes. */
export const done = { again: undefined } as const;

/** Call again after `ms` milliseconds, counted from now. */
export function again(ms: number): Outcome {
  return { again: Math.max(0, ms) };
}

/** The informers' view of the cluster; objects are shared and deeply readonly. */
export interface Cache {
  get<T, D>(resource: Resource<T, D>, key: ObjectKey): T | undefined;
  /** All objects of a kind, in a namespace if given. Filter with `matches` of machinery/selector. */
  list<T, D>(resource: Resource<T, D>, options?: { readonly namespace?: string | undefined }): readonly T[];
  /** Objects whose `index` (declared by the controller) has `value`. */
  byIndex<T, D>(resource: Resource<T, D>, index: string, value: string): readonly T[];
}

/** What a reconcile may use. */
export interface ControllerContext {
  readonly cache: Cache;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly signal: AbortSignal;
}

/** Another kind whose changes wake the controller: maps an object to keys of the main kind. */
export interface Watched<T = ApiObject, D = DraftObject> {
  readonly resource: Resource<T, D>;
  keys(object: T, context: { readonly cache: Cache; readonly old: T | undefined }): readonly ObjectKey[];
}

/** Kinds that come and go while the controller runs, as objects of another kind say. */
export interface KindFeed<T = ApiObject, D = DraftObject> {
  readonly from: Resource<T, D>;
  /** The kind that an object stands for, while it is there. */
  kindOf(object: T): Resource | undefined;
  /** How a kind is watched; called when it comes. The indexes are for its cache. */
  come(resource: Resource): { readonly watched: Watched; readonly indexes: readonly Index[] };
  /** Its cache is gone. */
  gone(resource: Resource): void;
}

/** A secondary index of a cached kind. */
export interface Index<T = ApiObject, D = DraftObject> {
  readonly resource: Resource<T, D>;
  readonly name: string;
  values(object: T): readonly string[];
}

/** A controller: a function from a key to effects. The runner owns informers, queue, back-off and shutdown. */
export interface Controller<T = ApiObject, D = DraftObject> {
  readonly name: string;
  readonly for: Resource<T, D>;
  /** Runs only where it is asked for by name. */
  readonly optional?: boolean;
  /** The service account that it acts as, where several controllers share one. Default: its name. */
  readonly account?: string;
  /**
   * Verbs it needs, by qualified resource, behind which names of objects may stand after blanks: the bootstrap
   * ClusterRole `system:controller:<account>` is made from it.
   */
  readonly rbac: Readonly<Record<string, readonly string[]>>;
  /** The same by namespace, for what it may do only there. */
  readonly namespacedRbac?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly watches?: readonly Watched[];
  readonly indexes?: readonly Index[];
  /** Further kinds, watched while they exist. */
  readonly feed?: KindFeed;
  /** Keys worked on at once. Default 5. */
  readonly workers?: number;
  /** Resync period in milliseconds: every key is reconciled at least this often. Default: none. */
  readonly resync?: number;
  reconcile(key: ObjectKey, context: ControllerContext): Promise<Outcome>;
}

/** States a controller; nothing runs until the runner is given it. */
export function defineController<T, D>(controller: Controller<T, D>): Controller<T, D> {
  return controller;
}

/** States a watched kind with its own type. */
export function watched<T extends ApiObject, D extends DraftObject>(
  resource: Resource<T, D>,
  keys: (object: T, context: { readonly cache: Cache; readonly old: T | undefined }) => readonly ObjectKey[],
): Watched<T, D> {
  return { resource, keys };
}

/** States a feed of kinds with its own type. */
export function defineFeed<T extends ApiObject, D extends DraftObject>(feed: KindFeed<T, D>): KindFeed<T, D> {
  return feed;
}

/** States an index with its own type. */
export function defineIndex<T extends ApiObject, D extends DraftObject>(
  resource: Resource<T, D>,
  name: string,
  values: (object: T) => readonly string[],
): Index<T, D> {
  return { resource, name, values };
}
