/** Quotas and limits of a namespace. Source: kubectl's describe. */
import type { LimitRange, LimitRangeItem } from '../../api/core/limit-range.ts';
import type { ResourceQuota } from '../../api/core/resource-quota.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { writeName } from './workload-lines.ts';

const scopeMeanings: Readonly<Record<string, string>> = {
  Terminating:
    'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  NotTerminating:
    'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  BestEffort:
    'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  NotBestEffort:
    'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
};

/** The scopes of a quota, and what those that need it mean. */
export function writeScopes(writer: DescribeWriter, level: number, scopes: readonly string[] = []): void {
  if (scopes.length === 0) return;
  const sorted = [...scopes].sort();
  writer.line(level, `Scopes:\t${sorted.join(', ')}`);
  for (const scope of sorted) if (scopeMeanings[scope]) writer.line(level, ` * ${scopeMeanings[scope]}`);
}

/** What of a quota is used. */
export function writeUsage(writer: DescribeWriter, level: number, { status }: ResourceQuota): void {
  const hard = status?.hard ?? {};
  for (const name of Object.keys(hard).toSorted()) {
    writer.line(level, `${name}\t${status?.used?.[name] ?? '0'}\t${hard[name]}`);
  }
}

/** Everything about a quota. */
export async function describeQuota(quota: ResourceQuota, { writer }: DescribeContext): Promise<void> {
  writeName(writer, quota);
  writeScopes(writer, 0, quota.spec.scopes);
  writer.line(0, 'Resource\tUsed\tHard');
  writer.line(0, '--------\t----\t----');
  writeUsage(writer, 0, quota);
}

/** Everything about a limit range. */
export async function describeLimitRange(range: LimitRange, { writer }: DescribeContext): Promise<void> {
  writeName(writer, range);
  writer.line(0, 'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio');
  writer.line(0, '----\t--------\t---\t---\t---------------\t-------------\t-----------------------');
  for (const item of range.spec.limits) writeLimit(writer, item, '');
}

/** The quotas of a namespace. */
export function writeQuotas(writer: DescribeWriter, quotas: readonly ResourceQuota[]): void {
  if (quotas.length === 0) return writer.line(0, 'No resource quota.');
  writer.line(0, 'Resource Quotas');
  for (const quota of quotas.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    writer.line(1, `Name:\t${quota.metadata.name}`);
    writeScopes(writer, 1, quota.spec.scopes);
    writer.line(1, 'Resource\tUsed\tHard');
    writer.line(1, '--------\t---\t---');
    writeUsage(writer, 1, quota);
  }
}

/** The limit ranges of a namespace. */
export function writeLimits(writer: DescribeWriter, ranges: readonly LimitRange[]): void {
  if (ranges.length === 0) return writer.line(0, 'No LimitRange resource.');
  writer.line(0, 'Resource Limits');
  writer.line(0, ' Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio');
  writer.line(0, ' ----\t--------\t---\t---\t---------------\t-------------\t-----------------------');
  for (const { spec } of ranges) for (const item of spec.limits) writeLimit(writer, item, ' ');
}

/** One line for each resource that an item limits. */
export function writeLimit(writer: DescribeWriter, item: LimitRangeItem, prefix: string): void {
  const { type, max, min, default: limit, defaultRequest, maxLimitRequestRatio } = item;
  const columns = [min, max, defaultRequest, limit, maxLimitRequestRatio];
  const names = new Set(columns.flatMap((amounts) => Object.keys(amounts ?? {})));
  for (const name of names) {
    writer.line(0, `${prefix}${type}\t${name}\t${columns.map((amounts) => amounts?.[name] ?? '-').join('\t')}`);
  }
}
