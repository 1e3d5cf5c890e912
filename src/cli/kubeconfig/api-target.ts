import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { TlsOptions } from '../../client/streaming/upgrade-request.ts';
import type { GlobalFlags } from '../command/global-flags.ts';
import { CommandError } from '../command/command-error.ts';
import type {
  ExecCredentialPlugin,
  Kubeconfig,
  KubeconfigCluster,
  KubeconfigContext,
  KubeconfigUser,
} from './kubeconfig.ts';

/** Where requests go and with whose identity. */
export interface ApiTarget {
  readonly server: URL;
  readonly tls: TlsOptions;
  /** Authorization and impersonation headers. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Milliseconds a request may take; 0 is forever. */
  readonly timeout: number;
  readonly namespace: string;
}

/** The identity flags of a command line. */
export type TargetFlags = Pick<
  GlobalFlags,
  | 'as'
  | 'as-group'
  | 'as-uid'
  | 'as-user-extra'
  | 'certificate-authority'
  | 'client-certificate'
  | 'client-key'
  | 'cluster'
  | 'context'
  | 'insecure-skip-tls-verify'
  | 'namespace'
  | 'password'
  | 'server'
  | 'tls-server-name'
  | 'token'
  | 'user'
  | 'username'
>;

/** The context in force; throws when one is named that does not exist. */
export function activeContext(
  config: Kubeconfig,
  flags: Pick<TargetFlags, 'context' | 'cluster' | 'user'>,
): KubeconfigContext {
  const name = flags.context || config['current-context'];
  const context = config.contexts.get(name);
  if (flags.context && !context)
    throw new CommandError(`Error in configuration: context was not found for specified context: ${flags.context}`, {
      plain: true,
    });
  return {
    ...context,
    ...(flags.cluster ? { cluster: flags.cluster } : {}),
    ...(flags.user ? { user: flags.user } : {}),
  };
}

/** Puts kubeconfig and flags together; flags win. Throws CommandError for what does not exist. */
export function resolveTarget(
  config: Kubeconfig,
  flags: TargetFlags,
  options: { readonly timeout: number; readonly env: Readonly<Record<string, string | undefined>> },
): ApiTarget {
  const context = activeContext(config, flags);
  const cluster = clusterOf(config, context, flags);
  const user = userOf(config, context, flags);
  const server = serverUrl(flags.server || cluster.server || 'http://localhost:8080');
  const credentials = user.exec && !user.token ? runPlugin(user.exec, options.env) : {};
  return {
    server,
    tls: server.protocol === 'https:' ? tlsOptions(cluster, user, credentials) : {},
    headers: identityHeaders({ ...user, ...(credentials.token ? { token: credentials.token } : {}) }, flags),
    timeout: options.timeout,
    namespace: flags.namespace || context.namespace || 'default',
  };
}

function clusterOf(config: Kubeconfig, context: KubeconfigContext, flags: TargetFlags): KubeconfigCluster {
  const entry = context.cluster ? config.clusters.get(context.cluster) : undefined;
  if (flags.cluster && !entry) throw new CommandError(`no server found for cluster "${flags.cluster}"`);
  const authority = flags['certificate-authority'];
  const { 'certificate-authority-data': data, ...rest } = entry ?? {};
  return {
    ...rest,
    ...(authority ? { 'certificate-authority': authority } : data ? { 'certificate-authority-data': data } : {}),
    ...(flags['insecure-skip-tls-verify'] ? { 'insecure-skip-tls-verify': true } : {}),
    ...(flags['tls-server-name'] ? { 'tls-server-name': flags['tls-server-name'] } : {}),
  };
}

function userOf(config: Kubeconfig, context: KubeconfigContext, flags: TargetFlags): KubeconfigUser {
  const entry = context.user ? config.users.get(context.user) : undefined;
  if (flags.user && !entry) throw new CommandError(`auth info "${flags.user}" does not exist`);
  return {
    ...entry,
    ...(flags.token ? { token: flags.token } : {}),
    ...(flags['client-certificate']
      ? { 'client-certificate': flags['client-certificate'], 'client-certificate-data': '' }
      : {}),
    ...(flags['client-key'] ? { 'client-key': flags['client-key'], 'client-key-data': '' } : {}),
    ...(flags.username ? { username: flags.username, password: flags.password } : {}),
  };
}

