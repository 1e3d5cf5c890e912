/** How users prove who they are, as flags and files say it. Source: kubeapiserver's options/authentication.go. */
import { X509Certificate } from 'node:crypto';
import type { AuthenticationSettings, JwtSettings } from '../../apiserver/authentication/authentication-parts.ts';
import type { ServiceAccountSettings } from '../../apiserver/authentication/authentication-parts.ts';
import type { AnonymousAccess } from '../../apiserver/authentication/authentication.ts';
import type { AnonymousConfiguration } from '../../apiserver/authentication/jwt/authentication-configuration.ts';
import type { JwtConfiguration } from '../../apiserver/authentication/jwt/authentication-configuration.ts';
import { allSigningAlgorithms } from '../../apiserver/authentication/jwt/jwt-tokens.ts';
import type { TokenWebhookSettings } from '../../apiserver/authentication/webhook-tokens.ts';
import { createKubeconfigWebhook } from '../../apiserver/webhooks/kubeconfig-webhook.ts';
import { messageOf } from '../../base/errors.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { UsageError } from '../config/cluster-config.ts';
import { loadAuthentication, usable } from './authentication-file.ts';
import type { LoadedAuthentication } from './authentication-file.ts';
import type { AuthenticationFlags } from './authentication-flags.ts';
import type { AuthorizationFlags } from './authorization-flags.ts';
import { needed, readFlagFile } from './common-flags.ts';
import type { ComponentContext } from './component-command.ts';
import { configurationReloads } from './configuration-reloads.ts';
import type { CountingContext } from './configuration-reloads.ts';
import { fileHash } from './file-hash.ts';

type Settings = Omit<AuthenticationSettings, 'serverAddress' | 'clientCa' | 'requestHeader'>;

/** How often the file is looked at. */
const reloadMs = 10_000;

/** Reads flags and files. Throws UsageError, in upstream's words where it has some. */
export async function authenticationSettings(
  flags: AuthenticationFlags & Pick<AuthorizationFlags, 'authorization-mode'>,
  context: ComponentContext & CountingContext,
): Promise<Settings> {
  const issuers = issuersOf(flags);
  const [issuer = '', ...formerIssuers] = issuers;
  const signing = needed(
    flags['service-account-signing-key-file'],
    '--service-account-signing-key-file',
    'a private key (RSA or EC, PEM) that signs the tokens of service accounts',
  );
  const tokens = flags['token-auth-file'];
  const file = configuredByFile(flags, issuers, context);
  return {
    issuer,
    signingKey: readFlagFile(signing, '--service-account-signing-key-file'),
    verificationKeys: flags['service-account-key-file'].map((key) => readFlagFile(key, '--service-account-key-file')),
    serviceAccounts: { formerIssuers, ...serviceAccountSettings(flags, context) },
    staticTokens: tokens === undefined ? undefined : readFlagFile(tokens, '--token-auth-file'),
    bootstrapTokens: flags['enable-bootstrap-token-auth'],
    jwt: file ? file.jwt : fromFlags(flags, issuers, context),
    tokenWebhook: await webhookOf(flags),
    anonymous: file?.anonymous ?? anonymousByFlag(flags, context),
  };
}

function issuersOf(flags: AuthenticationFlags): readonly string[] {
  const issuers = flags['service-account-issuer'];
  if (issuers.length === 0) {
    throw new UsageError(
      '--service-account-issuer is needed: a URL such as https://kubernetes.default.svc.cluster.local',
    );
  }
  for (const [index, issuer] of issuers.entries()) {
    if (issuer === '') throw new UsageError('service-account-issuer should not be an empty string');
    if (issuer.includes(':') && !URL.canParse(issuer)) {
      throw new UsageError(`service-account-issuer ${JSON.stringify(issuer)} contained a ':' but was not a valid URL`);
    }
    if (issuers.indexOf(issuer) < index) {
      throw new UsageError(`service-account-issuer ${JSON.stringify(issuer)} is already specified`);
    }
  }
  return issuers;
}

const longestSeconds = 2 ** 32;
const injectedSeconds = 3607;
const extendedSeconds = 365 * 24 * 3600;

