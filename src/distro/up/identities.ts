import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { clusterLocation } from '../backup/cluster-location.ts';
import { loadEncryptionConfiguration } from '../components/encryption-file.ts';
import { openStore } from '../components/open-store.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { Layout } from '../config/layout.ts';
import { createClusterToken, keepTokens, keptToken, parseNodeToken } from '../join/cluster-token.ts';
import { joinCluster } from '../join/join-cluster.ts';
import { knownServers, saveServers } from '../join/known-servers.ts';
import { readSharedFiles, settingsOf, shareData, withSettings, writeSharedFiles } from '../join/shared-data.ts';
import type { SharedData, SharedSettings } from '../join/shared-data.ts';
import { ensureAuthorities, ensurePki, isCurrent, issue, pkiFiles, readPair, writeSecret } from '../pki/cluster-pki.ts';
import type { FilePair } from '../pki/cluster-pki.ts';
import { kubeconfigText } from '../pki/kubeconfig-file.ts';
import { neededCertificates, nodeCertificates } from '../pki/needed-certificates.ts';
import { newEncryption } from '../pki/new-encryption.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { completeRotation } from '../pki/rotate-authority.ts';
import type { ClusterPlan, NodePlan } from './cluster-plan.ts';
import { planCluster } from './cluster-plan.ts';

/** What it takes to become part of a cluster. */
export interface Becoming {
  readonly plan: ClusterPlan;
  readonly layout: Layout;
  /** Addresses of this machine. */
  readonly addresses: readonly string[];
  /** The token that the user gave. */
  readonly token: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  note(text: string): void;
}

/** Makes the identities of a control-plane machine and of its nodes. Returns the plan with the cluster's settings. */
export async function prepareServer(becoming: Becoming): Promise<ClusterPlan> {
  const { layout, addresses, clock } = becoming;
  completeRotation(layout.pki);
  const { plan: agreed, token, encryption } = await agreeWithOthers(becoming);
  if (encryption !== undefined && encryption !== keptEncryption(layout)) writeSecret(layout.encryption, encryption);
  const plan = { ...agreed, encrypted: existsSync(layout.encryption) };
  await renewServerIdentities({ plan, layout, addresses, now: clock.now() });
  handOutKubeconfig(plan, layout);
  keepTokens(layout, token, readFileSync(pkiFiles(layout.pki).ca.certificate, 'utf8'));
  return plan;
}

/** A control-plane machine whose identities are to be kept. */
export interface ServerIdentities {
  readonly plan: ClusterPlan;
  readonly layout: Layout;
  /** Addresses of this machine. */
  readonly addresses: readonly string[];
  /** Wall-clock milliseconds. */
  readonly now: number;
}

/**
 * Makes what is missing of the certificates of a control-plane machine and its nodes, renews what is due, and writes the
 * kubeconfigs that hold them. `renewed` names those that are made anew although they are not due. Returns whether anything
 * has changed.
 */
export async function renewServerIdentities(
  { plan, layout, addresses, now }: ServerIdentities,
  renewed: readonly string[] = [],
): Promise<boolean> {
  const needed = neededCertificates(plan, [hostname(), ...addresses]);
  const forced = needed.filter(({ name }) => renewed.includes(name));
  await issue(layout.pki, forced, now);
  const hasChanged = (await ensurePki(layout.pki, needed, now)) || forced.length > 0;
  writeServerKubeconfigs(plan, layout);
  if (hasChanged) handOutKubeconfig(plan, layout);
  return hasChanged;
}

function writeServerKubeconfigs(plan: ClusterPlan, layout: Layout): void {
  const own = `127.0.0.1:${plan.config.apiPort}`;
  const any = plan.balancerPort === undefined ? own : `127.0.0.1:${plan.balancerPort}`;
  writeKubeconfig(layout, layout.adminKubeconfig, { user: 'admin', server: any });
  writeKubeconfig(layout, layout.file('scheduler.kubeconfig'), { user: 'scheduler', server: own });
  writeKubeconfig(layout, layout.file('controller-manager.kubeconfig'), { user: 'controller-manager', server: own });
  for (const node of plan.nodes) writeNodeKubeconfigs(layout, plan, node);
}

/** Replaces the copy that the user asked for: what stands in it otherwise is the user's. */
function handOutKubeconfig({ config: { kubeconfig } }: ClusterPlan, layout: Layout): void {
  if (kubeconfig === undefined) return;
  mkdirSync(dirname(kubeconfig), { recursive: true });
  writeFileSync(kubeconfig, readFileSync(layout.adminKubeconfig), { mode: 0o600 });
}

/** What the machines of a control plane have alike; a cluster in a file has only this one. */
async function agreeWithOthers(
  becoming: Becoming,
): Promise<{ readonly plan: ClusterPlan; readonly token: string; readonly encryption: string | undefined }> {
  const { plan, layout } = becoming;
  const given = becoming.token ?? keptToken(layout);
  const { encryptionProviderConfig } = plan.config;
  const encryption = encryptionProviderConfig === undefined ? undefined : readEncryption(encryptionProviderConfig);
  const kept = keptEncryption(layout);
  const own = (): string => encryption ?? kept ?? newEncryption();
  if (plan.config.etcdServers.length === 0) return { plan, token: given ?? createClusterToken(), encryption: own() };
  await using store = await openStore(clusterLocation(plan, layout));
  const { data, token } = await shareData(store, {
    token: given,
    encryption,
    kept,
    first: async () => ({ data: await firstData(becoming, own()), token: given ?? createClusterToken() }),
  });
  writeSharedFiles(layout.pki, data.files);
  return { plan: planWith(plan, data.settings), token, encryption: data.encryption };
}

