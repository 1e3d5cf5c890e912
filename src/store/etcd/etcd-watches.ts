import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { prefixEnd, StoreError, type StoreListener } from '../store.ts';
import { closedError, type EtcdConnection } from './etcd-connection.ts';
import type { EtcdEndpoint } from './etcd-endpoint.ts';
import { EtcdWatch } from './etcd-watch.ts';
import { EtcdWatchStream } from './etcd-watch-stream.ts';

/** What the watches of a store are made of. */
export interface EtcdWatchesOptions {
  readonly connection: EtcdConnection;
  readonly clock: Clock;
  readonly log: Logger;
  readonly verify: (revision: number) => Promise<void>;
  readonly keyOf: (etcdKey: string) => string;
}

/** A write whose watches do not hear of it waits for so long, in ms; then their stream is taken for dead. */
const hearingTimeout = 1_000;
const firstPause = 50;
const longestPause = 2_000;
/** How often, in ms, and how long those who asked for the newest revision are helped to reach it. */
const progressInterval = 100;
const progressAttempts = 30;

/** All watches of a store, on one stream, which is opened again at another member when it breaks. */
export class EtcdWatches implements Disposable {
  readonly #options: EtcdWatchesOptions;
  readonly #clock: Clock;
  readonly #watches = new Set<EtcdWatch>();
  readonly #stopping = new AbortController();
  /** Why a stream ends that nobody needs any more. */
  readonly #idle = new StoreError('unavailable', 'nobody watches');
  #stream: EtcdWatchStream | undefined;
  #running = false;
  #asking = false;
  /** The newest revision that watches are to be helped to. */
  #wanted = 0;

  constructor(options: EtcdWatchesOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  /** Begins a watch of the keys that begin with `prefix`, as etcd has them. */
  add(options: { readonly prefix: string; readonly after: number }, listener: StoreListener): Disposable {
    const { verify, keyOf } = this.#options;
    const ended = (): void => this.#remove(watch);
    const watch = new EtcdWatch({ ...options, keyOf }, listener, { verify, ended });
    if (this.#stopping.signal.aborted) queueMicrotask(() => watch.fail(closedError()));
    this.#watches.add(watch);
    this.#stream?.carry(watch, prefixEnd(watch.prefix));
    if (!this.#running) void this.#run();
    return watch;
  }

  /** Resolves once all watches of this key have heard of its revision; after a while in any case. */
  heard(key: string, revision: number): Promise<void> | undefined {
    const behind = [...this.#watches].filter((watch) => watch.heard < revision && key.startsWith(watch.prefix));
    return behind.length === 0 ? undefined : this.#hear(behind, revision);
  }

  /** Sees to it that watches learn that the store has reached this revision, also if nothing of theirs was written. */
  follow(revision: number): void {
    const isNews = revision > this.#wanted;
    this.#wanted = Math.max(this.#wanted, revision);
    if (!this.#lag(revision)) return;
    if (!this.#asking) void this.#askProgress();
    else if (isNews) this.#stream?.askProgress();
  }

  [Symbol.dispose](): void {
    this.#stopping.abort(closedError());
    for (const watch of this.#watches) watch.fail(closedError());
    this.#stream?.close(closedError());
  }

  async #hear(behind: readonly EtcdWatch[], revision: number): Promise<void> {
    const stream = this.#stream;
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = this.#clock.after(hearingTimeout, () => {
      if (stream && stream.quietFor >= hearingTimeout)
        stream.close(new StoreError('unavailable', 'etcd tells no changes'));
      resolve();
    });
    await Promise.race([promise, Promise.all(behind.map((watch) => watch.reached(revision)))]);
  }

  #remove(watch: EtcdWatch): void {
    this.#watches.delete(watch);
    this.#stream?.drop(watch);
    // Unless another one begins at once.
    queueMicrotask(() => this.#watches.size === 0 && this.#stream?.close(this.#idle));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { connection, log } = this.#options;
    this.#running = true;
    let failures = 0;
    try {
      while (this.#watches.size > 0 && !signal.aborted) {
        const endpoint = connection.inTurn()[0];
        if (!endpoint) return;
        const began = this.#clock.monotonic();
        try {
          await this.#follow(endpoint);
        } catch (error) {
          if (error === this.#idle || this.#watches.size === 0 || signal.aborted) continue;
          log.v(2).info('The stream of changes from etcd broke; it goes on where it ended', {
            endpoint: endpoint.url,
            error,
          });
          connection.failed(endpoint, error);
          if (this.#clock.monotonic() - began > longestPause) failures = 0;
          await this.#clock.sleep(Math.min(longestPause, firstPause * 2 ** failures++), signal);
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#running = false;
    }
  }

  /** Carries all watches on one stream; rejects when it ends. */
  async #follow(endpoint: EtcdEndpoint): Promise<void> {
    const { connection } = this.#options;
    const token = await connection.token(endpoint);
    const call = await endpoint.watch(token);
    const stream = new EtcdWatchStream(call, this.#clock, () => connection.forgetToken());
    this.#stream = stream;
    try {
      for (const watch of this.#watches) stream.carry(watch, prefixEnd(watch.prefix));
      if (this.#watches.size === 0) stream.close(this.#idle);
      const status = await Promise.race([endpoint.status(), stream.ended]);
      stream.canAskProgress = status !== undefined && tellsProgress(status.version);
      await stream.ended;
    } finally {
      this.#stream = undefined;
      stream.close(closedError());
    }
  }

  #lag(revision: number): boolean {
    for (const watch of this.#watches) if (watch.heard < revision) return true;
    return false;
  }

  async #askProgress(): Promise<void> {
    this.#asking = true;
    try {
      let asked = 0;
      for (let i = 0; i < progressAttempts && this.#lag(this.#wanted); i++) {
        // Meanwhile others may have seen a newer revision.
        if (this.#wanted > asked) i = 0;
        asked = this.#wanted;
        this.#stream?.askProgress();
        await this.#clock.sleep(progressInterval, this.#stopping.signal);
      }
    } catch (error) {
      if (!this.#stopping.signal.aborted) throw error;
    } finally {
      this.#asking = false;
    }
  }
}

/**
 * Whether a member, asked for progress, names no revision whose events it has yet to send: fixed in 3.4.31 and 3.5.13.
 * Source: upstream's feature support checker.
 */
export function tellsProgress(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  if (major !== 3) return major > 3;
  return minor === 4 ? patch >= 31 : minor === 5 ? patch >= 13 : minor > 5;
}
