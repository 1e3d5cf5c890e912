/** Who decides what users may do, as flags and files say it. */
import { createAbacAuthorizer } from '../../apiserver/authorization/abac/abac-authorizer.ts';
import { parseAbacPolicies } from '../../apiserver/authorization/abac/abac-policy.ts';
import { authorizationWebhookMetrics } from '../../apiserver/authorization/authorization-metrics.ts';
import type { AuthorizationSettings, AuthorizerChoice } from '../../apiserver/authorization/authorization-parts.ts';
import { compileAccessCondition } from '../../apiserver/authorization/webhook/match-conditions.ts';
import { createWebhookAuthorizer } from '../../apiserver/authorization/webhook/webhook-authorizer.ts';
import { createKubeconfigWebhook } from '../../apiserver/webhooks/kubeconfig-webhook.ts';
import { messageOf } from '../../base/errors.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { parseDuration } from '../../machinery/duration.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { AuthorizationWebhook, AuthorizerConfiguration } from './authorization-configuration.ts';
import { loadAuthorizationConfiguration } from './authorization-file.ts';
import type { AuthorizationFlags } from './authorization-flags.ts';
import { authorizerTypes } from './authorization-validation.ts';
import { readFlagFile } from './common-flags.ts';
import type { ComponentContext } from './component-command.ts';
import { configurationReloads } from './configuration-reloads.ts';
import type { CountingContext } from './configuration-reloads.ts';
import { fileHash } from './file-hash.ts';

type Context = Omit<ComponentContext, 'given'> & CountingContext;

const policyFlag = 'authorization-policy-file';
const webhookFlag = 'authorization-webhook-config-file';
const defaultModes: readonly string[] = ['Node', 'RBAC'];
/** How often a file is looked at. */
const reloadMs = 10_000;
/** How long webhooks of the flags may take. Source: apiserver's util/webhook. */
const flagTimeout = '30s';

