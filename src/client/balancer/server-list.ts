/** What is known of a server: nothing yet, that it serves, that it asks not to be used, or that it does not answer. */
export type ServerHealth = 'untried' | 'ready' | 'unready' | 'gone';

interface Known {
  health: ServerHealth;
  /** Questions in a row that got no answer. */
  misses: number;
}

/** A busy server may be late once. */
const missesAllowed = 1;

const ranks: Readonly<Record<ServerHealth, number>> = { ready: 0, untried: 1, unready: 2, gone: 3 };

/** The API servers of a cluster as one node sees them, each as `host:port`: which to try, and in which order. */
export class ServerList {
  readonly #preferred: string | undefined;
  readonly #known = new Map<string, Known>();
  readonly #listeners = new Set<(server: string) => void>();
  #turn = 0;

  /** `preferred`: the server on the same machine, used whenever it serves. */
  constructor(servers: readonly string[], preferred?: string) {
    this.#preferred = preferred;
    this.replace(servers);
  }

  /** All servers, in no particular order. */
  get all(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** Takes over a newer list. An empty one is ignored: who asks nobody never hears of a better one. */
  replace(servers: readonly string[]): void {
    if (servers.length === 0) return;
    for (const server of this.all) {
      if (servers.includes(server)) continue;
      this.#known.delete(server);
      this.#tell(server);
    }
    for (const server of servers)
      if (!this.#known.has(server)) this.#known.set(server, { health: 'untried', misses: 0 });
  }

  /** The servers in the order in which a new connection should try them; those that are equal take turns. */
  candidates(): readonly string[] {
    const all = this.all;
    const start = this.#turn++ % all.length;
    const rank = (server: string): number =>
      2 * ranks[this.health(server)] + (server === this.#preferred || this.#preferred === undefined ? 0 : 1);
    return [...all.slice(start), ...all.slice(0, start)].sort((a, b) => rank(a) - rank(b));
  }

  /** What is known of a server. */
  health(server: string): ServerHealth {
    return this.#known.get(server)?.health ?? 'gone';
  }

  /** A server answered. */
  answered(server: string, health: 'ready' | 'unready'): void {
    if (this.#known.has(server)) this.#known.set(server, { health, misses: 0 });
  }

  /**
   * A server did not answer. It counts as gone at once when it `refused`; when it was silent only the second time, and
   * only while others do answer: if none does, it is rather we who are slow or cut off.
   */
  missed(server: string, how: 'refused' | 'silent'): void {
    const known = this.#known.get(server);
    if (!known) return;
    known.misses++;
    if (known.health === 'gone') return;
    if (how === 'silent' && (known.misses <= missesAllowed || !this.#otherAnswers(server))) return;
    known.health = 'gone';
    this.#tell(server);
  }

  #otherAnswers(server: string): boolean {
    return [...this.#known].some(
      ([other, { health, misses }]) => other !== server && misses === 0 && (health === 'ready' || health === 'unready'),
    );
  }

  /** Calls `listener` with each server that is gone or no longer in the list. */
  onGone(listener: (server: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #tell(server: string): void {
    for (const listener of this.#listeners) listener(server);
  }
}
