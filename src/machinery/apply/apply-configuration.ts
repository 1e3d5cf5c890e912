/** Server-side apply: merges a configuration into an object. Source: structured-merge-diff's merge.Updater. */
import { equalJson } from '../patch/equal-json.ts';
import { isManager } from './field-managers.ts';
import type { FieldManager, FieldManagers, Writer } from './field-managers.ts';
import { difference, equalSets, withMembership } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { pruneGivenUp } from './prune-given-up.ts';
import { transferOwnership } from './transfer-ownership.ts';
import type { ManagerConflict } from './transfer-ownership.ts';
import type { VersionedType } from './versioned-objects.ts';

/** A configuration on its way into an object. Neither carries managed fields. */
export interface Application {
  readonly live: object;
  readonly configuration: object;
  readonly managers: FieldManagers;
  readonly manager: string;
  readonly subresource: string;
  /** RFC 3339, in seconds. */
  readonly time: string;
}

/** The outcome of an apply. */
export interface Applied {
  /** The merged object: the very `live` if nothing changed. Not decoded: without defaults, nulls where things are gone. */
  readonly object: object;
  readonly managers: FieldManagers;
  /** Those who have set fields to something else; the outcome is that of taking the fields from them. */
  readonly conflicts: readonly ManagerConflict[];
}

/**
 * Merges a configuration into an object: what it says is set and belongs to the applier, what the applier said before and
 * now does not is removed unless somebody else has it.
 */
export function applyConfiguration(application: Application, versions: VersionedType): Applied {
  const { live, configuration, manager, subresource, time } = application;
  const writer: Writer = { manager, operation: 'Apply', apiVersion: versions.apiVersion, subresource };
  const managers = reconciled(application.managers, versions);
  const last = managers.find((entry) => isManager(entry, writer));
  const set = versions.filter(configuredFields(configuration, versions));
  const applier = set && { ...writer, time: last?.time, set };
  const others = managers.filter((entry) => entry !== last);
  const all = applier ? [...others, applier] : others;

  let object = versions.type.merge(live, configuration) as object;
  if (last && givesUp(last, applier)) object = pruneGivenUp(object, { last, managers: all, versions });
  const transfer = transferOwnership({ before: live, after: object }, all, { versions, keeper: applier });
  const unchanged = equalJson(live, object);
  const stays = unchanged && last !== undefined && equalSets(last.set, set) && last.apiVersion === versions.apiVersion;
  return {
    object: unchanged ? live : object,
    managers: stays ? transfer.managers : transfer.managers.map((m) => (m === applier ? { ...m, time } : m)),
    conflicts: transfer.conflicts,
  };
}

/** The fields that a configuration mentions. */
export function configuredFields(configuration: object, { type }: Pick<VersionedType, 'type'>): FieldSet | undefined {
  const set = type.fieldsOf(configuration);
  const metadata = set?.['f:metadata'];
  if (!set || !metadata) return set;
  // That there is metadata is nobody's doing.
  const below = withMembership(metadata, false);
  if (below) return { ...set, 'f:metadata': below };
  const { 'f:metadata': _nothing, ...rest } = set;
  return Object.keys(rest).length > 0 ? rest : undefined;
}

function givesUp(last: FieldManager, applier: FieldManager | undefined): boolean {
  return applier?.apiVersion !== last.apiVersion || difference(last.set, applier.set) !== undefined;
}

function reconciled(managers: FieldManagers, versions: VersionedType): FieldManagers {
  return managers.map((manager) => {
    const { apiVersion } = manager;
    const type = apiVersion === versions.apiVersion ? versions.type : versions.otherVersion(apiVersion)?.type;
    const set = type ? type.reconcile(manager.set) : manager.set;
    return set === manager.set ? manager : { ...manager, set };
  });
}
