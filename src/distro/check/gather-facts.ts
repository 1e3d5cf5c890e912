import { networkInterfaces } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import type { Connection } from '../../client/connection.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { Layout } from '../config/layout.ts';
import { certificateRows } from '../pki/certificate-table.ts';
import { clusterAudit } from '../server/cluster-audit.ts';
import type { ClusterPlan } from '../up/cluster-plan.ts';
import { configurationFacts } from './configuration-facts.ts';
import type { Facts } from './facts.ts';
import { clusterFiles, filesOfFlags } from './machine-files.ts';
import { probe } from './probes.ts';
import { runningFlags } from './process-flags.ts';
import type { GivenFlags } from './process-flags.ts';
import { readObjects } from './read-objects.ts';

/** Where facts are to be had. */
export interface FactSources {
  readonly connection: Connection;
  /** The cluster of this machine, if it is the one that is checked. */
  readonly own: { readonly plan: ClusterPlan; readonly layout: Layout } | undefined;
  readonly clock: Clock;
}

/** Gathers what checks look at. Throws when the cluster can't be read. */
export async function gatherFacts({ connection, own, clock }: FactSources): Promise<Facts> {
  await using client = createHttpClient({ ...connection, userAgent: 'kubets-check' });
  const url = new URL(connection.servers[0] ?? '');
  const now = clock.now();
  const apiServerFlags = own?.plan.role === 'server' ? flagsOfPlan(own.plan, own.layout) : localServerFlags(url);
  const named = filesOfFlags({ ...apiServerFlags, ...filesOfPlan(own?.plan) });
  const lying = own ? clusterFiles(own.layout.root) : [];
  const files = [...lying, ...named.filter(({ path }) => !lying.some((file) => file.path === path))];
  return {
    now,
    objects: await readObjects(client),
    probes: await probe(client, url),
    apiServerFlags,
    ...configurationFacts(apiServerFlags),
    kubeletFlags: own ? ownKubelets(own.plan) : localKubeletFlags(url),
    files: files.length === 0 ? undefined : files,
    certificates: own && certificateRows(own.layout.pki, now),
  };
}

/** The flags with which `kube-apiserver` would do what the server of a cluster does. */
export function flagsOfPlan(plan: ClusterPlan, layout: Layout): GivenFlags {
  const { config } = plan;
  const { flags, policy } = clusterAudit(config, layout);
  const audit = Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  const etcd = {
    'etcd-servers': config.etcdServers.join(','),
    ...(config.etcdCertfile === undefined ? {} : { 'etcd-certfile': config.etcdCertfile }),
  };
  const authorization =
    config.authorizationConfig === undefined
      ? { 'authorization-mode': 'Node,RBAC' }
      : { 'authorization-config': config.authorizationConfig };
  const admission = {
    'disable-admission-plugins': config.disableAdmissionPlugins.join(','),
    ...(config.admissionControlConfigFile === undefined
      ? {}
      : { 'admission-control-config-file': config.admissionControlConfigFile }),
  };
  return {
    ...(policy ? { 'audit-policy-file': 'built-in' } : {}),
    ...Object.fromEntries(audit),
    ...etcd,
    ...authorization,
    ...admission,
    'kubelet-certificate-authority': layout.file('pki', 'ca.crt'),
    ...(plan.encrypted ? { 'encryption-provider-config': layout.encryption } : {}),
  };
}

/** The files that a cluster's configuration names. */
function filesOfPlan(plan: ClusterPlan | undefined): GivenFlags {
  if (!plan) return {};
  const { kubeconfig, etcdKeyfile, encryptionProviderConfig, staticPodPath } = plan.config;
  const named = {
    kubeconfig,
    'etcd-keyfile': etcdKeyfile,
    'encryption-provider-config': encryptionProviderConfig,
    'pod-manifest-path': staticPodPath,
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, path]) => (path === undefined ? [] : [[name, path]])),
  );
}

/** The agent's kubelets know no other way: no anonymous requests, the API server asked, no port without TLS. */
function ownKubelets({ nodes }: ClusterPlan): Facts['kubeletFlags'] {
  return Object.fromEntries(
    nodes.map(({ name }) => [name, { 'anonymous-auth': 'false', 'authorization-mode': 'Webhook' }]),
  );
}

function localServerFlags(url: URL): GivenFlags | undefined {
  if (!isThisMachine(url)) return undefined;
  return runningFlags('kube-apiserver').find((flags) => (flags['secure-port'] ?? '6443') === (url.port || '443'));
}

function localKubeletFlags(url: URL): Facts['kubeletFlags'] {
  const found = isThisMachine(url) ? runningFlags('kubelet') : [];
  if (found.length === 0) return undefined;
  return Object.fromEntries(
    found.map((flags, index) => [flags['hostname-override'] ?? `this machine (${index + 1})`, flags]),
  );
}

function isThisMachine({ hostname }: URL): boolean {
  const host = hostname.replaceAll(/[[\]]/g, '');
  if (host === 'localhost') return true;
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host));
}
