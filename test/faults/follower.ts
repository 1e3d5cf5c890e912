import { systemClock } from '../../src/base/system-clock.ts';
import type { Store } from '../../src/store/store.ts';
import type { History } from '../../src/store/testing/history.ts';
import { recordWatch } from '../../src/store/testing/recording-client.ts';

/** What is followed, and where it is written down. */
export interface FollowerOptions {
  readonly store: Store;
  readonly name: string;
  readonly prefix: string;
  readonly history: History;
}

const pause = 100;

/**
 * A watcher that goes on after the last revision it heard of whenever its watch ends. Where that is gone it lists, as every
 * client must, and from there on is another watcher.
 */
export class Follower implements Disposable {
  readonly #options: FollowerOptions;
  readonly #stopping = new AbortController();
  #watch: Disposable | undefined;
  #lists = 0;

  private constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Begins to follow what comes after a list. */
  static async begin(options: FollowerOptions): Promise<Follower> {
    const follower = new Follower(options);
    await follower.#list();
    return follower;
  }

  /** How it is called in the history since it last had to list. */
  get name(): string {
    return `${this.#options.name}/${this.#lists}`;
  }

  /** How often it had to list. */
  get lists(): number {
    return this.#lists;
  }

  /** The revision up to which it has heard of everything. */
  get reached(): number {
    return this.#options.history.reached(this.name);
  }

  [Symbol.dispose](): void {
    this.#stopping.abort(new Error('the follower is not wanted any more'));
    this.#watch?.[Symbol.dispose]();
  }

  async #list(): Promise<void> {
    const { store, prefix } = this.#options;
    const { revision } = await store.list(prefix);
    if (this.#stopping.signal.aborted) return;
    this.#lists++;
    this.#listen(revision);
  }

  #listen(after: number): void {
    const { store, prefix, history } = this.#options;
    const { name } = this;
    this.#watch = recordWatch({
      ...{ store, name, prefix, after, record: history.add },
      failed: (error) => void this.#goOn(error.kind === 'compacted'),
    });
  }

  async #goOn(missed: boolean): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await systemClock.sleep(pause, signal);
        return missed ? await this.#list() : this.#listen(this.reached);
      } catch {
        // The server can't be asked at the moment.
      }
    }
  }
}
