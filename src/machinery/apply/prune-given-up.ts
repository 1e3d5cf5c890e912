import type { FieldManager, FieldManagers } from './field-managers.ts';
import { difference, intersection, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import type { MergeType } from './merge-type.ts';
import type { VersionedType } from './versioned-objects.ts';

/** One version of the kind, with the ways from and to that of the request. */
interface View {
  readonly type: MergeType;
  readonly apiVersion: string;
  to(object: object): object;
  from(object: object): object;
}

/** What is about to be pruned: by whom, and who is there. */
export interface Pruning {
  /** The applier as it was before. */
  readonly last: FieldManager;
  /** All managers as they are now, the applier with what it applies. */
  readonly managers: FieldManagers;
  readonly versions: VersionedType;
}

/**
 * The merged object without what its applier had applied before and nobody manages now.
 * Source: structured-merge-diff's Updater.prune.
 */
export function pruneGivenUp(merged: object, { last, managers, versions }: Pruning): object {
  const view = viewOf(versions, last.apiVersion);
  if (!view) return merged;
  const inView = view.to(merged);
  const had = view.type.withNamedFields(last.set);
  const bare = view.from(removed(view.type, inView, had));
  const pruned = withOwnedParts(merged, bare, { managers, versions, first: last.apiVersion });
  // What goes with a container but was never the applier's comes back, too, if the container does.
  const gone = difference(namedFields(view.type, inView), namedFields(view.type, view.to(pruned)));
  return view.from(removed(view.type, inView, intersection(gone, had)));
}

/** Puts back into the pruned object what has managers, in the version in which each of them knows it. */
function withOwnedParts(
  merged: object,
  pruned: object,
  {
    managers,
    versions,
    first,
  }: { readonly managers: FieldManagers; readonly versions: VersionedType; readonly first: string },
): object {
  const sets = new Map<string, FieldSet | undefined>([[first, undefined]]);
  for (const { apiVersion, set } of managers) sets.set(apiVersion, union(sets.get(apiVersion), set));
  let result = pruned;
  for (const [apiVersion, managed] of sets) {
    const view = managed && viewOf(versions, apiVersion);
    if (!view) continue;
    const whole = view.to(merged);
    const present = namedFields(view.type, view.to(result));
    const lost = difference(namedFields(view.type, whole), union(present, view.type.withNamedFields(managed)));
    result = view.from(removed(view.type, whole, lost));
  }
  return result;
}

function namedFields(type: MergeType, object: object): FieldSet | undefined {
  const set = type.fieldsOf(object);
  return set && type.withNamedFields(set);
}

function removed(type: MergeType, object: object, set: FieldSet | undefined): object {
  return set ? ((type.remove(object, set) as object | null) ?? {}) : object;
}

function viewOf(versions: VersionedType, apiVersion: string): View | undefined {
  if (apiVersion === versions.apiVersion) return { apiVersion, type: versions.type, to: same, from: same };
  const other = versions.otherVersion(apiVersion);
  if (!other) return undefined;
  return {
    apiVersion,
    type: other.type,
    to: (object) => other.convert(object),
    from: (object) => other.convertBack(object),
  };
}

const same = (object: object): object => object;
