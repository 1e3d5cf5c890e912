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
  const scheduled = names.filter((name) => /^scheduled-\d{8}T\d{6}Z\.snapshot$/.test(name)).sort();
  const leftOver = names.filter((name) => /^scheduled-\d{8}T\d{6}Z\.snapshot\.part-\d+$/.test(name));
  return [...scheduled.slice(0, Math.max(0, scheduled.length - retention)), ...leftOver];
}
