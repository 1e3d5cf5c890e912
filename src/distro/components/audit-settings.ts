/** Whether the flags about audit go together, in upstream's words. Source: apiserver's server/options, audit.go. */
import type { BatchSettings } from '../../apiserver/audit/buffered-backend.ts';
import { auditLogFormats } from '../../apiserver/audit/log-backend.ts';
import type { AuditLogFormat } from '../../apiserver/audit/log-backend.ts';
import type { RotatingFileOptions } from '../../apiserver/audit/rotating-file.ts';
import type { TruncationLimits } from '../../apiserver/audit/truncating-backend.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { AuditFlags } from './audit-flags.ts';

/** How events go to a backend. */
export interface BackendSettings {
  readonly mode: AuditMode;
  /** In batch mode. */
  readonly batch: BatchSettings;
  readonly truncation: TruncationLimits | undefined;
}

const modes = ['batch', 'blocking', 'blocking-strict'] as const;
/** Whether requests wait for their events. */
export type AuditMode = (typeof modes)[number];

/** Where the log is. */
export interface LogSettings extends BackendSettings {
  /** Undefined: standard output. */
  readonly file: RotatingFileOptions | undefined;
  readonly format: AuditLogFormat;
}

/** Where else events go. */
export interface WebhookSettings extends BackendSettings {
  readonly configFile: string;
  /** Milliseconds. */
  readonly initialBackoff: number;
}

/** The log that flags ask for, if they do. Throws UsageError. */
export function logSettings(flags: AuditFlags): LogSettings | undefined {
  const path = flags['audit-log-path'];
  if (path === undefined) return undefined;
  const backend = backendSettings('log', flags);
  const format = auditLogFormats.find((known) => known === flags['audit-log-format']);
  if (!format) {
    const allowed = JSON.stringify(auditLogFormats.join(','));
    throw new UsageError(`invalid audit log format ${flags['audit-log-format']}, allowed formats are ${allowed}`);
  }
  for (const name of ['maxage', 'maxbackup', 'maxsize'] as const) {
    const value = flags[`audit-log-${name}`];
    if (value < 0) throw new UsageError(`--audit-log-${name} ${value} can't be a negative number`);
  }
  const file = {
    path,
    maxSize: flags['audit-log-maxsize'] * 1024 * 1024,
    maxBackups: flags['audit-log-maxbackup'],
    maxAge: flags['audit-log-maxage'],
    compress: flags['audit-log-compress'],
    blocking: backend.mode !== 'batch',
  };
  return { ...backend, format, file: path === '-' ? undefined : file };
}

/** The webhook that flags ask for, if they do. Throws UsageError. */
export function webhookSettings(flags: AuditFlags): WebhookSettings | undefined {
  const configFile = flags['audit-webhook-config-file'];
  if (configFile === undefined) return undefined;
  const initialBackoff = flags['audit-webhook-batch-initial-backoff'] ?? flags['audit-webhook-initial-backoff'];
  return { ...backendSettings('webhook', flags), configFile, initialBackoff };
}

function backendSettings(name: 'log' | 'webhook', flags: AuditFlags): BackendSettings {
  const mode = modes.find((known) => known === flags[`audit-${name}-mode`]);
  if (!mode) {
    const allowed = JSON.stringify(modes.join(','));
    throw new UsageError(`invalid audit ${name} mode ${flags[`audit-${name}-mode`]}, allowed modes are ${allowed}`);
  }
  if (flags[`audit-${name}-version`] !== 'audit.k8s.io/v1')
    throw new UsageError('invalid group version, allowed versions are ["audit.k8s.io/v1"]');
  return { mode, batch: batchSettings(name, flags, mode), truncation: truncationLimits(name, flags) };
}

function batchSettings(name: 'log' | 'webhook', flags: AuditFlags, mode: AuditMode): BatchSettings {
  const throttles = flags[`audit-${name}-batch-throttle-enable`];
  const numbers = {
    'buffer size': flags[`audit-${name}-batch-buffer-size`],
    'max batch size': flags[`audit-${name}-batch-max-size`],
    'throttle QPS': flags[`audit-${name}-batch-throttle-qps`],
    'throttle burst': flags[`audit-${name}-batch-throttle-burst`],
  };
  for (const [what, value] of Object.entries(numbers)) {
    const counts = mode === 'batch' && (throttles || !what.startsWith('throttle'));
    if (counts && value <= 0)
      throw new UsageError(`invalid audit batch ${name} ${what} ${value}, must be a positive number`);
  }
  return {
    bufferSize: numbers['buffer size'],
    maxBatchSize: numbers['max batch size'],
    maxBatchWait: flags[`audit-${name}-batch-max-wait`],
    throttle: throttles ? { qps: numbers['throttle QPS'], burst: numbers['throttle burst'] } : undefined,
    // A log has its lines in their order; a webhook that hangs must not pile up batches without bound.
    concurrency: name === 'log' ? 1 : Math.max(1, numbers['throttle burst']),
  };
}

function truncationLimits(name: 'log' | 'webhook', flags: AuditFlags): TruncationLimits | undefined {
  const maxEventSize = flags[`audit-${name}-truncate-max-event-size`];
  const maxBatchSize = flags[`audit-${name}-truncate-max-batch-size`];
  const invalid = `invalid audit truncate ${name} max`;
  if (maxEventSize <= 0) throw new UsageError(`${invalid} event size ${maxEventSize}, must be a positive number`);
  if (maxBatchSize < maxEventSize) {
    throw new UsageError(
      `${invalid} batch size ${maxBatchSize}, must be greater than max event size (${maxEventSize})`,
    );
  }
  return flags[`audit-${name}-truncate-enabled`] ? { maxEventSize, maxBatchSize } : undefined;
}
