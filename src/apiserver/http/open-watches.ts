import { StatusError } from '../../base/errors.ts';

/** Watches that one user may have open: more than any component of a large cluster has, fewer than hold a server up. */
export const mostWatches = 10_000;

/** Counts the open watches of each user. */
export class OpenWatches {
  readonly #most: number;
  readonly #byUser = new Map<string, number>();

  constructor(most: number = mostWatches) {
    this.#most = most;
  }

  /** Counts one, until it is disposed of. Throws StatusError TooManyRequests. */
  open(user: string): Disposable {
    const count = this.#byUser.get(user) ?? 0;
    if (count >= this.#most) {
      const message = `Too many requests: ${JSON.stringify(user)} has ${count} watches open`;
      throw new StatusError('TooManyRequests', message, { details: { retryAfterSeconds: 10 } });
    }
    this.#byUser.set(user, count + 1);
    let isOpen = true;
    return {
      [Symbol.dispose]: () => {
        if (!isOpen) return;
        isOpen = false;
        const left = (this.#byUser.get(user) ?? 1) - 1;
        if (left > 0) this.#byUser.set(user, left);
        else this.#byUser.delete(user);
      },
    };
  }
}
