import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadAll } from 'js-yaml';
import { messageOf } from '../../base/errors.ts';
import type {
  KubeconfigCluster as StoredCluster,
  KubeconfigContext as StoredContext,
  KubeconfigUser as StoredUser,
} from '../../client/kubeconfig.ts';
import { CommandError } from '../command/command-error.ts';

/** A cluster's entry in a kubeconfig. */
export type KubeconfigCluster = Partial<StoredCluster>;

/** How a plug-in is asked for credentials. */
export interface ExecCredentialPlugin {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

/** A user's entry in a kubeconfig, with what only people use: impersonation, passwords, plug-ins. */
export interface KubeconfigUser extends StoredUser {
  readonly as?: string;
  readonly 'as-uid'?: string;
  readonly 'as-groups'?: readonly string[] | null;
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>> | null;
  readonly username?: string;
  readonly password?: string;
  readonly exec?: ExecCredentialPlugin;
}

/** A context: which user speaks to which cluster, in which namespace by default. */
export type KubeconfigContext = Partial<StoredContext>;

/** A kubeconfig, merged from its files. Paths in it are absolute. */
export interface Kubeconfig {
  readonly 'current-context': string;
  readonly clusters: ReadonlyMap<string, KubeconfigCluster>;
  readonly users: ReadonlyMap<string, KubeconfigUser>;
  readonly contexts: ReadonlyMap<string, KubeconfigContext>;
}

/** Where kubeconfigs are looked for. */
export interface KubeconfigSources {
  /** `--kubeconfig`; must exist when given. */
  readonly flag: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** The files that make up the kubeconfig, first wins. Source: clientcmd's loading rules. */
export function kubeconfigPaths(sources: KubeconfigSources): readonly string[] {
  if (sources.flag) return [resolve(sources.cwd, sources.flag)];
  const listed = (sources.env['KUBECONFIG'] ?? '').split(':').filter((path) => path !== '');
  if (listed.length > 0) return listed.map((path) => resolve(sources.cwd, path));
  return [join(sources.env['HOME'] ?? '/', '.kube', 'config')];
}

/** Reads and merges the kubeconfig; missing files count as empty unless named by the flag. */
export function loadKubeconfig(sources: KubeconfigSources): Kubeconfig {
  const files = kubeconfigPaths(sources).map((path) => readKubeconfigFile(path, sources.flag !== ''));
  return mergeKubeconfigs(files);
}

/** Reads one file; an absent one is empty unless `required`. */
export function readKubeconfigFile(path: string, required: boolean): Kubeconfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT' && !required) return emptyKubeconfig;
    const reason =
      error instanceof Error && 'code' in error && error.code === 'ENOENT'
        ? 'no such file or directory'
        : String(error);
    throw new CommandError(
      required && reason.startsWith('no such')
        ? `stat ${path}: ${reason}`
        : `error loading config file "${path}": ${reason}`,
      { cause: error },
    );
  }
  return parseKubeconfig(text, path);
}

/** An empty kubeconfig. */
export const emptyKubeconfig: Kubeconfig = {
  'current-context': '',
  clusters: new Map(),
  users: new Map(),
  contexts: new Map(),
};

interface NamedEntry {
  readonly name?: string;
  readonly cluster?: KubeconfigCluster;
  readonly user?: KubeconfigUser;
  readonly context?: KubeconfigContext;
}

/** Parses a kubeconfig's text; relative paths in it are relative to the file at `path`. */
export function parseKubeconfig(text: string, path: string): Kubeconfig {
  const document = parseText(text, path) as
    | { clusters?: NamedEntry[]; users?: NamedEntry[]; contexts?: NamedEntry[]; 'current-context'?: string }
    | undefined;
  const near = (file: string): string => resolve(dirname(path), file);
  return {
    'current-context': document?.['current-context'] ?? '',
    clusters: namedMap(document?.clusters, (entry) => withPaths(entry.cluster ?? {}, ['certificate-authority'], near)),
    users: namedMap(document?.users, (entry) =>
      withPaths(entry.user ?? {}, ['client-certificate', 'client-key', 'tokenFile'], near),
    ),
    contexts: namedMap(document?.contexts, (entry) => entry.context ?? {}),
  };
}

/** With the parser that loads fastest: every command reads a kubeconfig, few read manifests. */
function parseText(text: string, path: string): unknown {
  try {
    return loadAll(text)[0];
  } catch (error) {
    throw new CommandError(`error loading config file "${path}": yaml: ${messageOf(error)}`, { cause: error });
  }
}

function namedMap<T>(
  entries: readonly NamedEntry[] | undefined,
  pick: (entry: NamedEntry) => T,
): ReadonlyMap<string, T> {
  return new Map((entries ?? []).map((entry) => [entry.name ?? '', pick(entry)]));
}

function withPaths<T extends object>(entry: T, keys: readonly (keyof T)[], near: (file: string) => string): T {
  const copy = { ...entry };
  for (const key of keys) {
    const value = copy[key];
    if (typeof value === 'string' && value !== '') copy[key] = near(value) as T[keyof T];
  }
  return copy;
}

function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
  const reversed = files.toReversed();
  return {
    'current-context': files.find((file) => file['current-context'] !== '')?.['current-context'] ?? '',
    clusters: new Map(reversed.flatMap((file) => [...file.clusters])),
    users: new Map(reversed.flatMap((file) => [...file.users])),
    contexts: new Map(reversed.flatMap((file) => [...file.contexts])),
  };
}
