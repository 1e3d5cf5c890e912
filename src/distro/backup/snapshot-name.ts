/** The names of snapshots in a folder of them. */

const extension = '.snapshot';
const scheduledStart = 'scheduled-';

/** A time as it goes into names: `20261123T044400Z`. They sort by time. */
export function stampOf(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** The name of a snapshot that somebody asked for. */
export function onDemandName(ms: number): string {
  return `on-demand-${stampOf(ms)}${extension}`;
}

/** The name of one that was taken by the schedule. */
export function scheduledName(ms: number): string {
  return `${scheduledStart}${stampOf(ms)}${extension}`;
}

/** Those of `names` that are too many, the oldest first, and what interrupted writers left behind. Nothing else is ever deleted. */
export function superfluous(names: readonly string[], retention: number): readonly string[] {
  const scheduled = scheduledOf(names);
  const leftOver = names.filter((name) => /^scheduled-\d{8}T\d{6}Z\.snapshot\.part-\d+$/.test(name));
  return [...scheduled.slice(0, Math.max(0, scheduled.length - retention)), ...leftOver];
}

/** When the newest of the scheduled ones among `names` was taken; undefined if there is none. */
export function newestScheduled(names: readonly string[]): number | undefined {
  const newest = scheduledOf(names).at(-1);
  const parts = newest === undefined ? null : /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(newest);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [number, ...number[]];
  return Date.UTC(year, (month ?? 1) - 1, day, hour, minute, second);
}

function scheduledOf(names: readonly string[]): readonly string[] {
  return names.filter((name) => /^scheduled-\d{8}T\d{6}Z\.snapshot$/.test(name)).sort();
}
