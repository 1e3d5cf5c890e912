import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import type { Layout } from '../config/layout.ts';

/** How the last attempt to take a scheduled snapshot went; `snapshots.status` among the records of what runs. */
export interface SnapshotReport {
  /** RFC 3339. */
  readonly time: string;
  /** The file that was, or should have been, written. */
  readonly path: string;
  /** Why it was not. */
  readonly problem?: string | undefined;
}

/** Keeps a report for `kubets status`. */
export async function writeSnapshotReport(layout: Layout, report: SnapshotReport): Promise<void> {
  const file = reportFile(layout);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(report));
  await rename(`${file}.new`, file);
}

/** What is wrong with scheduled snapshots, as a sentence; undefined if nothing is. */
export function snapshotProblem(layout: Layout): string | undefined {
  let report: unknown;
  try {
    report = JSON.parse(readFileSync(reportFile(layout), 'utf8'));
  } catch (error) {
    return isMissing(error) ? undefined : `${reportFile(layout)} can't be read: ${messageOf(error)}`;
  }
  if (!isJsonObject(report) || typeof report['problem'] !== 'string') return undefined;
  return `the snapshot due at ${String(report['time'])} could not be taken: ${report['problem']} (it is tried again every five minutes)`;
}

function reportFile(layout: Layout): string {
  return layout.file('run', 'snapshots.status');
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
