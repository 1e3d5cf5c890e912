import { StoreError } from '../store.ts';
import type { Store } from '../store.ts';
import { SnapshotError } from './snapshot-format.ts';
import type { SnapshotHeader, SnapshotRecord } from './snapshot-format.ts';
import { ContentsDigest } from './snapshot-target.ts';
import type { SnapshotContents, SnapshotTarget } from './snapshot-target.ts';

/** How a store is filled. */
export interface StoreTargetOptions {
  readonly store: Store;
  /** What to call it in sentences, such as `etcd at https://10.0.0.1:2379`. */
  readonly name: string;
  /** Whether what it holds may be deleted. What an interrupted restore left behind always may. */
  readonly force: boolean;
  /** As in `SqliteTargetOptions`. Here each takes a write, since nobody can tell etcd its revision. */
  readonly bump: number;
  /** Hears now and then how many of the writes that revisions take have been made. */
  readonly progress?: ((done: number, all: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Keys of an import under way. No API server asks for them; while they are there, none should start. */
const importPrefix = '/registry/kubets.io/import/';
const pageLength = 1000;
/** Writes under way at a time: they share what a flush to disk costs. */
const concurrency = 128;
/** Writes between two compactions, while revisions are used up. */
const compactEvery = 20_000;

/** A store that is reached through its port: etcd, where restoring is a sequence of writes. Begun anew when interrupted. */
export class StoreTarget implements SnapshotTarget {
  readonly #options: StoreTargetOptions;

  constructor(options: StoreTargetOptions) {
    this.#options = options;
  }

  async begin({ revision }: SnapshotHeader): Promise<void> {
    const { store, force, name } = this.#options;
    if (!force && !(await isUnfinished(store))) {
      const { items, remaining } = await store.list('', { limit: 1 });
      if (items.length > 0) {
        throw new SnapshotError(
          `${name} holds ${items.length + remaining} objects: --force deletes them (stop every API server that uses it before)`,
        );
      }
    }
    await this.#clear('');
    await store.create(`${importPrefix}state`, new TextEncoder().encode('unfinished'));
    await this.#advance(revision + this.#options.bump);
  }

  async write(records: readonly SnapshotRecord[]): Promise<void> {
    const { store } = this.#options;
    await this.#inParallel(records, ({ key, value, ttl }) => store.create(key, value, { ttl }));
  }

  async commit(): Promise<SnapshotContents> {
    const { store } = this.#options;
    const digest = new ContentsDigest();
    for await (const items of this.#pages('')) digest.add(items.filter(({ key }) => !key.startsWith(importPrefix)));
    await this.#clear(importPrefix);
    // Whoever asks for changes since a revision from before must hear that they are gone, and read everything anew.
    await store.compact(await store.revision());
    return digest.contents;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Uses revisions up, by writes to as many keys as may be written at a time. */
  async #advance(to: number): Promise<void> {
    const { store } = this.#options;
    const none = new Uint8Array(1);
    const chains = await Promise.all(
      Array.from({ length: concurrency }, async (_, index) => {
        const key = `${importPrefix}${index}`;
        return { key, revision: await store.create(key, none) };
      }),
    );
    const start = await store.revision();
    for (let next = start; next < to; next = await store.revision()) {
      this.#options.progress?.(next - start, to - start);
      const goal = Math.min(to, next + compactEvery);
      await Promise.all(
        chains.map(async (chain) => {
          while (chain.revision < goal) {
            this.#options.signal?.throwIfAborted();
            chain.revision = await store.update(chain.key, none, chain.revision);
          }
        }),
      );
      await store.compact(goal);
    }
  }

  async #clear(prefix: string): Promise<void> {
    const { store } = this.#options;
    for await (const items of this.#pages(prefix)) await this.#inParallel(items, ({ key }) => store.delete(key));
  }

  async *#pages(prefix: string) {
    const { store, signal } = this.#options;
    let revision: number | undefined;
    for (let after: string | undefined; ;) {
      const page = await store.list(prefix, { revision, after, limit: pageLength, counted: false, signal });
      yield page.items;
      if (page.items.length < pageLength) return;
      revision = page.revision;
      after = page.items.at(-1)?.key;
    }
  }

  async #inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
    const queue = items.values();
    await Promise.all(
      Array.from({ length: Math.min(concurrency, items.length) }, async () => {
        for (const item of queue) {
          this.#options.signal?.throwIfAborted();
          await work(item);
        }
      }),
    );
  }
}

/** Whether an import was begun in this store and has not ended: then it holds some of what it should. */
export async function isUnfinished(store: Store): Promise<boolean> {
  return (await store.get(`${importPrefix}state`)) !== undefined;
}

/** Refuses a store that holds some of what it should. Throws StoreError. */
export async function refuseUnfinished(store: Store, name: string): Promise<void> {
  if (!(await isUnfinished(store))) return;
  throw new StoreError('unavailable', `${name} holds the beginning of a restore or migration: run that again`);
}
