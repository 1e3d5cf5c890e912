import { join } from 'node:path';

/** Where things lie under a data directory. */
export interface Layout {
  readonly root: string;
  readonly adminKubeconfig: string;
  readonly pki: string;
  readonly logs: string;
  readonly store: string;
  readonly images: string;
  /** Process records: pid and start time of everything that `up` started. */
  readonly run: string;
  /** What the last `up` was asked for. */
  readonly cluster: string;
  /** The cluster's token: who has it can become a control-plane node. */
  readonly token: string;
  /** The token with which nodes join. */
  readonly nodeToken: string;
  /** The API servers that were last known, of a cluster of several machines. */
  readonly servers: string;
  /** The EncryptionConfiguration of the store, if there is one. */
  readonly encryption: string;
  file(...parts: readonly string[]): string;
  node(name: string): NodeLayout;
}

/** Where things of one node lie. */
export interface NodeLayout {
  readonly root: string;
  readonly containerd: string;
  readonly kubelet: string;
  readonly podLogs: string;
  readonly cni: string;
  readonly kubeletKubeconfig: string;
  readonly proxyKubeconfig: string;
  readonly staticPods: string;
}

/** The layout under `root`. */
export function layoutOf(root: string): Layout {
  const file = (...parts: readonly string[]): string => join(root, ...parts);
  return {
    root,
    adminKubeconfig: file('admin.kubeconfig'),
    pki: file('pki'),
    logs: file('logs'),
    store: file('store', 'kubets.db'),
    images: file('images'),
    run: file('run'),
    cluster: file('cluster.json'),
    token: file('token'),
    nodeToken: file('node-token'),
    servers: file('servers.json'),
    encryption: file('pki', 'encryption.yaml'),
    file,
    node: (name) => ({
      root: file('nodes', name),
      containerd: file('nodes', name, 'containerd'),
      kubelet: file('nodes', name, 'kubelet'),
      podLogs: file('nodes', name, 'pod-logs'),
      cni: file('nodes', name, 'cni'),
      kubeletKubeconfig: file('nodes', name, 'kubelet.kubeconfig'),
      proxyKubeconfig: file('nodes', name, 'kube-proxy.kubeconfig'),
      staticPods: file('nodes', name, 'manifests'),
    }),
  };
}
