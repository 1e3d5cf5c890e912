import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { encodeForStore, withRevision } from './object-bytes.ts';

/** One version of an object: its JSON bytes, parsed at most once and only when somebody needs it. Immutable. */
export class StoredObject {
  /** JSON with the resourceVersion in it. */
  readonly bytes: Buffer;
  /** The revision that its resourceVersion shows. */
  readonly revision: number;
  #object: ApiObject | undefined;

  constructor(bytes: Buffer, revision: number) {
    this.bytes = bytes;
    this.revision = revision;
  }

  /** From the bytes in the store. */
  static fromStore(resource: Resource, value: Uint8Array, revision: number): StoredObject {
    return new StoredObject(withRevision(resource, value, revision), revision);
  }

  /** What a write would store, for dry runs: an object that has no revision of its own. */
  static unstored(resource: Resource, object: ApiObject): StoredObject {
    const bytes = encodeForStore(resource, object);
    const { resourceVersion } = object.metadata;
    if (!resourceVersion) return new StoredObject(bytes, 0);
    return StoredObject.fromStore(resource, bytes, Number(resourceVersion));
  }

  /** The parsed object: shared by all who ask, deeply frozen. */
  get object(): ApiObject {
    return (this.#object ??= deepFreeze(JSON.parse(this.bytes.toString()) as ApiObject));
  }
}

/** Freezes a JSON value and all within; what is shared must not change under anybody. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
