import type { Json } from '../base/json.ts';
import type { ObjectKey, Resource } from '../machinery/resource.ts';

/** How the garbage collector treats what a deleted object owned. */
export type Propagation = 'Background' | 'Foreground' | 'Orphan';

/** Options of every call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Options of writes. */
export interface WriteOptions extends CallOptions {
  readonly subresource?: string | undefined;
  /** Whom the written fields belong to; an apply must name one. */
  readonly fieldManager?: string | undefined;
  /** An apply takes fields from other managers instead of failing. */
  readonly force?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Options of deletes; preconditions make the server refuse with Conflict. */
export interface DeleteCallOptions extends CallOptions {
  readonly preconditions?: { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined };
  readonly propagation?: Propagation | undefined;
  readonly gracePeriodSeconds?: number | undefined;
}

/** Which objects a list, watch or deleteCollection is about. */
export interface Selection {
  readonly namespace?: string | undefined;
  /** In the string form: `app=web,tier in (a,b)`. */
  readonly labelSelector?: string | undefined;
  /** Such as `spec.nodeName=node-1`. */
  readonly fieldSelector?: string | undefined;
}

/** Options of lists. */
export interface ListOptions extends Selection, CallOptions {
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** Options of watches. */
export interface WatchOptions extends Selection, CallOptions {
  readonly resourceVersion?: string | undefined;
  readonly allowWatchBookmarks?: boolean | undefined;
  readonly timeoutSeconds?: number | undefined;
}

/** A list of objects of one kind. */
export interface ObjectList<T> {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string | undefined;
    readonly remainingItemCount?: number | undefined;
  };
  readonly items: readonly T[];
}

/** What a watch reports. A bookmark carries only the version up to which nothing is missing. */
export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** The media type of a patch body. */
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/**
 * Access to the API with one identity, over HTTP or in process. Every failure is a StatusError; objects are deeply
 * readonly. A watch ends normally when the server ends it, and throws StatusError `Expired` when its version is gone.
 */
export interface Client {
  get<T, D>(resource: Resource<T, D>, key: ObjectKey, options?: CallOptions): Promise<T>;
  list<T, D>(resource: Resource<T, D>, options?: ListOptions): Promise<ObjectList<T>>;
  watch<T, D>(resource: Resource<T, D>, options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create<T, D>(resource: Resource<T, D>, object: D, options?: WriteOptions): Promise<T>;
  update<T, D>(resource: Resource<T, D>, object: D, options?: WriteOptions): Promise<T>;
  patch<T, D>(
    resource: Resource<T, D>,
    key: ObjectKey,
    patch: { readonly type: PatchType; readonly body: Json },
    options?: WriteOptions,
  ): Promise<T>;
  delete<T, D>(resource: Resource<T, D>, key: ObjectKey, options?: DeleteCallOptions): Promise<void>;
  deleteCollection<T, D>(resource: Resource<T, D>, options?: Selection & DeleteCallOptions): Promise<void>;
  /**
   * POSTs to a subresource whose body is another kind: `binding`, `eviction`, `token`. Returns the answer's body.
   */
  createSubresource<T, D, B, C>(
    resource: Resource<T, D>,
    key: ObjectKey,
    body: { readonly subresource: string; readonly kind: Resource<B, C>; readonly object: C },
    options?: CallOptions,
  ): Promise<B>;
}
