import type { StoredObject } from './stored-object.ts';

/** Objects by key, listed in the order of their keys. The order is worked out when asked for and kept until it changes. */
export class SortedBucket {
  readonly #objects = new Map<string, StoredObject>();
  #keys: readonly string[] | undefined;

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  set(key: string, object: StoredObject): void {
    if (!this.#objects.has(key)) this.#keys = undefined;
    this.#objects.set(key, object);
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#keys = undefined;
  }

  /** Every key in order. */
  keys(): readonly string[] {
    return (this.#keys ??= [...this.#objects.keys()].sort());
  }
}

/** Buckets by some value of the objects, made and dropped as needed. */
export class BucketIndex {
  readonly #buckets = new Map<string, SortedBucket>();

  get(value: string): SortedBucket | undefined {
    return this.#buckets.get(value);
  }

  set(value: string, key: string, object: StoredObject): void {
    let bucket = this.#buckets.get(value);
    if (!bucket) this.#buckets.set(value, (bucket = new SortedBucket()));
    bucket.set(key, object);
  }

  delete(value: string, key: string): void {
    const bucket = this.#buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) this.#buckets.delete(value);
  }
}
