import type { StoredObject } from './stored-object.ts';

/** How a change looks to a watcher. */
export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One change of one object; its JSON frames are built once and shared by every watcher. */
export class CacheEvent {
  readonly type: WatchEventType;
  readonly key: string;
  /** The new version; of a deletion the last one, under the revision of the deletion. */
  readonly object: StoredObject;
  readonly previous: StoredObject | undefined;
  #frames: Partial<Record<WatchEventType, Buffer>> | undefined;
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

  /** The line of a watch response that reports this change as `type`. */
  frame(type: WatchEventType): Buffer {
    this.#frames ??= {};
    return (this.#frames[type] ??= watchFrame(type, this.object));
  }
}

/** A line of a watch response. */
export function watchFrame(type: WatchEventType, object: StoredObject): Buffer {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object.bytes, frameEnd]);
}

const frameEnd = Buffer.from('}\n');