/** What this machine brings if it is the first. Others may be as fast: nothing is kept here before it is shared. */
async function firstData({ plan, layout, clock }: Becoming, encryption: string): Promise<SharedData> {
  const settings = settingsOf(plan.config);
  if (existsSync(pkiFiles(layout.pki).ca.key)) {
    await ensureAuthorities(layout.pki, clock.now());
    return { settings, files: readSharedFiles(layout.pki), encryption };
  }
  const scratch = mkdtempSync(layout.file('.first-'));
  try {
    await ensureAuthorities(scratch, clock.now());
    return { settings, files: readSharedFiles(scratch), encryption };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Makes the identities of a node of a cluster that is elsewhere. Returns the plan with the cluster's settings. */
export async function prepareWorker(becoming: Becoming): Promise<ClusterPlan> {
  const { plan, layout, clock } = becoming;
  const [node] = plan.nodes;
  if (!node) throw new Error('a worker has a node');
  const files = pkiFiles(layout.pki);
  const isMember =
    existsSync(files.ca.certificate) &&
    nodeCertificates(node).every((needed) => isCurrent(files.client(needed.name), needed, clock.now()));
  const joined = isMember ? plan : await joinAs(node, becoming);
  writeNodeKubeconfigs(layout, joined, node);
  return joined;
}

async function joinAs(node: NodePlan, becoming: Becoming): Promise<ClusterPlan> {
  const { plan, layout, clock, signal, note } = becoming;
  const kept = existsSync(layout.nodeToken) ? readFileSync(layout.nodeToken, 'utf8').trim() : undefined;
  const token = becoming.token ?? kept;
  if (token === undefined) {
    throw new UsageError(
      'to join a cluster give its token with --token-file, a copy of <data-dir>/node-token of one of its control-plane nodes',
    );
  }
  const joined = await joinCluster({
    servers: [...new Set([plan.config.server ?? '', ...knownServers(layout)])],
    token: parseNodeToken(token),
    nodeName: node.name,
    address: node.address,
    certificates: nodeCertificates(node).map(({ name }) => name),
    ...{ clock, signal, note },
  });
  const files = pkiFiles(layout.pki);
  writeSecret(files.ca.certificate, joined.ca);
  for (const [name, pair] of Object.entries(joined.pairs)) {
    const { certificate, key }: FilePair = files.client(name);
    writeSecret(key, pair.key);
    writeSecret(certificate, pair.certificate);
  }
  writeSecret(layout.nodeToken, `${token}\n`);
  saveServers(layout, joined.servers);
  return planWith(plan, joined.settings);
}

function planWith(plan: ClusterPlan, settings: SharedSettings): ClusterPlan {
  const config = withSettings(plan.config, settings);
  return planCluster(config, { address: plan.apiAddress, hostName: hostname(), previous: plan });
}

/** Keeps a certificate of a node that was renewed, also in the kubeconfigs that hold it. */
export function keepNodePair(
  { layout, plan, node }: { readonly layout: Layout; readonly plan: ClusterPlan; readonly node: NodePlan },
  name: string,
  pair: KeyPair,
): void {
  const { certificate, key } = pkiFiles(layout.pki).client(name);
  writeSecret(key, pair.key);
  writeSecret(certificate, pair.certificate);
  writeNodeKubeconfigs(layout, plan, node);
}

/** Writes the kubeconfigs of a node's kubelet and proxy, with their certificates and the authorities as they are now. */
export function writeNodeKubeconfigs(layout: Layout, plan: ClusterPlan, node: NodePlan): void {
  const { kubeletKubeconfig, proxyKubeconfig } = layout.node(node.name);
  const server = nodeApiServer(plan, node);
  writeKubeconfig(layout, kubeletKubeconfig, { user: `kubelet-${node.name}`, server });
  writeKubeconfig(layout, proxyKubeconfig, { user: `kube-proxy-${node.name}`, server });
}

function nodeApiServer({ balancerPort, apiAddress, config }: ClusterPlan, { netns }: NodePlan): string {
  if (balancerPort !== undefined) return `127.0.0.1:${balancerPort}`;
  return `${netns === undefined ? '127.0.0.1' : apiAddress}:${config.apiPort}`;
}

function writeKubeconfig(
  layout: Layout,
  path: string,
  { user, server }: { readonly user: string; readonly server: string },
): void {
  const files = pkiFiles(layout.pki);
  const text = kubeconfigText({
    cluster: 'kubets',
    server: `https://${server}`,
    ca: readFileSync(files.ca.certificate, 'utf8'),
    user: user === 'admin' ? 'kubernetes-admin' : user,
    pair: readPair(files.client(user)),
  });
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeSecret(path, text);
}

function keptEncryption({ encryption }: Layout): string | undefined {
  return existsSync(encryption) ? readFileSync(encryption, 'utf8') : undefined;
}

/** The text of an EncryptionConfiguration that can be used. Throws UsageError. */
function readEncryption(file: string): string {
  try {
    loadEncryptionConfiguration(file);
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
  return readFileSync(file, 'utf8');
}
