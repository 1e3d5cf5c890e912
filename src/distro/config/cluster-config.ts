import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { resolve } from 'node:path';
import { load } from 'js-yaml';
import { parseCronSchedule } from '../../api/batch/cron-schedule.ts';
import { messageOf } from '../../base/errors.ts';
import { isJsonObject } from '../../machinery/schema.ts';

/** What a cluster on this machine looks like; the YAML of `--config` has the same names. */
export interface ClusterConfig {
  /** Absolute path under which everything of the cluster lies. */
  readonly dataDir: string;
  /** Nodes on this machine, 1 to 64. With more than one, each has its own network namespace. */
  readonly nodes: number;
  /** TCP port of the API server. */
  readonly apiPort: number;
  /** Addresses of pods, cut into a /24 per node. */
  readonly clusterCIDR: string;
  /** Addresses of Services. */
  readonly serviceCIDR: string;
  /** Addresses of the nodes of a cluster with several nodes on one machine. */
  readonly nodeCIDR: string;
  readonly clusterDomain: string;
  /** Where `up` writes the administrator's kubeconfig besides `<dataDir>/admin.kubeconfig`; undefined: nowhere. */
  readonly kubeconfig: string | undefined;
  /** Overrides the built-in pause image, as the kubelet's flag of the same name. */
  readonly podInfraContainerImage: string | undefined;
  /** klog verbosity of every component. */
  readonly verbosity: number;
  /** Registry hosts with mirrors, plain http and so on; see `docs/images.md`. */
  readonly registries: Readonly<Record<string, RegistryHost>>;
  /** Directory of static pod manifests, per node. */
  readonly staticPodPath: string | undefined;
  /** URLs of etcd, where the cluster's objects lie then; several machines may share it. Empty: a file of this machine. */
  readonly etcdServers: readonly string[];
  /** Files, PEM: the authority of etcd's certificate, and who to be for etcd. */
  readonly etcdCafile: string | undefined;
  readonly etcdCertfile: string | undefined;
  readonly etcdKeyfile: string | undefined;
  /** What the keys of this cluster begin with in etcd. */
  readonly etcdPrefix: string;
  /** `host:port` of an API server whose cluster this machine joins as a node without a control plane. */
  readonly server: string | undefined;
  /** File of the token with which this machine joins. */
  readonly tokenFile: string | undefined;
  /** Name of this machine's node. Undefined: `node-1`, or the host's name when the cluster spans machines. */
  readonly nodeName: string | undefined;
  /** The machine's address by which others reach it. Undefined: its first. */
  readonly nodeIP: string | undefined;
  /** Port of 127.0.0.1 that leads to a live API server, when there may be several. */
  readonly balancerPort: number;
  /** File of upstream's EncryptionConfiguration. */
  readonly encryptionProviderConfig: string | undefined;
  /** File of upstream's audit Policy: what the API server records of which requests. Undefined: kubets' own; `none`: nothing. */
  readonly auditPolicyFile: string | undefined;
  /** Where it is recorded. Undefined: `<dataDir>/logs/audit/audit.log`. */
  readonly auditLogPath: string | undefined;
  /** As the API server's flags of these names. */
  readonly auditLogMaxage: number | undefined;
  readonly auditLogMaxbackup: number | undefined;
  readonly auditLogMaxsize: number | undefined;
  readonly auditLogMode: string | undefined;
  readonly auditWebhookConfigFile: string | undefined;
  /** File of upstream's AuthenticationConfiguration: whose tokens are believed, and who may be anonymous. */
  readonly authenticationConfig: string | undefined;
  /** Kubeconfig of a webhook that is asked whose tokens are. */
  readonly authenticationTokenWebhookConfigFile: string | undefined;
  /** File of upstream's AuthorizationConfiguration: who decides what users may do. */
  readonly authorizationConfig: string | undefined;
  /** File of upstream's AdmissionConfiguration. */
  readonly admissionControlConfigFile: string | undefined;
  /** Admission plug-ins to use besides the usual ones. */
  readonly enableAdmissionPlugins: readonly string[];
  /** Admission plug-ins to leave out. */
  readonly disableAdmissionPlugins: readonly string[];
  /** When snapshots of the store are taken, as a CronJob's schedule in UTC; empty: never. */
  readonly snapshotScheduleCron: string;
  /** How many scheduled snapshots are kept. */
  readonly snapshotRetention: number;
  /** Folder of snapshots. Undefined: `<dataDir>/snapshots`. */
  readonly snapshotDir: string | undefined;
}

