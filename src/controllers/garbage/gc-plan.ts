import type { OwnerReference } from '../../machinery/meta.ts';
import type { ApiObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import { groupOf } from '../ownership.ts';

/** Finalizers that ask the collector to delete dependents first, or to let them go. Source: metav1. */
export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** What became of an owner. */
export type OwnerState = 'absent' | 'present' | 'deletingForeground';

/** What the collector does with one object. */
export type Verdict =
  | { readonly action: 'keep' }
  /** Some owners are gone, others remain: only the references go. */
  | { readonly action: 'dropReferences'; readonly uids: readonly string[] }
  | { readonly action: 'delete'; readonly propagation: 'Background' | 'Foreground' | 'Orphan' };

/**
 * Judges an object by its owners: it lives while one of them does. When the last living ones wait for their
 * dependents, it is deleted, too, in the foreground if it has blocking dependents itself.
 */
export function judge(
  object: ApiObject,
  owners: readonly { readonly reference: OwnerReference; readonly state: OwnerState }[],
  hasDependents: boolean,
): Verdict {
  if (owners.length === 0) return { action: 'keep' };
  const solid = owners.filter(({ state }) => state === 'present');
  const gone = owners.filter(({ state }) => state !== 'present').map(({ reference }) => reference.uid);
  if (solid.length > 0) return gone.length > 0 ? { action: 'dropReferences', uids: gone } : { action: 'keep' };
  const foreground = owners.some(({ state }) => state === 'deletingForeground') && hasDependents;
  return { action: 'delete', propagation: foreground ? 'Foreground' : propagationOf(object) };
}

/** An object whose finalizers already say how its dependents fare keeps to that. */
function propagationOf({ metadata }: ApiObject): 'Background' | 'Foreground' | 'Orphan' {
  if (metadata.finalizers?.includes(orphanFinalizer)) return 'Orphan';
  return metadata.finalizers?.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}

/** Whether the object waits for the collector with this finalizer. */
export function waitsWith({ metadata }: ApiObject, finalizer: string): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(finalizer) === true;
}

/** Whether `dependent` keeps its foreground-deleted owner from going. */
export function blocks(dependent: ApiObject, ownerUid: string): boolean {
  return dependent.metadata.ownerReferences?.some((r) => r.uid === ownerUid && r.blockOwnerDeletion === true) === true;
}

/** The kinds that the collector knows, by group and kind. */
export class KindIndex {
  readonly #byKind = new Map<string, Resource>();
  readonly #byName = new Map<string, Resource>();

  constructor(resources: readonly Resource[]) {
    for (const resource of resources) this.add(resource);
  }

  /** Takes a kind in. */
  add(resource: Resource): void {
    this.#byKind.set(`${resource.group}/${resource.kind}`, resource);
    this.#byName.set(resource.qualified, resource);
  }

  /** Forgets a kind. */
  remove(resource: Resource): void {
    this.#byKind.delete(`${resource.group}/${resource.kind}`);
    this.#byName.delete(resource.qualified);
  }

  /** Every kind. */
  all(): readonly Resource[] {
    return [...this.#byName.values()];
  }

  /** The kind that a reference names. */
  of(reference: OwnerReference): Resource | undefined {
    return this.#byKind.get(`${groupOf(reference.apiVersion)}/${reference.kind}`);
  }

  /** Packs kind and key of an object into one key, for a queue of many kinds. */
  pack(resource: Resource, key: ObjectKey): ObjectKey {
    return { ...key, name: `${resource.qualified}|${key.name}` };
  }

  /** The inverse of `pack`; undefined for keys of the controller's own kind. */
  unpack(key: ObjectKey): { readonly resource: Resource; readonly key: ObjectKey } | undefined {
    const bar = key.name.indexOf('|');
    const resource = this.#byName.get(key.name.slice(0, Math.max(0, bar)));
    return resource && { resource, key: { ...key, name: key.name.slice(bar + 1) } };
  }
}
