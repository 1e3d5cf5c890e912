/** The names of snapshots in a folder of them. */

const extension = '.snapshot';

/** A time as it goes into names: `20261123T044400Z`. They sort by time. */
export function stampOf(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** The name of a snapshot that somebody asked for. */
export function onDemandName(ms: number): string {
  return `on-demand-${stampOf(ms)}${extension}`;
}

/** The name of one that was taken by the schedule of a machine; several may share a folder. */
export function scheduledName(machine: string, ms: number): string {
  return `scheduled-${machine}-${stampOf(ms)}${extension}`;
}

/**
 * Of `names`, the scheduled ones of a machine that are too many, the oldest first, and what its interrupted writers left
 * behind. Nothing else is ever deleted.
 */
export function superfluous(names: readonly string[], machine: string, retention: number): readonly string[] {
  const scheduled = scheduledOf(names, machine);
  const leftOver = names.filter(
    (name) => isScheduled(name.replace(/\.part-\d+$/, ''), machine) && !scheduled.includes(name),
  );
  return [...scheduled.slice(0, Math.max(0, scheduled.length - retention)), ...leftOver];
}

/** When the newest of a machine's scheduled ones among `names` was taken; undefined if there is none. */
export function newestScheduled(names: readonly string[], machine: string): number | undefined {
  const newest = scheduledOf(names, machine).at(-1);
  const parts = newest === undefined ? null : /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.snapshot$/.exec(newest);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [number, ...number[]];
  return Date.UTC(year, (month ?? 1) - 1, day, hour, minute, second);
}

function scheduledOf(names: readonly string[], machine: string): readonly string[] {
  return names.filter((name) => isScheduled(name, machine)).sort();
}

function isScheduled(name: string, machine: string): boolean {
  const start = `scheduled-${machine}-`;
  return name.startsWith(start) && /^\d{8}T\d{6}Z\.snapshot$/.test(name.slice(start.length));
}
