import { existsSync, readFileSync, rmSync } from 'node:fs';
import { StoreError } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { UsageError, defaultConfig } from '../config/cluster-config.ts';
import { certificatesIn } from '../pki/authority-bundle.ts';
import { pkiFiles } from '../pki/cluster-pki.ts';
import { exchangeFiles } from '../pki/rotate-authority.ts';
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
  /** The one by which this machine has encrypted: for all, where they have none. */
  readonly kept?: string | undefined;
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
      const { token } = options;
      const data = openShared(found.value, token);
      const encryption = options.encryption ?? data.encryption ?? options.kept;
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
  const present = Object.entries(sharedFiles(pki)).filter(([, path]) => existsSync(path));
  return Object.fromEntries(present.map(([name, path]) => [name, readFileSync(path, 'utf8')]));
}

/** Gives all machines the files of this one, which has replaced an authority. Throws UsageError when the token is another. */
export async function shareFiles(store: Store, token: string, files: SharedData['files']): Promise<void> {
  for (;;) {
    const found = await store.get(key);
    if (!found) throw new UsageError('there is no cluster in this etcd');
    const data = { ...openShared(found.value, token), files };
    if (await written(store.update(key, seal(JSON.stringify(data), token), found.revision))) return;
  }
}

/**
 * Takes over what another machine has replaced. Returns whether anything was. Throws UsageError when the files are those of
 * another cluster.
 */
export async function followSharedFiles(store: Store, token: string, pki: string): Promise<boolean> {
  const found = await store.get(key);
  return found ? writeSharedFiles(pki, openShared(found.value, token).files) : false;
}

/**
 * Writes the shared files that are missing, and those of an authority that follows the one that is there. Returns whether
 * there were any. Throws UsageError when the machine has files of another cluster.
 */
export function writeSharedFiles(pki: string, files: SharedData['files']): boolean {
  const present = readSharedFiles(pki);
  const names = Object.keys(sharedFiles(pki));
  const changed = names.filter((name) => present[name] !== files[name]);
  if (changed.length === 0) return false;
  const authority = ['ca.crt', 'ca.key', crossSignedName];
  const isSuccessor = followsOn(present['ca.crt'] ?? '', files['ca.crt'] ?? '');
  const foreign = changed.find((name) => present[name] !== undefined && !(isSuccessor && authority.includes(name)));
  if (foreign) {
    throw new UsageError(
      `${sharedFiles(pki)[foreign]} is of another cluster than the one in this etcd: choose another --data-dir, or begin anew after kubets down --purge`,
    );
  }
  exchangeFiles(pki, Object.fromEntries(changed.flatMap((name) => (files[name] ? [[name, files[name]]] : []))));
  if (files[crossSignedName] === undefined) rmSync(pkiFiles(pki).crossSigned, { force: true });
  return true;
}

/** Whether two bundles are of one cluster, whose authority one of them has replaced: they share a certificate. */
function followsOn(before: string, after: string): boolean {
  const known = certificatesIn(before);
  return certificatesIn(after).some((certificate) => known.includes(certificate));
}

const crossSignedName = 'ca-cross.crt';

/** Paths by names; only while an authority is replaced are all of them there. */
function sharedFiles(pki: string): Readonly<Record<string, string>> {
  const { ca, frontProxyCa, serviceAccountKey, crossSigned } = pkiFiles(pki);
  return {
    'ca.crt': ca.certificate,
    'ca.key': ca.key,
    'front-proxy-ca.crt': frontProxyCa.certificate,
    'front-proxy-ca.key': frontProxyCa.key,
    'service-account.key': serviceAccountKey,
    [crossSignedName]: crossSigned,
  };
}