/** Reads flags and files. Throws UsageError in upstream's words. */
export async function authorizationSettings(
  flags: AuthorizationFlags,
  context: Context,
): Promise<AuthorizationSettings> {
  const path = flags['authorization-config'];
  const errors = path === undefined ? modeErrors(flags) : configErrors(flags);
  if (errors.length > 0) throw new UsageError(errors.join('; '));
  try {
    const configured = path === undefined ? fromFlags(flags) : configuredIn(path);
    const authorizers = await choices(configured, flags, context);
    if (path === undefined) return { authorizers };
    const initial = new Set(configured.map(({ type = '' }) => type));
    return { authorizers, follow: (change, signal) => follow({ path, initial, flags, context }, change, signal) };
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

function modesOf({ 'authorization-mode': modes }: AuthorizationFlags): readonly string[] {
  return modes.length === 0 ? defaultModes : modes;
}

function modeErrors(flags: AuthorizationFlags): readonly string[] {
  const modes = modesOf(flags);
  const errors: string[] = [];
  for (const mode of modes) {
    if (!authorizerTypes.some((known) => known === mode))
      errors.push(`authorization-mode ${JSON.stringify(mode)} is not a valid mode`);
    if (mode === 'ABAC' && flags[policyFlag] === undefined)
      errors.push("authorization-mode ABAC's authorization policy file not passed");
    if (mode === 'Webhook' && flags[webhookFlag] === undefined)
      errors.push("authorization-mode Webhook's authorization config file not passed");
  }
  if (flags[policyFlag] !== undefined && !modes.includes('ABAC'))
    errors.push(`cannot specify --${policyFlag} without mode ABAC`);
  if (flags[webhookFlag] !== undefined && !modes.includes('Webhook'))
    errors.push(`cannot specify --${webhookFlag} without mode Webhook`);
  if (new Set(modes).size < modes.length) {
    const quoted = modes.map((mode) => JSON.stringify(mode)).join(' ');
    errors.push(`authorization-mode [${quoted}] has mode specified more than once`);
  }
  return errors;
}

function configErrors(flags: AuthorizationFlags): readonly string[] {
  const others = [
    flags['authorization-mode'][0],
    flags[webhookFlag],
    flags['authorization-webhook-cache-authorized-ttl'],
    flags['authorization-webhook-cache-unauthorized-ttl'],
  ];
  if (others.every((value) => value === undefined)) return [];
  return [
    '--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined',
  ];
}

function configuredIn(path: string): readonly AuthorizerConfiguration[] {
  return loadAuthorizationConfiguration(path).authorizers ?? [];
}

/** What the flags say, as a file would say it. */
function fromFlags(flags: AuthorizationFlags): readonly AuthorizerConfiguration[] {
  return modesOf(flags).map((type) =>
    type === 'Webhook' ? { type, name: 'default', webhook: webhookOf(flags) } : { type, name: type.toLowerCase() },
  );
}

function webhookOf(flags: AuthorizationFlags): AuthorizationWebhook {
  const authorized = flags['authorization-webhook-cache-authorized-ttl'] ?? 300_000;
  const unauthorized = flags['authorization-webhook-cache-unauthorized-ttl'] ?? 30_000;
  return {
    authorizedTTL: `${authorized}ms`,
    cacheAuthorizedRequests: authorized > 0,
    unauthorizedTTL: `${unauthorized}ms`,
    cacheUnauthorizedRequests: unauthorized > 0,
    timeout: flagTimeout,
    subjectAccessReviewVersion: flags['authorization-webhook-version'],
    failurePolicy: 'NoOpinion',
    connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: flags[webhookFlag] },
  };
}

function choices(
  configured: readonly AuthorizerConfiguration[],
  flags: AuthorizationFlags,
  context: Context,
): Promise<readonly AuthorizerChoice[]> {
  return Promise.all(
    configured.map(async ({ type = '', name = '', webhook }): Promise<AuthorizerChoice> => {
      switch (type) {
        case 'Node':
        case 'RBAC':
        case 'AlwaysAllow':
        case 'AlwaysDeny':
          return { type, name };
        case 'ABAC':
          return { type, name, authorizer: abac(flags[policyFlag]) };
        default:
          if (!webhook) throw new Error(`unknown authorization mode ${type} specified`);
          return { type: 'Webhook', name, authorizer: await webhookAuthorizer(name, webhook, context) };
      }
    }),
  );
}

function abac(path: string | undefined): ReturnType<typeof createAbacAuthorizer> {
  if (path === undefined) throw new Error("authorization-mode ABAC's authorization policy file not passed");
  return createAbacAuthorizer(parseAbacPolicies(path, readFlagFile(path, `--${policyFlag}`)));
}

async function webhookAuthorizer(
  name: string,
  webhook: AuthorizationWebhook,
  { clock, random, log, metrics, signal }: Context,
): Promise<ReturnType<typeof createWebhookAuthorizer>> {
  const { kubeConfigFile } = webhook.connectionInfo;
  if (kubeConfigFile === undefined)
    throw new Error(
      'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
    );
  const { connection } = await loadKubeconfig(kubeConfigFile);
  const ttl = (value: string, fallback: number, isCached: boolean): number =>
    isCached ? parseDuration(value) || fallback : 0;
  return createWebhookAuthorizer({
    name,
    send: createKubeconfigWebhook(connection),
    version: webhook.subjectAccessReviewVersion === 'v1beta1' ? 'v1beta1' : 'v1',
    authorizedTtl: ttl(webhook.authorizedTTL, 300_000, webhook.cacheAuthorizedRequests),
    unauthorizedTtl: ttl(webhook.unauthorizedTTL, 30_000, webhook.cacheUnauthorizedRequests),
    timeout: parseDuration(webhook.timeout ?? flagTimeout),
    failurePolicy: webhook.failurePolicy === 'Deny' ? 'Deny' : 'NoOpinion',
    conditions: (webhook.matchConditions ?? []).map(({ expression = '' }) => compileAccessCondition(expression)),
    metrics: metrics && authorizationWebhookMetrics(metrics, name),
    ...{ clock, random, log, signal },
  });
}

interface Followed {
  readonly path: string;
  /** The types that the server began with: what they need was set up then. */
  readonly initial: ReadonlySet<string>;
  readonly flags: AuthorizationFlags;
  readonly context: Context;
}

/** Tells of every configuration that the file comes to have and that can be used. */
async function follow(
  { path, initial, flags, context }: Followed,
  change: (authorizers: readonly AuthorizerChoice[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = context;
  const reloads = configurationReloads({ what: 'authorization', path }, context);
  let seen = fileHash(path);
  while (!signal.aborted) {
    await clock.sleep(reloadMs, signal).catch(() => undefined);
    const hash = signal.aborted ? seen : fileHash(path);
    if (hash === seen) continue;
    seen = hash;
    try {
      const configured = configuredIn(path);
      const added = configured.find(({ type = '' }) => needsSetUp.includes(type) && !initial.has(type));
      if (added)
        throw new Error(
          `authorizer type ${added.type ?? ''} is not allowed if it was not enabled at initial server startup`,
        );
      change(await choices(configured, flags, context));
      reloads.succeeded();
      log.info('Reloaded authorization config', { path });
    } catch (error) {
      reloads.failed();
      log.error('Reloading authorization config failed; who decided before goes on to decide', {
        path,
        error: messageOf(error),
      });
    }
  }
}

const needsSetUp: readonly string[] = ['Node', 'RBAC', 'ABAC'];
