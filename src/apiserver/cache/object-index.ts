import type { Resource } from '../../machinery/resource.ts';
import { keyString } from '../../machinery/resource.ts';
import { indexValue } from './selection.ts';
import type { ObjectSelection } from './selection.ts';
import { BucketIndex, SortedBucket, lowerBound } from './sorted-bucket.ts';
import type { ObjectPlace } from './sorted-bucket.ts';
import type { StoredObject } from './stored-object.ts';

/** An object with its key. */
export interface KeyedObject {
  readonly key: string;
  readonly object: StoredObject;
}

/** The first of what is selected, in the order of the keys. */
export interface SelectedPage {
  readonly items: readonly StoredObject[];
  /** The key of the last item, if there is more behind it. */
  readonly last: string | undefined;
  /** How many more there are, where that is known without looking at each. */
  readonly remaining: number | undefined;
}

/** The objects of one kind as they are now, found by key, by namespace and by the kind's indexed field. */
export class ObjectIndex {
  readonly #resource: Resource;
  readonly #all = new SortedBucket();
  readonly #byNamespace = new BucketIndex();
  readonly #byIndex = new BucketIndex();

  constructor(resource: Resource) {
    this.#resource = resource;
  }

  /** How many objects there are. */
  get size(): number {
    return this.#all.size;
  }

  /** The object under a key, if there is one. */
  get(key: string): StoredObject | undefined {
    return this.#all.get(key)?.object;
  }

  /** Takes in an object or a new version of it, and returns the version before. */
  put(key: string, object: StoredObject): StoredObject | undefined {
    const place = this.#all.get(key);
    if (!place) {
      this.#add(key, { object });
      return undefined;
    }
    const previous = place.object;
    place.object = object;
    const [before, value] = [indexValue(this.#resource, previous), indexValue(this.#resource, object)];
    if (before !== value) {
      if (before !== '') this.#byIndex.delete(before, key);
      if (value !== '') this.#byIndex.add(value, key, place);
    }
    return previous;
  }

  #add(key: string, place: ObjectPlace): void {
    this.#all.add(key, place);
    const namespace = namespaceOf(key);
    if (namespace !== undefined) this.#byNamespace.add(namespace, key, place);
    const value = indexValue(this.#resource, place.object);
    if (value !== '') this.#byIndex.add(value, key, place);
  }

  /** Forgets an object, and returns the last version. */
  remove(key: string): StoredObject | undefined {
    const object = this.get(key);
    if (!object) return undefined;
    this.#all.delete(key);
    const namespace = namespaceOf(key);
    if (namespace !== undefined) this.#byNamespace.delete(namespace, key);
    const value = indexValue(this.#resource, object);
    if (value !== '') this.#byIndex.delete(value, key);
    return object;
  }

  /** What is selected, in the order of the keys. */
  *select(selection: ObjectSelection): Generator<KeyedObject> {
    const { matches } = selection;
    const { bucket, keys, from, to } = this.#rangeOf(selection);
    for (let index = from; index < to; index++) {
      const key = keys[index]!;
      const object = bucket.get(key)?.object;
      if (object && (!matches || matches(object))) yield { key, object };
    }
  }

  /** The first `limit` of what is selected, or all of it. */
  page(selection: ObjectSelection, limit: number | undefined): SelectedPage {
    const { matches } = selection;
    const { bucket, keys, from, to } = this.#rangeOf(selection);
    const items: StoredObject[] = [];
    let last = '';
    for (let index = from; index < to; index++) {
      const { object } = bucket.get(keys[index]!)!;
      if (matches && !matches(object)) continue;
      // The rest is counted only where that needs no matching, as upstream does.
      if (items.length === limit) return { items, last, remaining: matches ? undefined : to - index };
      items.push(object);
      last = keys[index]!;
    }
    return { items, last: undefined, remaining: undefined };
  }

  /** Where in which bucket the selected objects stand, among others that do not match. */
  #rangeOf({ namespace, name, indexed }: ObjectSelection): BucketRange {
    if (name !== undefined && (namespace !== undefined || !this.#resource.namespaced)) {
      const key = keyString({ namespace, name });
      return { bucket: this.#all, keys: [key], from: 0, to: this.#all.get(key) ? 1 : 0 };
    }
    if (indexed === undefined || indexed === '') {
      const bucket = namespace === undefined ? this.#all : this.#byNamespace.get(namespace);
      return bucket ? { bucket, keys: bucket.keys(), from: 0, to: bucket.size } : this.#nothing;
    }
    const bucket = this.#byIndex.get(indexed);
    if (!bucket) return this.#nothing;
    const keys = bucket.keys();
    if (namespace === undefined) return { bucket, keys, from: 0, to: keys.length };
    // The character behind the slash is the zero.
    return { bucket, keys, from: lowerBound(keys, `${namespace}/`), to: lowerBound(keys, `${namespace}0`) };
  }

  get #nothing(): BucketRange {
    return { bucket: this.#all, keys: [], from: 0, to: 0 };
  }
}

interface BucketRange {
  readonly bucket: SortedBucket;
  readonly keys: readonly string[];
  readonly from: number;
  readonly to: number;
}

function namespaceOf(key: string): string | undefined {
  const slash = key.indexOf('/');
  return slash > 0 ? key.slice(0, slash) : undefined;
}