function serviceAccountSettings(flags: AuthenticationFlags, { log }: ComponentContext): ServiceAccountSettings {
  const audiences = flags['api-audiences'];
  const jwksUri = flags['service-account-jwks-uri'];
  const maxExpiration = flags['service-account-max-token-expiration'] ?? 0;
  const extend = flags['service-account-extend-token-expiration'];
  const url = jwksUri === undefined ? undefined : URL.parse(jwksUri);
  if (url === null) throw new UsageError(`service-account-jwks-uri must be a valid URL: ${jwksUri}`);
  if (url && url.protocol !== 'https:') {
    throw new UsageError(`service-account-jwks-uri requires https scheme, parsed as: ${jwksUri}`);
  }
  const seconds = Math.floor(maxExpiration / 1000);
  if (maxExpiration !== 0 && (seconds < 3600 || seconds > longestSeconds)) {
    throw new UsageError('the service-account-max-token-expiration must be between 1 hour and 2^32 seconds');
  }
  if (maxExpiration !== 0 && extend) {
    const text = 'service-account-extend-token-expiration is true';
    if (seconds < injectedSeconds) {
      log.warning(
        `${text}, but tokens for pods are not extended while service-account-max-token-expiration is as short`,
        {
          seconds,
        },
      );
    }
    if (seconds < extendedSeconds) {
      log.warning(`${text}: tokens for pods live longer than service-account-max-token-expiration says`, { seconds });
    }
  }
  return {
    audiences: audiences.length === 0 ? undefined : audiences,
    jwksUri,
    maxSeconds: maxExpiration === 0 ? undefined : seconds,
    extend,
    lookup: flags['service-account-lookup'],
  };
}

const oidcFlags = (given: ReadonlySet<string>): boolean => [...given].some((name) => name.startsWith('oidc-'));

function configuredByFile(
  flags: AuthenticationFlags,
  issuers: readonly string[],
  context: ComponentContext & CountingContext,
): Pick<Settings, 'jwt' | 'anonymous'> | undefined {
  const path = flags['authentication-config'];
  if (path === undefined) return undefined;
  if (oidcFlags(context.given)) {
    throw new UsageError('authentication-config file and oidc-* flags are mutually exclusive');
  }
  const settings = settingsOfFile(path, issuers, context);
  if (settings.anonymous !== undefined && context.given.has('anonymous-auth')) {
    throw new UsageError(
      'anonymous: Forbidden: --anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
    );
  }
  return settings;
}

function asUsage<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

function accessOf({ enabled, conditions = [] }: AnonymousConfiguration): AnonymousAccess {
  if (conditions.length === 0) return { enabled };
  return { enabled, paths: new Set(conditions.map(({ path }) => path)) };
}

/** Where everything is allowed, nobody is let in unseen. */
function anonymousByFlag(
  flags: AuthenticationFlags & Pick<AuthorizationFlags, 'authorization-mode'>,
  { log }: ComponentContext,
): boolean {
  const allows = flags['anonymous-auth'];
  if (!allows || !flags['authorization-mode'].includes('AlwaysAllow')) return allows;
  log.warning(
    'AnonymousAuth is not allowed with the AlwaysAllow authorizer. Resetting AnonymousAuth to false. You should use a different authorizer',
  );
  return false;
}

/** What a file says of tokens of others and of anonymous users; its changes are followed. */
export function settingsOfFile(
  path: string,
  issuers: readonly string[],
  context: Pick<ComponentContext, 'clock' | 'log'> & CountingContext,
): Pick<Settings, 'jwt' | 'anonymous'> {
  const loaded = asUsage(() => loadAuthentication(path, issuers));
  const source = { path, issuers, context };
  return {
    jwt: {
      authenticators: loaded.jwt,
      follow: (change, signal) => follow(loaded, source, { change, signal }),
    },
    anonymous: loaded.anonymous && accessOf(loaded.anonymous),
  };
}

interface FileSource {
  readonly path: string;
  readonly issuers: readonly string[];
  readonly context: Pick<ComponentContext, 'clock' | 'log'> & CountingContext;
}

