import { keyOf, keyString } from '../machinery/resource.ts';
import type { ApiObject } from '../machinery/resource.ts';
import { compareResourceVersions } from '../machinery/resource-version.ts';

/** How one object of a cache changed. `object` of a deletion is the last known state. */
export type Change<T> =
  | { readonly type: 'added'; readonly object: T; readonly old: undefined }
  | { readonly type: 'updated'; readonly object: T; readonly old: T }
  | { readonly type: 'deleted'; readonly object: T; readonly old: T };

/** Under which values an index files an object. */
export type IndexValues<T> = (object: T) => readonly string[];

/**
 * The known objects of one kind. Fed by a watch and, ahead of it, by the results of this process's own writes, so
 * that a reader never sees a state older than what it wrote: versions decide which of the two is newer.
 */
export class ObjectCache<T extends ApiObject = ApiObject> {
  readonly #objects = new Map<string, T>();
  readonly #namespaces = new Map<string, Map<string, T>>();
  readonly #indexes = new Map<
    string,
    { readonly values: IndexValues<T>; readonly filed: Map<string, Map<string, T>> }
  >();
  /** Uids this process deleted, with the time: until the watch confirms, they count as terminating. */
  readonly #deleted = new Map<string, string>();
  #version = '';

  /** The version up to which the watch has reported everything; '' before the first list. */
  get version(): string {
    return this.#version;
  }

  get size(): number {
    return this.#objects.size;
  }

  /** The object of a key in `keyString` form. */
  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly T[] {
    const objects = namespace === undefined ? this.#objects : this.#namespaces.get(namespace);
    return objects === undefined ? [] : [...objects.values()];
  }

  /** Objects filed under `value` of an index. Throws when there is no such index. */
  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`index "${name}" is not declared`);
    const filed = index.filed.get(value);
    return filed === undefined ? [] : [...filed.values()];
  }

  /** Declares an index; declaring the same function again is harmless. */
  addIndex(name: string, values: IndexValues<T>): void {
    const present = this.#indexes.get(name);
    if (present?.values === values) return;
    if (present) throw new Error(`index "${name}" is declared twice with different functions`);
    const index = { values, filed: new Map<string, Map<string, T>>() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) file(index.filed, values(object), key, object);
  }

  /** Takes what a list returned as of `version`; objects written meanwhile stay. */
  replace(items: readonly T[], version: string): readonly Change<T>[] {
    const changes: Change<T>[] = [];
    const listed = new Set<string>();
    // A store that was restored from a backup counts anew from an older version: then only the list is right.
    const wentBack = compareResourceVersions(version, this.#version) < 0;
    this.#deleted.clear();
    this.#version = version;
    for (const item of items) {
      const key = keyString(keyOf(item));
      listed.add(key);
      const change = wentBack ? this.#set(key, item) : this.#setNewer(item);
      if (change) changes.push(change);
    }
    for (const [key, object] of this.#objects) {
      const isNewer = !wentBack && compareResourceVersions(object.metadata.resourceVersion, version) > 0;
      if (listed.has(key) || isNewer) continue;
      changes.push(this.#remove(key, object, object));
    }
    return changes;
  }

  /** Takes an event of the watch; undefined when it tells nothing new. */
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): Change<T> | undefined {
    this.advance(object.metadata.resourceVersion);
    if (type !== 'DELETED') return this.#setNewer(object);
    this.#deleted.delete(object.metadata.uid);
    const key = keyString(keyOf(object));
    const known = this.#objects.get(key);
    // A namesake created since is newer than the deletion of its predecessor.
    if (!known || known.metadata.uid !== object.metadata.uid) return undefined;
    return this.#remove(key, object, known);
  }

  /** Notes that the watch has reported everything up to `version`. */
  advance(version: string): void {
    if (compareResourceVersions(version, this.#version) > 0) this.#version = version;
  }

  /** Takes the result of an own write, unless the watch has already got past it. */
  written(object: T): Change<T> | undefined {
    if (this.#version === '' || compareResourceVersions(object.metadata.resourceVersion, this.#version) <= 0)
      return undefined;
    return this.#setNewer(object);
  }

  /** Notes an own delete: until the watch confirms it, the object shows a deletionTimestamp. */
  deleted(key: string, deletion: { readonly uid: string; readonly timestamp: string }): Change<T> | undefined {
    const known = this.#objects.get(key);
    if (known?.metadata.uid !== deletion.uid || known.metadata.deletionTimestamp !== undefined) return undefined;
    this.#deleted.set(deletion.uid, deletion.timestamp);
    return this.#set(key, this.#overlaid(known));
  }

  #setNewer(object: T): Change<T> | undefined {
    const key = keyString(keyOf(object));
    const known = this.#objects.get(key);
    if (known && compareResourceVersions(known.metadata.resourceVersion, object.metadata.resourceVersion) >= 0)
      return undefined;
    return this.#set(key, this.#overlaid(object));
  }

  #overlaid(object: T): T {
    const { uid, deletionTimestamp } = object.metadata;
    const timestamp = this.#deleted.get(uid);
    if (timestamp === undefined) return object;
    if (deletionTimestamp === undefined)
      return { ...object, metadata: { ...object.metadata, deletionTimestamp: timestamp } };
    this.#deleted.delete(uid);
    return object;
  }

  #set(key: string, object: T): Change<T> {
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    file(this.#namespaces, [object.metadata.namespace ?? ''], key, object);
    for (const { values, filed } of this.#indexes.values()) {
      if (old) unfile(filed, values(old), key);
      file(filed, values(object), key, object);
    }
    return old ? { type: 'updated', object, old } : { type: 'added', object, old: undefined };
  }

  #remove(key: string, object: T, old: T): Change<T> {
    this.#objects.delete(key);
    unfile(this.#namespaces, [old.metadata.namespace ?? ''], key);
    for (const { values, filed } of this.#indexes.values()) unfile(filed, values(old), key);
    return { type: 'deleted', object, old };
  }
}

function file<T>(filed: Map<string, Map<string, T>>, values: readonly string[], key: string, object: T): void {
  for (const value of values) {
    const group = filed.get(value) ?? new Map<string, T>();
    group.set(key, object);
    filed.set(value, group);
  }
}

function unfile<T>(filed: Map<string, Map<string, T>>, values: readonly string[], key: string): void {
  for (const value of values) {
    const group = filed.get(value);
    group?.delete(key);
    if (group?.size === 0) filed.delete(value);
  }
}
