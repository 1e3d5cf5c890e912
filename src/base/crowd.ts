/**
 * Things that come and go all the time. A Set would do, but for the garbage collector: whenever V8 gives a Set a new table,
 * the old one keeps what it had and points to the new one. Once one of them has grown old, all that follow stay, with
 * everything that was in them, until the next full collection. An array that things are taken out of keeps nothing.
 */
export class Crowd<T> implements Iterable<T> {
  readonly #places: Place<T>[] = [];

  get size(): number {
    return this.#places.length;
  }

  /** Takes one in; disposing what this returns takes it out again. */
  add(member: T): Disposable {
    const place = new Place(member, this.#places);
    this.#places.push(place);
    return place;
  }

  /** All that are in it now, in no order. */
  *[Symbol.iterator](): Generator<T> {
    for (const { member } of [...this.#places]) yield member;
  }
}

class Place<T> implements Disposable {
  readonly member: T;
  readonly #places: Place<T>[];
  #index: number;

  constructor(member: T, places: Place<T>[]) {
    this.member = member;
    this.#places = places;
    this.#index = places.length;
  }

  [Symbol.dispose](): void {
    const places = this.#places;
    if (places[this.#index] !== this) return;
    // The last one takes the place that is free now.
    const last = places.pop()!;
    if (last === this) return;
    places[this.#index] = last;
    last.#index = this.#index;
  }
}
