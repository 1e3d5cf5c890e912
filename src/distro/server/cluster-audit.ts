import { auditFlags } from '../components/audit-flags.ts';
import type { AuditFlags } from '../components/audit-flags.ts';
import { loadAuditPolicy } from '../components/audit-policy-file.ts';
import { logSettings, webhookSettings } from '../components/audit-settings.ts';
import { parseFlags } from '../components/parse-flags.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Layout } from '../config/layout.ts';

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

/** What a cluster's API server is told about audit; with a policy it has a log, which lies with the others if none is named. */
export function clusterAuditFlags(config: ClusterConfig, layout: Layout): AuditFlags {
  const own = config.auditPolicyFile === undefined ? {} : { auditLogPath: layout.file('logs', 'audit', 'audit.log') };
  const given = Object.entries(flagNames).flatMap(([name, flag]) => {
    const value = config[name as keyof typeof flagNames] ?? (own as Partial<ClusterConfig>)[name as keyof typeof own];
    return value === undefined ? [] : [`--${flag}=${value}`];
  });
  return parseFlags({ component: 'kube-apiserver', flags: auditFlags, refused: {} }, given).values;
}

/** Throws a UsageError when a cluster could not do what it is told about audit. */
export function checkClusterAudit(config: ClusterConfig, layout: Layout): void {
  const flags = clusterAuditFlags(config, layout);
  if (flags['audit-policy-file'] !== undefined) loadAuditPolicy(flags['audit-policy-file']);
  logSettings(flags);
  webhookSettings(flags);
}
