import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../base/system-clock.ts';
import type { Connection } from '../../../client/connection.ts';
import { ensurePki, pkiFiles, readPair, writeSecret } from '../../pki/cluster-pki.ts';
import type { NeededCertificate, PkiFiles } from '../../pki/cluster-pki.ts';
import { kubeconfigText } from '../../pki/kubeconfig-file.ts';

/** Certificates and kubeconfigs of a control plane on loopback, in a folder that disposing removes. */
export interface TestPki extends Disposable {
  readonly directory: string;
  readonly files: PkiFiles;
  /** The administrator's connection. */
  readonly admin: Connection;
  /** What a kube-apiserver that uses them is to be told, besides where its objects are and on which address it listens. */
  readonly serverFlags: readonly string[];
  /** The kubeconfig of `admin`, `scheduler`, `controller-manager`, `kubelet` or `kube-proxy`. */
  kubeconfig(user: string): string;
}

const client = (name: string, commonName: string, organizations: readonly string[] = []): NeededCertificate => ({
  name,
  request: { commonName, organizations, usages: ['client'] },
});

/** Makes them for an API server at `https://127.0.0.1:<port>` and a node of the given name. */
export async function testPki(port: number, node = 'node-1'): Promise<TestPki> {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-components-'));
  const clients = [
    client('admin', 'kubernetes-admin', ['system:masters']),
    client('scheduler', 'system:kube-scheduler'),
    client('controller-manager', 'system:kube-controller-manager'),
    client('kubelet', `system:node:${node}`, ['system:nodes']),
    client('kube-proxy', 'system:kube-proxy', ['system:node-proxier']),
    client('apiserver-kubelet-client', 'kube-apiserver-kubelet-client', ['system:masters']),
  ];
  const serving = { commonName: 'kube-apiserver', names: ['127.0.0.1', 'localhost'], usages: ['server'] } as const;
  await ensurePki(directory, [...clients, { name: 'apiserver', request: serving }], systemClock.now());
  const files = pkiFiles(directory);
  const { certificate: ca } = readPair(files.ca);
  const server = `https://127.0.0.1:${port}`;
  for (const { name } of clients) {
    const pair = readPair(files.client(name));
    writeSecret(
      join(directory, `${name}.kubeconfig`),
      kubeconfigText({ cluster: 'test', server, ca, user: name, pair }),
    );
  }
  const { certificate: cert, key } = readPair(files.client('admin'));
  return {
    directory,
    files,
    admin: { servers: [server], ca, certificate: { cert, key } },
    serverFlags: [
      `--secure-port=${port}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      `--client-ca-file=${files.ca.certificate}`,
      `--tls-cert-file=${files.apiserver.certificate}`,
      `--tls-private-key-file=${files.apiserver.key}`,
      `--service-account-signing-key-file=${files.serviceAccountKey}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    ],
    kubeconfig: (user) => join(directory, `${user}.kubeconfig`),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
