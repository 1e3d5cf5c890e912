import type { StoreErrorKind, StoreEvent, StoreList, StoreListOptions, StoredValue } from './store.ts';
import type { Write, WriteResult } from './sqlite-database.ts';

/** What the worker is asked to do. */
export type WorkerRequest =
  | { readonly op: 'write'; readonly writes: readonly Write[] }
  | { readonly op: 'get'; readonly key: string; readonly revision: number | undefined }
  | { readonly op: 'list'; readonly prefix: string; readonly options: StoreListOptions }
  | { readonly op: 'events'; readonly prefix: string; readonly after: number }
  | { readonly op: 'compact'; readonly revision: number }
  | { readonly op: 'close' };

/** What each request answers. */
export interface WorkerAnswers {
  readonly write: readonly WriteResult[];
  readonly get: StoredValue | undefined;
  readonly list: StoreList;
  readonly events: readonly StoreEvent[];
  readonly compact: undefined;
  readonly close: undefined;
}

/** An answer; answers come in the order of the requests, except that of `compact`. The first, `id` 0, says: opened. */
export type WorkerReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly kind: StoreErrorKind; readonly message: string } };

/** A request with the number that its answer will bear. */
export interface NumberedRequest {
  readonly id: number;
  readonly request: WorkerRequest;
}
