import type { SnapshotStatus } from '../../store/snapshot/snapshot-file.ts';

/** What a snapshot holds, as `etcdutl snapshot status` shows it: a table, or JSON with the same names and more. */
export function statusOutput(status: SnapshotStatus, format: 'table' | 'json'): string {
  return format === 'json' ? `${JSON.stringify(jsonOf(status))}\n` : table(rowsOf(status));
}

function jsonOf({ sha256, revision, count, totalSize, format, ...rest }: SnapshotStatus) {
  const { time, store, cluster, writer, fileSize } = rest;
  return {
    hash: sha256,
    revision,
    totalKey: count,
    totalSize,
    version: String(format),
    time,
    store,
    cluster,
    writer,
    fileSize,
  };
}

function rowsOf({ sha256, revision, count, totalSize, fileSize, time, format }: SnapshotStatus) {
  return [
    ['HASH', 'REVISION', 'TOTAL KEYS', 'TOTAL SIZE', 'FILE SIZE', 'TIME', 'FORMAT'],
    [
      sha256.slice(0, 8),
      String(revision),
      String(count),
      bytesText(totalSize),
      bytesText(fileSize),
      time,
      String(format),
    ],
  ];
}

/** Bytes as etcdutl writes them: `9.2 MB`, in steps of 1,000. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const written = rows.map((row) => `|${row.map((cell, column) => ` ${centered(cell, widths[column]!)} `).join('|')}|`);
  return `${[line, written[0], line, ...written.slice(1), line].join('\n')}\n`;
}

function centered(text: string, width: number): string {
  return text.padStart(text.length + ((width - text.length) >> 1)).padEnd(width);
}
