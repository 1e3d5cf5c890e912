import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { load } from 'js-yaml';
import type { ClientCredentials, Connection } from './connection.ts';

/** A kubeconfig file, as far as it is understood. Source: client.authentication v1 Config. */
export interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly clusters?: readonly { readonly name: string; readonly cluster: KubeconfigCluster }[];
  readonly users?: readonly { readonly name: string; readonly user: KubeconfigUser }[];
  readonly contexts?: readonly { readonly name: string; readonly context: KubeconfigContext }[];
}

/** A server and how to trust it. */
export interface KubeconfigCluster {
  readonly server: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
}

/** Who to be. */
export interface KubeconfigUser {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
}

/** Which user talks to which cluster, and in which namespace. */
export interface KubeconfigContext {
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
}

/** A connection as a kubeconfig names it, with the namespace of its context. */
export interface ResolvedContext {
  readonly context: string;
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string;
  readonly connection: Connection;
}

/** What to take instead of what the file's context says. */
export interface ContextOverrides {
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
}

/** Reads a kubeconfig file. Throws when it is not one. */
export async function readKubeconfig(path: string): Promise<Kubeconfig> {
  const content = load(await readFile(path, 'utf8'));
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new Error(`${path} is not a kubeconfig: its top level must be a mapping`);
  }
  return content;
}

/** The connection of a kubeconfig file's current context, or of the one that `overrides` names. */
export async function loadKubeconfig(path: string, overrides: ContextOverrides = {}): Promise<ResolvedContext> {
  return resolveContext(await readKubeconfig(path), dirname(resolve(path)), overrides);
}

/** Resolves a context; relative file names count from `folder`. Throws when something it names is missing. */
export async function resolveContext(
  config: Kubeconfig,
  folder: string,
  overrides: ContextOverrides = {},
): Promise<ResolvedContext> {
  const name = overrides.context ?? config['current-context'] ?? '';
  const context = config.contexts?.find((c) => c.name === name)?.context;
  if (!context && (name !== '' || overrides.cluster === undefined)) {
    throw new Error(name === '' ? 'current-context is not set' : `context "${name}" does not exist`);
  }
  const clusterName = overrides.cluster ?? context?.cluster ?? '';
  const userName = overrides.user ?? context?.user ?? '';
  const cluster = config.clusters?.find((c) => c.name === clusterName)?.cluster;
  const user = config.users?.find((u) => u.name === userName)?.user;
  if (!cluster) throw new Error(`cluster "${clusterName}" does not exist`);
  if (!user && userName !== '') throw new Error(`auth info "${userName}" does not exist`);
  const connection = await connectionOf({ ...cluster, server: overrides.server ?? cluster.server }, user ?? {}, folder);
  return {
    context: name,
    cluster: clusterName,
    user: userName,
    namespace: context?.namespace ?? 'default',
    connection,
  };
}

async function connectionOf(cluster: KubeconfigCluster, user: KubeconfigUser, folder: string): Promise<Connection> {
  return {
    servers: [cluster.server],
    ca: await inlineOrFile(cluster['certificate-authority-data'], cluster['certificate-authority'], folder),
    ...(await credentialsOf(user, folder)),
    serverName: cluster['tls-server-name'],
    insecureSkipVerify: cluster['insecure-skip-tls-verify'],
  };
}

/** What a user of a kubeconfig shows to servers; relative file names count from `folder`. */
export async function credentialsOf(user: KubeconfigUser, folder: string): Promise<ClientCredentials> {
  const cert = await inlineOrFile(user['client-certificate-data'], user['client-certificate'], folder);
  const key = await inlineOrFile(user['client-key-data'], user['client-key'], folder);
  return {
    certificate: cert === undefined || key === undefined ? undefined : { cert, key },
    token: user.token,
    tokenFile: user.tokenFile === undefined ? undefined : resolve(folder, user.tokenFile),
  };
}

async function inlineOrFile(
  data: string | undefined,
  file: string | undefined,
  folder: string,
): Promise<string | undefined> {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  return file === undefined || file === '' ? undefined : readFile(resolve(folder, file), 'utf8');
}
