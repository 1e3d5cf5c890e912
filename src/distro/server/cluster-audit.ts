import { auditFlags } from '../components/audit-flags.ts';
import type { AuditFlags } from '../components/audit-flags.ts';
import { loadAuditPolicy } from '../components/audit-policy-file.ts';
import { logSettings, webhookSettings } from '../components/audit-settings.ts';
import { parseFlags } from '../components/parse-flags.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Layout } from '../config/layout.ts';
import { clusterAuditPolicy } from './cluster-audit-policy.ts';

/** The settings of a cluster about audit, by the API server's flags. */
const flagNames = {
  auditPolicyFile: 'audit-policy-file',
  auditLogPath: 'audit-log-path',
  auditLogMaxage: 'audit-log-maxage',
  auditLogMaxbackup: 'audit-log-maxbackup',
  auditLogMaxsize: 'audit-log-maxsize',
  auditLogMode: 'audit-log-mode',
  auditWebhookConfigFile: 'audit-webhook-config-file',
} as const satisfies Partial<Record<keyof ClusterConfig, keyof AuditFlags>>;

/** As `--audit-policy-file`: nothing is recorded. */
export const noAudit = 'none';

/** What a cluster's API server is told about audit. */
export interface ClusterAudit {
  readonly flags: AuditFlags;
  /** The policy of clusters that are given none. */
  readonly policy: typeof clusterAuditPolicy | undefined;
}

/**
 * How a cluster records requests: by its own policy unless it is given another, in a log that lies with the others unless a
 * place is named, and without keeping requests waiting. Old logs are kept as the CIS Benchmark asks.
 */
export function clusterAudit(config: ClusterConfig, layout: Layout): ClusterAudit {
  const { auditPolicyFile } = config;
  const isOff = auditPolicyFile === noAudit;
  const own: Partial<ClusterConfig> = {
    auditLogPath: layout.file('logs', 'audit', 'audit.log'),
    auditLogMaxage: 30,
    auditLogMaxbackup: 10,
    auditLogMode: 'batch',
  };
  const wanted = {
    ...own,
    ...definedOnly(config),
    ...(isOff ? { auditPolicyFile: undefined, auditLogPath: undefined } : {}),
  };
  const given = Object.entries(flagNames).flatMap(([name, flag]) => {
    const value = wanted[name as keyof typeof flagNames];
    return value === undefined ? [] : [`--${flag}=${value}`];
  });
  const { values: flags } = parseFlags({ component: 'kube-apiserver', flags: auditFlags, refused: {} }, [
    ...batches,
    ...given,
  ]);
  return { flags, policy: auditPolicyFile === undefined ? clusterAuditPolicy : undefined };
}

/** Lines are written many at a time: one by one costs more than all the rest of recording. */
const batches = ['--audit-log-batch-max-size=100', '--audit-log-batch-max-wait=200ms'];

function definedOnly(config: ClusterConfig): Partial<ClusterConfig> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

/** Throws a UsageError when a cluster could not do what it is told about audit. */
export function checkClusterAudit(config: ClusterConfig, layout: Layout): void {
  const { flags } = clusterAudit(config, layout);
  if (flags['audit-policy-file'] !== undefined) loadAuditPolicy(flags['audit-policy-file']);
  logSettings(flags);
  webhookSettings(flags);
}