/** Whether other machines may be part of the cluster's control plane, or are it. */
export function spansMachines({ etcdServers, server }: ClusterConfig): boolean {
  return etcdServers.length > 0 || server !== undefined;
}

/** How containerd reaches one registry host. */
export interface RegistryHost {
  readonly mirrors?: readonly string[] | undefined;
  readonly plainHttp?: boolean | undefined;
  readonly skipVerify?: boolean | undefined;
  readonly ca?: string | undefined;
}

/** The cluster that `kubets up` makes without any option. */
export const defaultConfig: ClusterConfig = {
  dataDir: '/var/lib/kubets',
  nodes: 1,
  apiPort: 6443,
  clusterCIDR: '10.244.0.0/16',
  serviceCIDR: '10.96.0.0/16',
  nodeCIDR: '10.89.0.0/24',
  clusterDomain: 'cluster.local',
  kubeconfig: undefined,
  podInfraContainerImage: undefined,
  verbosity: 2,
  registries: {},
  staticPodPath: undefined,
  etcdServers: [],
  etcdCafile: undefined,
  etcdCertfile: undefined,
  etcdKeyfile: undefined,
  etcdPrefix: '/registry',
  server: undefined,
  tokenFile: undefined,
  nodeName: undefined,
  nodeIP: undefined,
  balancerPort: 6444,
  encryptionProviderConfig: undefined,
  auditPolicyFile: undefined,
  auditLogPath: undefined,
  auditLogMaxage: undefined,
  auditLogMaxbackup: undefined,
  auditLogMaxsize: undefined,
  auditLogMode: undefined,
  auditWebhookConfigFile: undefined,
  authenticationConfig: undefined,
  authenticationTokenWebhookConfigFile: undefined,
  authorizationConfig: undefined,
  admissionControlConfigFile: undefined,
  enableAdmissionPlugins: [],
  disableAdmissionPlugins: [],
  snapshotScheduleCron: '0 */12 * * *',
  snapshotRetention: 5,
  snapshotDir: undefined,
};

/** A value that a user gave and that can't be. Shown as one sentence, exit code 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Check = (value: unknown, name: string) => unknown;

const integer =
  (low: number, high: number): Check =>
  (value, name) => {
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= low && number <= high) return number;
    throw new UsageError(`${name} must be a whole number from ${low} to ${high}, not ${JSON.stringify(value)}`);
  };

const filled: Check = (value, name) => {
  if (typeof value === 'string' && value !== '') return value;
  throw new UsageError(`${name} must be a text that is not empty, not ${JSON.stringify(value)}`);
};

const path: Check = (value, name) => resolve(String(filled(value, name)));

const pathOrNone: Check = (value, name) => (value === 'none' ? value : path(value, name));

const cidr: Check = (value, name) => {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(String(value));
  const [, ...parts] = match ?? [];
  const [a, b, c, d, bits] = parts.map(Number);
  if (match && [a, b, c, d].every((octet) => (octet ?? 256) <= 255) && (bits ?? 0) >= 8 && (bits ?? 33) <= 26)
    return value;
  throw new UsageError(
    `${name} must be an IPv4 range such as 10.244.0.0/16 (a prefix from /8 to /26), not ${JSON.stringify(value)}`,
  );
};

const domain: Check = (value, name) => {
  if (typeof value === 'string' && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(value))
    return value;
  throw new UsageError(`${name} must be a DNS name such as cluster.local, not ${JSON.stringify(value)}`);
};

const registries: Check = (value, name) => {
  if (!isJsonObject(value))
    throw new UsageError(`${name} must map host names to { mirrors, plainHttp, skipVerify, ca }`);
  for (const [host, options] of Object.entries(value)) {
    const unknown = Object.keys(isJsonObject(options) ? options : { 'a value that is no map': true }).find(
      (key) => !['mirrors', 'plainHttp', 'skipVerify', 'ca'].includes(key),
    );
    if (unknown) throw new UsageError(`${name}.${host} knows mirrors, plainHttp, skipVerify and ca, not ${unknown}`);
  }
  return value;
};

const urls: Check = (value, name) => {
  const list: readonly unknown[] =
    typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [value];
  for (const url of list) {
    if (typeof url === 'string' && /^https?:\/\/[^/\s]+$/.test(url)) continue;
    throw new UsageError(
      `${name} must be URLs such as https://10.0.0.1:2379, with commas between, not ${JSON.stringify(url)}`,
    );
  }
  return list;
};

const names: Check = (value, name) => {
  const list: readonly unknown[] =
    typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [value];
  if (list.every((one) => typeof one === 'string' && one !== '')) return list;
  throw new UsageError(`${name} must be names, with commas between, not ${JSON.stringify(value)}`);
};

const hostAndPort: Check = (value, name) => {
  const match = /^(?:https:\/\/)?([^/:\s]+)(?::(\d+))?\/?$/.exec(String(value));
  if (match) return `${match[1]}:${match[2] ?? defaultConfig.apiPort}`;
  throw new UsageError(`${name} must be an API server such as https://10.0.0.1:6443, not ${JSON.stringify(value)}`);
};

const ipv4: Check = (value, name) => {
  if (typeof value === 'string' && isIPv4(value)) return value;
  throw new UsageError(`${name} must be an IPv4 address such as 10.0.0.1, not ${JSON.stringify(value)}`);
};

const cron: Check = (value, name) => {
  if (value === '') return value;
  try {
    parseCronSchedule(String(filled(value, name)));
    return value;
  } catch (error) {
    const reason = messageOf(error);
    throw new UsageError(
      `${name} must be a schedule such as "0 */12 * * *" or @daily, or empty for none, not ${JSON.stringify(value)}: ${reason}`,
      { cause: error },
    );
  }
};

