import { existsSync, readFileSync } from 'node:fs';
import { StoreError } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { UsageError, defaultConfig } from '../config/cluster-config.ts';
import { pkiFiles, writeSecret } from '../pki/cluster-pki.ts';
import { seal, unseal } from './sealed-text.ts';

/** Settings that are the same on every machine of a cluster. */
export const sharedSettings = ['clusterCIDR', 'serviceCIDR', 'clusterDomain', 'apiPort'] as const;

/** Their values. */
export type SharedSettings = Pick<ClusterConfig, (typeof sharedSettings)[number]>;

/** What every control-plane node must have alike. */
export interface SharedData {
  readonly settings: SharedSettings;
  /** Contents of files by their names: authorities, their keys, the key of tokens. */
  readonly files: Readonly<Record<string, string>>;
  /** The EncryptionConfiguration of the store, YAML. */
  readonly encryption?: string | undefined;
}

/** Where it lies: no kind's key, but under the same prefix, so that backups have it. */
const key = '/registry/kubets.io/shared/cluster';

/** How one machine takes part. */
export interface SharingOptions {
  /** Undefined: none was given, and none is kept from before. */
  readonly token: string | undefined;
  /** What this machine would bring if it is the first; called only then. */
  first(): Promise<{ readonly data: SharedData; readonly token: string }>;
  /** Replaces the EncryptionConfiguration of the others, if given. */
  readonly encryption?: string | undefined;
}

/**
 * What the control-plane nodes on `store` share, and its token: the first machine's, whichever that was. It lies in the
 * store itself, sealed under the cluster's token. Throws UsageError when the token is another.
 */
export async function shareData(
  store: Store,
  options: SharingOptions,
): Promise<{ readonly data: SharedData; readonly token: string }> {
  for (;;) {
    const found = await store.get(key);
    if (found) {
      const { token, encryption } = options;
      const data = openShared(found.value, token);
      if (token === undefined || encryption === undefined || encryption === data.encryption)
        return { data, token: token ?? '' };
      const changed = { ...data, encryption };
      if (await written(store.update(key, seal(JSON.stringify(changed), token), found.revision)))
        return { data: changed, token };
      continue;
    }
    const { data, token } = await options.first();
    if (await written(store.create(key, seal(JSON.stringify(data), token)))) return { data, token };
  }
}

/** Whether a write was applied. False: somebody else was faster, or perhaps we were; reading tells. */
async function written(write: Promise<number>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof StoreError && ['exists', 'conflict', 'notFound', 'uncertain'].includes(error.kind))
      return false;
    throw error;
  }
}

function openShared(value: Uint8Array, token: string | undefined): SharedData {
  if (token === undefined) {
    throw new UsageError(
      'there is a cluster in this etcd already: to join it, give its token with --token-file, a copy of <data-dir>/token of one of its control-plane nodes',
    );
  }
  const text = unseal(value, token);
  if (text !== undefined) return JSON.parse(text) as SharedData;
  throw new UsageError(
    'the token is not that of the cluster in this etcd: --token-file names a copy of <data-dir>/token of one of its control-plane nodes',
  );
}

/** The settings of a configuration. */
export function settingsOf(config: ClusterConfig): SharedSettings {
  const { clusterCIDR, serviceCIDR, clusterDomain, apiPort } = config;
  return { clusterCIDR, serviceCIDR, clusterDomain, apiPort };
}

/** The configuration with the cluster's settings where none were given. Throws UsageError where others were. */
export function withSettings(config: ClusterConfig, settings: SharedSettings): ClusterConfig {
  for (const name of sharedSettings) {
    if (config[name] === settings[name] || config[name] === defaultConfig[name]) continue;
    throw new UsageError(
      `the cluster has ${name} ${settings[name]}, and every machine of it must: leave ${name} out, not ${config[name]}`,
    );
  }
  return { ...config, ...settings };
}

/** The shared files of a machine, by name. */
export function readSharedFiles(pki: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(sharedFiles(pki)).map(([name, path]) => [name, readFileSync(path, 'utf8')]));
}

/** Writes the shared files that are missing. Throws UsageError when the machine has those of another cluster. */
export function writeSharedFiles(pki: string, files: SharedData['files']): void {
  const entries = Object.entries(sharedFiles(pki)).map(([name, path]) => ({ path, text: files[name] ?? '' }));
  const foreign = entries.find(({ path, text }) => existsSync(path) && readFileSync(path, 'utf8') !== text);
  if (foreign) {
    throw new UsageError(
      `${foreign.path} is of another cluster than the one in this etcd: choose another --data-dir, or begin anew after kubets down --purge`,
    );
  }
  for (const { path, text } of entries) if (!existsSync(path)) writeSecret(path, text);
}

function sharedFiles(pki: string): Readonly<Record<string, string>> {
  const { ca, frontProxyCa, serviceAccountKey } = pkiFiles(pki);
  return {
    'ca.crt': ca.certificate,
    'ca.key': ca.key,
    'front-proxy-ca.crt': frontProxyCa.certificate,
    'front-proxy-ca.key': frontProxyCa.key,
    'service-account.key': serviceAccountKey,
  };
}
