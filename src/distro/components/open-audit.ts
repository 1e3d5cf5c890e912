import { everyBackend, ignoringErrors, AuditFailures } from '../../apiserver/audit/audit-backend.ts';
import type { AuditBackend } from '../../apiserver/audit/audit-backend.ts';
import { AuditMetrics } from '../../apiserver/audit/audit-metrics.ts';
import { compileAuditPolicy } from '../../apiserver/audit/audit-policy.ts';
import { createAudit } from '../../apiserver/audit/audit.ts';
import type { Audit } from '../../apiserver/audit/audit.ts';
import { bufferedBackend } from '../../apiserver/audit/buffered-backend.ts';
import { logBackend } from '../../apiserver/audit/log-backend.ts';
import type { AuditWriter } from '../../apiserver/audit/log-backend.ts';
import { openRotatingFile } from '../../apiserver/audit/rotating-file.ts';
import { truncatingBackend } from '../../apiserver/audit/truncating-backend.ts';
import { webhookBackend } from '../../apiserver/audit/webhook-backend.ts';
import { createKubeconfigWebhook } from '../../apiserver/webhooks/kubeconfig-webhook.ts';
import { messageOf } from '../../base/errors.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { AuditFlags } from './audit-flags.ts';
import { loadAuditPolicy } from './audit-policy-file.ts';
import { logSettings, webhookSettings } from './audit-settings.ts';
import type { BackendSettings, LogSettings, WebhookSettings } from './audit-settings.ts';
import type { ComponentContext } from './component-command.ts';

/** What recording takes. */
export type AuditContext = Omit<ComponentContext, 'given'>;

/**
 * Opens what the flags say that requests are recorded in; undefined when nothing is. `usual` is the policy where they name
 * none. Throws UsageError.
 */
export async function openAudit(
  flags: AuditFlags,
  context: AuditContext,
  usual?: Parameters<typeof compileAuditPolicy>[0],
): Promise<Audit | undefined> {
  const { clock, log } = context;
  const policyFile = flags['audit-policy-file'];
  const policy = policyFile === undefined ? usual : loadAuditPolicy(policyFile);
  const settings = { log: logSettings(flags), webhook: webhookSettings(flags) };
  if (!policy) {
    if (settings.log ?? settings.webhook) log.info('No audit policy file provided, no events will be recorded');
    return undefined;
  }
  const metrics = new AuditMetrics();
  const parts = { ...context, failures: new AuditFailures(metrics, log) };
  const backends = [
    ...(settings.log ? [openLog(settings.log, parts)] : []),
    ...(settings.webhook ? [await openWebhook(settings.webhook, parts)] : []),
  ];
  if (backends.length === 0) return undefined;
  return createAudit({ scopes: compileAuditPolicy(policy), backend: everyBackend(backends), metrics, clock, log });
}

interface Parts extends AuditContext {
  readonly failures: AuditFailures;
}

function openLog(settings: LogSettings, parts: Parts): AuditBackend {
  const { file, format } = settings;
  return wrapped(logBackend(file ? openFile(file, parts) : standardOutput(), format, parts.failures), settings, parts);
}

function openFile(file: NonNullable<LogSettings['file']>, parts: Parts): AuditWriter {
  try {
    return openRotatingFile(file, parts);
  } catch (error) {
    throw new UsageError(`--audit-log-path ${file.path} can't be opened: ${messageOf(error)}`, { cause: error });
  }
}

async function openWebhook(settings: WebhookSettings, parts: Parts): Promise<AuditBackend> {
  const { configFile, initialBackoff } = settings;
  let post: ReturnType<typeof createKubeconfigWebhook>;
  try {
    post = createKubeconfigWebhook((await loadKubeconfig(configFile)).connection);
  } catch (error) {
    throw new UsageError(`initializing audit webhook: ${messageOf(error)}: from file ${configFile}`, { cause: error });
  }
  return wrapped(
    webhookBackend(async (body) => void (await post(body)), initialBackoff, parts),
    settings,
    parts,
  );
}

function wrapped(backend: AuditBackend, { mode, batch, truncation }: BackendSettings, parts: Parts): AuditBackend {
  const inMode =
    mode === 'batch' ? bufferedBackend(backend, batch, parts) : mode === 'blocking' ? ignoringErrors(backend) : backend;
  return truncation ? truncatingBackend(inMode, truncation, parts.failures) : inMode;
}

function standardOutput(): AuditWriter {
  return {
    append: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    close: async () => undefined,
  };
}