/** Passes on every configuration that the file comes to have and that can be used; what can't be is tried once. */
async function follow(
  { hash, anonymous }: LoadedAuthentication,
  { path, issuers, context }: FileSource,
  {
    change,
    signal,
  }: { readonly change: (jwt: LoadedAuthentication['jwt']) => Promise<void>; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, log } = context;
  const reloads = configurationReloads({ what: 'authentication', path }, context);
  let seen = hash;
  while (!signal.aborted) {
    await clock.sleep(reloadMs, signal).catch(() => undefined);
    const current = signal.aborted ? undefined : fileHash(path);
    if (current === undefined || current === seen) continue;
    try {
      const loaded = loadAuthentication(path, issuers);
      if (JSON.stringify(loaded.anonymous) !== JSON.stringify(anonymous)) {
        throw new Error('anonymous: Forbidden: changed from initial configuration file');
      }
      await change(loaded.jwt);
      reloads.succeeded();
      log.info('reloaded authentication config', { path });
    } catch (error) {
      if (signal.aborted) return;
      reloads.failed();
      log.error('A changed authentication config is not used; the last one goes on', { path, error: messageOf(error) });
    }
    seen = current;
  }
}

/** The old flags say what a file with one issuer would. */
function fromFlags(
  flags: AuthenticationFlags,
  issuers: readonly string[],
  { given }: ComponentContext,
): JwtSettings | undefined {
  if (!oidcFlags(given)) return undefined;
  const url = flags['oidc-issuer-url'];
  const audience = flags['oidc-client-id'];
  if (!url || !audience) {
    throw new UsageError('oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set');
  }
  const algorithms = flags['oidc-signing-algs'];
  const unknown = algorithms.find((algorithm) => !allSigningAlgorithms.includes(algorithm));
  if (unknown !== undefined) throw new UsageError(`oidc: unsupported signing alg: ${JSON.stringify(unknown)}`);
  const jwt = [configurationOf(flags, url, audience)];
  const { jwt: authenticators } = asUsage(() => usable({ apiVersion: '', kind: '', jwt }, issuers));
  return { authenticators, algorithms };
}

function configurationOf(flags: AuthenticationFlags, url: string, audience: string): JwtConfiguration {
  const ca = flags['oidc-ca-file'];
  const groups = flags['oidc-groups-claim'];
  return {
    issuer: {
      url,
      audiences: [audience],
      ...(ca === undefined ? {} : { certificateAuthority: readFlagFile(ca, '--oidc-ca-file') }),
    },
    claimMappings: {
      username: { claim: flags['oidc-username-claim'], prefix: usernamePrefix(flags, url) },
      ...(groups ? { groups: { claim: groups, prefix: flags['oidc-groups-prefix'] ?? '' } } : {}),
    },
    claimValidationRules: Object.entries(flags['oidc-required-claim']).map(([claim, requiredValue]) => ({
      claim,
      requiredValue,
    })),
  };
}

/** Names of one issuer must not be those of another: only addresses go without a prefix unless that is asked for. */
function usernamePrefix(flags: AuthenticationFlags, url: string): string {
  const prefix = flags['oidc-username-prefix'] ?? '';
  if (prefix === '-') return '';
  return prefix === '' && flags['oidc-username-claim'] !== 'email' ? `${url}#` : prefix;
}

async function webhookOf(flags: AuthenticationFlags): Promise<TokenWebhookSettings | undefined> {
  const path = flags['authentication-token-webhook-config-file'];
  if (path === undefined) return undefined;
  const version = flags['authentication-token-webhook-version'];
  return tokenWebhook(path, { version, cacheTtl: flags['authentication-token-webhook-cache-ttl'] });
}

/** The webhook that a kubeconfig describes. Throws UsageError. */
export async function tokenWebhook(
  path: string,
  settings: Omit<TokenWebhookSettings, 'call'>,
): Promise<TokenWebhookSettings> {
  try {
    const { connection } = await loadKubeconfig(path);
    return { ...settings, call: createKubeconfigWebhook(connection) };
  } catch (error) {
    throw new UsageError(`--authentication-token-webhook-config-file can't be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Refuses that client certificates could speak for anybody. Source: kubeapiserver's options/authentication.go. */
export function refuseOverlap(
  clientCa: string | undefined,
  proxyCa: string | undefined,
  names: readonly string[],
): void {
  if (clientCa === undefined || proxyCa === undefined || names.length > 0) return;
  const known = new Set(certificatesIn(clientCa));
  if (certificatesIn(proxyCa).some((certificate) => known.has(certificate))) {
    throw new UsageError(
      '--requestheader-client-ca-file and --client-ca-file contain overlapping certificates; --requestheader-allowed-names must be specified to ensure regular client certificates cannot set authenticating proxy headers for arbitrary users',
    );
  }
}

function certificatesIn(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block).fingerprint256];
    } catch {
      return [];
    }
  });
}
