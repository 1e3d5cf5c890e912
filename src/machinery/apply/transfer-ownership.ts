/** What a change means for those who managed the fields that it touches. Source: structured-merge-diff's merge.Updater. */
import { isManager } from './field-managers.ts';
import type { FieldManager, FieldManagers, Writer } from './field-managers.ts';
import { difference, intersection, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import type { Difference } from './merge-type.ts';
import type { Change, VersionedType } from './versioned-objects.ts';

/** A manager, and the fields of its that somebody else has set to something else. */
export interface ManagerConflict {
  readonly manager: FieldManager;
  readonly fields: FieldSet;
}

/** What a change did. */
export interface Transfer {
  /** The managers with what they still have: those with nothing are gone, as are those of versions not served any more. */
  readonly managers: FieldManagers;
  /** How the object differs, in the version of the request. */
  readonly difference: Difference | undefined;
  readonly conflicts: readonly ManagerConflict[];
}

/** Who makes a change. */
export interface ChangeMaker {
  readonly versions: VersionedType;
  /** Keeps all that it has. */
  readonly keeper?: FieldManager | undefined;
  /** Keeps what it has, but for what is removed. */
  readonly writer?: Writer | undefined;
}

/** Takes from the managers what a change sets or removes. */
export function transferOwnership(
  { before, after }: Change,
  managers: FieldManagers,
  { versions, keeper, writer }: ChangeMaker,
): Transfer {
  const compared = new Map([[versions.apiVersion, filtered(versions.type.compare(before, after), versions)]]);
  const remaining: FieldManager[] = [];
  const conflicts: ManagerConflict[] = [];
  for (const manager of managers) {
    if (manager === keeper) {
      remaining.push(manager);
      continue;
    }
    const { apiVersion } = manager;
    if (!compared.has(apiVersion)) {
      const other = versions.otherVersion(apiVersion);
      if (!other) continue;
      compared.set(apiVersion, filtered(other.type.compare(other.convert(before), other.convert(after)), other));
    }
    const changes = compared.get(apiVersion);
    const isWriter = writer !== undefined && isManager(manager, writer);
    const { rest, conflict } = isWriter ? withoutRemoved(manager, changes) : without(manager, changes);
    if (conflict) conflicts.push({ manager, fields: conflict });
    if (rest) remaining.push(rest);
  }
  return { managers: remaining, difference: compared.get(versions.apiVersion), conflicts };
}

interface Remainder {
  readonly rest?: FieldManager | undefined;
  readonly conflict?: FieldSet | undefined;
}

function without(manager: FieldManager, changes: Difference | undefined): Remainder {
  if (!changes) return { rest: manager };
  const conflict = intersection(manager.set, union(changes.modified, changes.added));
  return { conflict, rest: withSet(manager, difference(difference(manager.set, conflict), changes.removed)) };
}

function withoutRemoved(manager: FieldManager, changes: Difference | undefined): Remainder {
  return { rest: withSet(manager, difference(manager.set, changes?.removed)) };
}

function withSet(manager: FieldManager, set: FieldSet | undefined): FieldManager | undefined {
  if (set === undefined || set === manager.set) return set && manager;
  return { ...manager, set };
}

function filtered(changes: Difference | undefined, { filter }: Pick<VersionedType, 'filter'>): Difference | undefined {
  if (!changes) return undefined;
  const added = filter(changes.added);
  const modified = filter(changes.modified);
  const removed = filter(changes.removed);
  return added || modified || removed ? { added, modified, removed } : undefined;
}
