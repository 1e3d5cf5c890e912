/** Records who set the fields that a create, an update or a patch changed. */
import { compareText, isManager } from './field-managers.ts';
import type { FieldManager, FieldManagers, Writer } from './field-managers.ts';
import { union } from './field-set.ts';
import { transferOwnership } from './transfer-ownership.ts';
import type { Change, VersionedType } from './versioned-objects.ts';

/** More managers of updates than these are merged into one, the oldest first. Source: DefaultMaxUpdateManagers. */
const maxUpdateManagers = 10;

/** The manager of what the oldest updates set. */
const ancientChanges = 'ancient-changes';

/** Who updates, with which operation `Update`, and when. */
export interface Update {
  readonly manager: string;
  readonly subresource: string;
  /** RFC 3339, in seconds. */
  readonly time: string;
}

/**
 * The managers after a change: the updater has what it set besides what it had; nobody has what is gone. The same array if
 * nothing changed. For a create, `before` is an object without anything.
 */
export function trackUpdate(
  change: Change,
  managers: FieldManagers,
  { versions, update }: { readonly versions: VersionedType; readonly update: Update },
): FieldManagers {
  const { manager, subresource, time } = update;
  const writer: Writer = {
    manager: manager || 'unknown',
    operation: 'Update',
    apiVersion: versions.apiVersion,
    subresource,
  };
  const { difference, managers: remaining } = transferOwnership(change, managers, { versions, writer });
  if (!difference) return remaining.length === managers.length ? managers : remaining;
  const set = versions.filter(union(difference.modified, difference.added));
  if (!set) return capped(remaining);
  const had = remaining.find((entry) => isManager(entry, writer));
  const rest = had ? remaining.filter((entry) => entry !== had) : remaining;
  return capped([...rest, { ...writer, time, set: union(had?.set, set)! }]);
}

/** Source: apimachinery's capManagersManager. */
function capped(managers: FieldManagers): FieldManagers {
  const updaters = managers.filter(({ operation }) => operation === 'Update');
  let excess = updaters.length - maxUpdateManagers;
  if (excess <= 0) return managers;
  const gone = new Set<FieldManager>();
  const buckets = new Map<string, FieldManager>();
  for (const updater of updaters.sort(byAge)) {
    if (excess <= 0) break;
    const { apiVersion } = updater;
    const bucket = buckets.get(apiVersion);
    gone.add(updater);
    if (!bucket) {
      buckets.set(apiVersion, updater);
      continue;
    }
    buckets.set(apiVersion, {
      ...updater,
      manager: ancientChanges,
      subresource: '',
      set: union(updater.set, bucket.set)!,
    });
    excess--;
  }
  return [...managers.filter((manager) => !gone.has(manager)), ...buckets.values()];
}

function byAge(a: FieldManager, b: FieldManager): number {
  // What is merged already comes first, so that there is one such manager of a version.
  const merged = Number(b.manager === ancientChanges) - Number(a.manager === ancientChanges);
  return merged || compareText(a.time ?? '', b.time ?? '') || compareText(a.manager, b.manager);
}
