import { systemClock } from '../../src/base/system-clock.ts';

/** How long a watcher may take to be told of a deletion that was acknowledged. */
const patience = 15_000;

/** At which versions objects were deleted, as watchers were told. */
export class Deletions {
  readonly #revisions = new Map<string, number>();
  readonly #waiting = new Map<string, (revision: number) => void>();

  /** A watcher was told that the object with this UID was deleted. */
  heard(uid: string, revision: number): void {
    this.#revisions.set(uid, revision);
    this.#waiting.get(uid)?.(revision);
  }

  /** The version of a deletion, once a watcher has been told of it. */
  async revisionOf(uid: string): Promise<number> {
    const known = this.#revisions.get(uid);
    if (known !== undefined) return known;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    using _limit = systemClock.after(patience, () =>
      reject(new Error(`the deletion of the object ${uid} was acknowledged, but no watcher was told of it`)),
    );
    this.#waiting.set(uid, resolve);
    try {
      return await promise;
    } finally {
      this.#waiting.delete(uid);
    }
  }
}
