import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { CertificateSource } from '../../client/certificates/certificate-source.ts';
import type { WantedCertificate } from '../../client/certificates/request-certificate.ts';
import { replaceCertificate } from '../../client/certificates/rotate-certificate.ts';
import type { Connection } from '../../client/connection.ts';
import { createHttpClient } from '../../client/http-client.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { nodePrefix, nodesGroup } from '../../controllers/certificates/request-rules.ts';
import { signerNames } from '../../controllers/certificates/signer-names.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { certificatePeriod, isPair } from '../../machinery/x509/certificate-period.ts';
import { writeSecret } from '../pki/cluster-pki.ts';

/** Names of the certificates that a kubelet asks for: `kubelet-client-current.pem` in `--cert-dir`. */
export type KubeletCertificate = 'kubelet-client' | 'kubelet-server';

/** What a kubelet asks the cluster for, as the API server's client. */
export function kubeletClientCertificate(nodeName: string): WantedCertificate {
  return {
    signerName: signerNames.kubeletClient,
    subject: { commonName: `${nodePrefix}${nodeName}`, organizations: [nodesGroup] },
    usages: ['digital signature', 'client auth'],
  };
}

/** The same as a server: for the node's name and addresses. */
export function kubeletServingCertificate(nodeName: string, addresses: readonly string[]): WantedCertificate {
  return {
    signerName: signerNames.kubeletServing,
    subject: { commonName: `${nodePrefix}${nodeName}`, organizations: [nodesGroup], names: [nodeName, ...addresses] },
    usages: ['digital signature', 'server auth'],
  };
}

/** Where a certificate that was asked for is kept, with its key. */
export function currentFile(directory: string, name: KubeletCertificate): string {
  return join(directory, `${name}-current.pem`);
}

/** The pair that is kept, or else `given`; a pair that is kept keeps what replaces it. */
export function keptSource(
  directory: string,
  name: KubeletCertificate,
  { given, now }: { readonly given?: KeyPair | undefined; readonly now: number },
): CertificateSource {
  const path = currentFile(directory, name);
  const source = new CertificateSource(validPair(path, now) ?? given);
  source.subscribe(() => {
    const { pair } = source;
    if (pair) writeSecret(path, `${pair.certificate}${pair.key}`);
  });
  return source;
}

function validPair(path: string, now: number): KeyPair | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const pair = { certificate: text, key: text };
  return isPair(pair) && certificatePeriod(text).notAfter > now ? pair : undefined;
}

/** How a kubelet becomes a node of the cluster. */
export interface KubeletBootstrap {
  /** What it is to have in the end. */
  readonly kubeconfig: string;
  /** What it begins with: the API server, and a token with which it may ask for a certificate. */
  readonly bootstrapKubeconfig: string;
  readonly directory: string;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Asks for the kubelet's certificate with the identity of the bootstrap kubeconfig, and writes the kubeconfig with it;
 * does nothing where that has a certificate that is still valid. Source: kubernetes' kubelet/certificate/bootstrap.
 */
export async function bootstrapKubelet(bootstrap: KubeletBootstrap): Promise<void> {
  const { kubeconfig, directory, nodeName, clock, log, signal } = bootstrap;
  if (await isStillValid(kubeconfig, clock.now())) return;
  const { connection } = await loadKubeconfig(bootstrap.bootstrapKubeconfig);
  await using client = createHttpClient({ ...connection, userAgent: 'kubelet' }, { clock });
  const path = currentFile(directory, 'kubelet-client');
  const replace = (pair: KeyPair): void => {
    writeSecret(path, `${pair.certificate}${pair.key}`);
    writeSecret(kubeconfig, kubeconfigOf(connection, path));
  };
  const wanted = kubeletClientCertificate(nodeName);
  await replaceCertificate({ name: 'kubelet-client', wanted, replace, client, clock, log }, signal);
}

async function isStillValid(kubeconfig: string, now: number): Promise<boolean> {
  if (!existsSync(kubeconfig)) return false;
  try {
    const { certificate } = (await loadKubeconfig(kubeconfig)).connection;
    return certificate !== undefined && certificatePeriod(certificate.cert).notAfter > now;
  } catch {
    // What can't be read is written anew, as upstream does.
    return false;
  }
}

function kubeconfigOf({ servers: [server], ca, serverName, insecureSkipVerify }: Connection, path: string): string {
  const cluster = {
    server,
    ...(ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
    ...(serverName === undefined ? {} : { 'tls-server-name': serverName }),
    ...(insecureSkipVerify === true ? { 'insecure-skip-tls-verify': true } : {}),
  };
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'default-cluster', cluster }],
    users: [{ name: 'default-auth', user: { 'client-certificate': path, 'client-key': path } }],
    contexts: [{ name: 'default-context', context: { cluster: 'default-cluster', user: 'default-auth' } }],
    'current-context': 'default-context',
  });
}
