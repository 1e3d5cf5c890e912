import type { StoredObject } from './stored-object.ts';

/** How a change looks to a watcher. */
export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One change of one object; the frames that report it are built once and shared by every watcher. */
export class CacheEvent {
  readonly type: WatchEventType;
  readonly key: string;
  /** The new version; of a deletion the last one, under the revision of the deletion. */
  readonly object: StoredObject;
  readonly previous: StoredObject | undefined;
  #frames: Map<string, Buffer> | undefined;
  #departure: CacheEvent | undefined;

  constructor(
    type: WatchEventType,
    key: string,
    versions: { readonly object: StoredObject; readonly previous?: StoredObject | undefined },
  ) {
    this.type = type;
    this.key = key;
    this.object = versions.object;
    this.previous = versions.previous;
  }

  get revision(): number {
    return this.object.revision;
  }

  /** The change as seen by those whose selection the object leaves: the version that they knew, gone as of now. */
  get departure(): CacheEvent {
    const { previous, revision } = this;
    if (!previous || this.type === 'DELETED') return this;
    return (this.#departure ??= new CacheEvent('DELETED', this.key, { object: previous.at(revision), previous }));
  }

  /** What reports this change under a name that tells its type and form; made by `make` if it is not known. */
  frame(name: string, make: () => Buffer): Buffer {
    let frame = this.#frames?.get(name);
    if (!frame) (this.#frames ??= new Map()).set(name, (frame = make()));
    return frame;
  }
}
