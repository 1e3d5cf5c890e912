import type { StoredObject } from './stored-object.ts';

/** Where the newest version of an object is found: in all buckets the same, so that a new version is noted once. */
export interface ObjectPlace {
  object: StoredObject;
}

/** Objects by key, listed in the order of their keys. The order is worked out when asked for and kept up with changes. */
export class SortedBucket {
  readonly #places = new Map<string, ObjectPlace>();
  /** Every key in order as of some time; what came and went since is merged in when the order is asked for. */
  #keys: readonly string[] = [];
  #added: string[] = [];
  #removed = false;

  get size(): number {
    return this.#places.size;
  }

  get(key: string): ObjectPlace | undefined {
    return this.#places.get(key);
  }

  /** Takes in an object that is not there yet. */
  add(key: string, place: ObjectPlace): void {
    this.#places.set(key, place);
    this.#added.push(key);
  }

  delete(key: string): void {
    if (this.#places.delete(key)) this.#removed = true;
  }

  /** Every key in order. */
  keys(): readonly string[] {
    if (this.#added.length === 0 && !this.#removed) return this.#keys;
    const kept = this.#removed ? this.#keys.filter((key) => this.#places.has(key)) : this.#keys;
    const added = this.#removed ? this.#added.filter((key) => this.#places.has(key)) : this.#added;
    this.#keys = merged(kept, added.sort());
    this.#added = [];
    this.#removed = false;
    return this.#keys;
  }
}

/** Two sorted lists as one, each key once: one that went and came again is in both. */
function merged(left: readonly string[], right: readonly string[]): readonly string[] {
  if (left.length === 0) return withoutRepeats(right);
  const all: string[] = [];
  let at = 0;
  for (const key of right) {
    while (at < left.length && left[at]! < key) all.push(left[at++]!);
    if (left[at] !== key && all.at(-1) !== key) all.push(key);
  }
  while (at < left.length) all.push(left[at++]!);
  return all;
}

function withoutRepeats(keys: readonly string[]): readonly string[] {
  return keys.some((key, index) => key === keys[index - 1]) ? [...new Set(keys)] : keys;
}

/** The index of the first key that is not below `bound`. */
export function lowerBound(keys: readonly string[], bound: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Buckets by some value of the objects, made and dropped as needed. */
export class BucketIndex {
  readonly #buckets = new Map<string, SortedBucket>();

  get(value: string): SortedBucket | undefined {
    return this.#buckets.get(value);
  }

  add(value: string, key: string, place: ObjectPlace): void {
    let bucket = this.#buckets.get(value);
    if (!bucket) this.#buckets.set(value, (bucket = new SortedBucket()));
    bucket.add(key, place);
  }

  delete(value: string, key: string): void {
    const bucket = this.#buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) this.#buckets.delete(value);
  }
}
