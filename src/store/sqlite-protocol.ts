import type { StoreErrorKind, StoreEvent, StoreListOptions, StoredValue } from './store.ts';
import type { PackedResults, PackedValues, PackedWrites } from './sqlite-packing.ts';

/** What the worker is started with. */
export interface SqliteWorkerData {
  /** The database file. */
  readonly path: string;
  /** As of `SqliteStoreOptions`. */
  readonly indexLag: number | undefined;
}

/** What the worker is asked to do. */
export type WorkerRequest =
  | { readonly op: 'write'; readonly writes: PackedWrites }
  | { readonly op: 'get'; readonly key: string; readonly revision: number | undefined }
  | { readonly op: 'list'; readonly prefix: string; readonly options: StoreListOptions }
  | { readonly op: 'events'; readonly prefix: string; readonly after: number }
  | { readonly op: 'compact'; readonly revision: number }
  | { readonly op: 'close' };

/** What each request answers. */
export interface WorkerAnswers {
  readonly write: PackedResults;
  readonly get: StoredValue | undefined;
  readonly list: { readonly items: PackedValues; readonly revision: number; readonly remaining: number };
  readonly events: readonly StoreEvent[];
  readonly compact: undefined;
  readonly close: undefined;
}

/** A failure on its way between threads. */
export interface WorkerFailure {
  readonly kind: StoreErrorKind;
  readonly message: string;
}

/**
 * An answer; answers come in the order of the requests, except that of `compact`. The first, `id` 0, says: opened. What has
 * expired is told without a question, between the answers where it belongs by its revisions.
 */
export type WorkerReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: WorkerFailure }
  | { readonly expired: readonly StoreEvent[] };

/** A request with the number that its answer will bear. */
export interface NumberedRequest {
  readonly id: number;
  readonly request: WorkerRequest;
}
