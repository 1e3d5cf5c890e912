import { readFileSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';

const lookEveryMs = 5_000;

/**
 * Files that are read again when they have changed, such as certificates that are renewed. What is given is what they held
 * when all of them could last be read: files that belong together are exchanged one after the other.
 */
export class FollowedFiles<Name extends string> {
  readonly #paths: Readonly<Record<Name, string>>;
  #texts: Readonly<Record<Name, string>>;

  /** Throws when a file can't be read. */
  constructor(paths: Readonly<Record<Name, string>>) {
    this.#paths = paths;
    this.#texts = this.#read();
  }

  /** What the files hold, by their names. */
  get texts(): Readonly<Record<Name, string>> {
    return this.#texts;
  }

  /** Looks again; whether anything has changed. Throws when a file can't be read; what it held is kept. */
  look(): boolean {
    const texts = this.#read();
    const names = Object.keys(this.#paths) as Name[];
    if (names.every((name) => texts[name] === this.#texts[name])) return false;
    this.#texts = texts;
    return true;
  }

  /**
   * Looks every few seconds until aborted; `changed` is called after changes, and again while it throws: a certificate may
   * have been seen before its key.
   */
  async follow(changed: () => void, watch: { clock: Clock; log: Logger; signal: AbortSignal }): Promise<void> {
    const { clock, log, signal } = watch;
    let isDue = false;
    while (!signal.aborted) {
      await clock.sleep(lookEveryMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        isDue = this.look() || isDue;
        if (!isDue) continue;
        changed();
        isDue = false;
        log.info('Renewed certificates are in use', { files: Object.values(this.#paths).join(' ') });
      } catch (error) {
        log.error('Certificates have changed and cannot be used; the former ones are used on', {
          error: messageOf(error),
        });
      }
    }
  }

  #read(): Readonly<Record<Name, string>> {
    const entries = Object.entries<string>(this.#paths).map(([name, path]) => [name, readFileSync(path, 'utf8')]);
    return Object.fromEntries(entries) as Record<Name, string>;
  }
}