function serverUrl(text: string): URL {
  const full = text.includes('://') ? text : `http://${text}`;
  try {
    return new URL(full);
  } catch (error) {
    throw new CommandError(
      `the server address ${JSON.stringify(text)} is no URL; expected one such as https://127.0.0.1:6443`,
      {
        cause: error,
      },
    );
  }
}

function tlsOptions(cluster: KubeconfigCluster, user: KubeconfigUser, plugin: PluginCredentials): TlsOptions {
  const ca = pemOf(cluster['certificate-authority-data'], cluster['certificate-authority']);
  const cert = plugin.certificate ?? pemOf(user['client-certificate-data'], user['client-certificate']);
  const key = plugin.key ?? pemOf(user['client-key-data'], user['client-key']);
  return {
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(cluster['tls-server-name'] ? { servername: cluster['tls-server-name'] } : {}),
    ...(cluster['insecure-skip-tls-verify'] ? { rejectUnauthorized: false } : {}),
  };
}

function pemOf(data: string | undefined, path: string | undefined): Buffer | undefined {
  if (data) return Buffer.from(data, 'base64');
  if (!path) return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandError(`unable to read ${path}: no such file or directory`, { cause: error });
  }
}

function identityHeaders(user: KubeconfigUser, flags: TargetFlags): Record<string, string | readonly string[]> {
  const token = user.token || (user.tokenFile ? readFileSync(user.tokenFile, 'utf8').trim() : '');
  const basic = Buffer.from(`${user.username ?? ''}:${user.password ?? ''}`).toString('base64');
  return {
    ...(token ? { Authorization: `Bearer ${token}` } : user.username ? { Authorization: `Basic ${basic}` } : {}),
    ...impersonationHeaders(user, flags),
  };
}

/** Whom the flags ask to act as, or the kubeconfig where they do not. Source: client-go's clientcmd. */
function impersonationHeaders(user: KubeconfigUser, flags: TargetFlags): Record<string, string | readonly string[]> {
  const name = flags.as || user.as;
  const uid = flags['as-uid'] || user['as-uid'];
  const groups = flags['as-group'].length > 0 ? flags['as-group'] : (user['as-groups'] ?? []);
  const extra = flags['as-user-extra'].length > 0 ? extraOf(flags['as-user-extra']) : (user['as-user-extra'] ?? {});
  return {
    ...(name ? { 'Impersonate-User': name } : {}),
    ...(uid ? { 'Impersonate-Uid': uid } : {}),
    ...(groups.length > 0 ? { 'Impersonate-Group': groups } : {}),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [`Impersonate-Extra-${encodeURIComponent(key)}`, values]),
    ),
  };
}

/** `key=value`, the same key as often as it has values. */
function extraOf(given: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const extra = new Map<string, readonly string[]>();
  for (const pair of given) {
    const at = pair.indexOf('=');
    if (at < 0)
      throw new CommandError(
        `invalid argument ${JSON.stringify(pair)} for "--as-user-extra" flag: it must be key=value`,
      );
    const key = pair.slice(0, at);
    extra.set(key, [...(extra.get(key) ?? []), pair.slice(at + 1)]);
  }
  return Object.fromEntries(extra);
}

interface PluginCredentials {
  readonly token?: string;
  readonly certificate?: Buffer;
  readonly key?: Buffer;
}

/** Asks a credential plug-in. Source: client.authentication.k8s.io ExecCredential. */
function runPlugin(plugin: ExecCredentialPlugin, env: Readonly<Record<string, string | undefined>>): PluginCredentials {
  const extra = Object.fromEntries((plugin.env ?? []).map((one) => [one.name, one.value]));
  const apiVersion = plugin.apiVersion ?? 'client.authentication.k8s.io/v1';
  const request = JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: { interactive: false } });
  let answer: string;
  try {
    answer = execFileSync(plugin.command, [...(plugin.args ?? [])], {
      env: { ...env, ...extra, KUBERNETES_EXEC_INFO: request },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch (error) {
    throw new CommandError(`getting credentials: exec: executable ${plugin.command} failed`, { cause: error });
  }
  const { status } = JSON.parse(answer) as {
    status?: { token?: string; clientCertificateData?: string; clientKeyData?: string };
  };
  return {
    ...(status?.token ? { token: status.token } : {}),
    ...(status?.clientCertificateData ? { certificate: Buffer.from(status.clientCertificateData) } : {}),
    ...(status?.clientKeyData ? { key: Buffer.from(status.clientKeyData) } : {}),
  };
}