const checks: Record<keyof ClusterConfig, Check> = {
  dataDir: path,
  nodes: integer(1, 64),
  apiPort: integer(1, 65535),
  clusterCIDR: cidr,
  serviceCIDR: cidr,
  nodeCIDR: cidr,
  clusterDomain: domain,
  kubeconfig: path,
  podInfraContainerImage: filled,
  verbosity: integer(0, 10),
  registries,
  staticPodPath: path,
  etcdServers: urls,
  etcdCafile: path,
  etcdCertfile: path,
  etcdKeyfile: path,
  etcdPrefix: filled,
  server: hostAndPort,
  tokenFile: path,
  nodeName: domain,
  nodeIP: ipv4,
  balancerPort: integer(1, 65535),
  encryptionProviderConfig: path,
  auditPolicyFile: pathOrNone,
  auditLogPath: path,
  auditLogMaxage: integer(0, 100_000),
  auditLogMaxbackup: integer(0, 1_000_000),
  auditLogMaxsize: integer(0, 1_000_000),
  auditLogMode: filled,
  auditWebhookConfigFile: path,
  authenticationConfig: path,
  authenticationTokenWebhookConfigFile: path,
  authorizationConfig: path,
  admissionControlConfigFile: path,
  enableAdmissionPlugins: names,
  disableAdmissionPlugins: names,
  snapshotScheduleCron: cron,
  snapshotRetention: integer(1, 10_000),
  snapshotDir: path,
};

/** Merges flags over the file of `--config` over the defaults. Throws UsageError with what would be right. */
export function clusterConfig(
  flags: Partial<Record<keyof ClusterConfig, unknown>>,
  file: string | undefined,
): ClusterConfig {
  const fromFile = file === undefined ? {} : readConfigFile(file);
  const given = { ...fromFile, ...definedOnly(flags) };
  const checked = Object.entries(given).map(([name, value]) => [
    name,
    checks[name as keyof ClusterConfig](value, name),
  ]);
  const config = { ...defaultConfig, ...(Object.fromEntries(checked) as Partial<ClusterConfig>) };
  checkTogether(config);
  return config;
}

function checkTogether(config: ClusterConfig): void {
  const { nodes, server, etcdServers, etcdCertfile, etcdKeyfile } = config;
  if (server !== undefined && etcdServers.length > 0) {
    throw new UsageError(
      'give either etcdServers, for a machine of the control plane, or server, for a node of a cluster that exists',
    );
  }
  if (nodes > 1 && (spansMachines(config) || config.nodeName !== undefined || config.nodeIP !== undefined)) {
    throw new UsageError(
      `a machine of a cluster of several machines is one node, so nodes can't be ${nodes}: several nodes on one machine have names and addresses of their own that others can't reach`,
    );
  }
  if ((etcdCertfile === undefined) !== (etcdKeyfile === undefined))
    throw new UsageError('etcdCertfile and etcdKeyfile must be given together');
}

function readConfigFile(file: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = load(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--config ${file} can't be read: ${messageOf(error)}`, { cause: error });
  }
  if (!isJsonObject(parsed)) throw new UsageError(`--config ${file} must be a YAML map, such as "nodes: 2"`);
  const unknown = Object.keys(parsed).find((key) => !(key in checks));
  if (unknown)
    throw new UsageError(`--config ${file} has ${unknown}, which is none of ${Object.keys(checks).join(', ')}`);
  return parsed;
}

function definedOnly(flags: Partial<Record<keyof ClusterConfig, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}
