import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { addressIn } from '../config/address.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { Layout } from '../config/layout.ts';
import { layoutOf } from '../config/layout.ts';
import { pauseImageName } from '../images/pause-image.ts';
import type { NeededCertificate } from '../pki/cluster-pki.ts';
import { writeSecret } from '../pki/cluster-pki.ts';

/** A node of the cluster on this machine. */
export interface NodePlan {
  readonly name: string;
  readonly address: string;
  /** Its network namespace; undefined: the machine's own. */
  readonly netns: string | undefined;
}

/** Everything about a cluster that follows from its configuration; `cluster.json` in the data directory. */
export interface ClusterPlan {
  /** Six hex digits out of the data directory's path: they keep two clusters on one machine apart. */
  readonly id: string;
  readonly config: ClusterConfig;
  readonly nodes: readonly NodePlan[];
  /** Where nodes and pods reach the API server. */
  readonly apiAddress: string;
  /** The address of the Service `kubernetes`. */
  readonly kubernetesServiceIP: string;
  readonly dnsServiceIP: string;
  /** The pause image, whether built in or given. */
  readonly pauseImage: string;
}

/** Plans a cluster. `hostAddress`: this machine's own address, used when there is one node. */
export function planCluster(config: ClusterConfig, hostAddress: string): ClusterPlan {
  const id = createHash('sha256').update(config.dataDir).digest('hex').slice(0, 6);
  const single = config.nodes === 1;
  const nodes = Array.from({ length: config.nodes }, (_, index): NodePlan => {
    const name = `node-${index + 1}`;
    return single
      ? { name, address: hostAddress, netns: undefined }
      : { name, address: addressIn(config.nodeCIDR, 11 + index), netns: `kubets-${id}-${name}` };
  });
  return {
    id,
    config,
    nodes,
    apiAddress: single ? hostAddress : addressIn(config.nodeCIDR, 1),
    kubernetesServiceIP: addressIn(config.serviceCIDR, 1),
    dnsServiceIP: addressIn(config.serviceCIDR, 10),
    pauseImage: config.podInfraContainerImage ?? pauseImageName,
  };
}

/** What can't change once a cluster has data. */
const fixed = ['nodes', 'clusterCIDR', 'serviceCIDR', 'clusterDomain', 'nodeCIDR'] as const;

/** Refuses a change that would tear an existing cluster apart. Throws UsageError that says what to do. */
export function checkUnchanged(previous: ClusterPlan | undefined, config: ClusterConfig): void {
  if (!previous) return;
  const name = fixed.find((key) => previous.config[key] !== config[key]);
  if (name === undefined) return;
  throw new UsageError(
    `the cluster in ${config.dataDir} was made with ${name} ${previous.config[name]}, which can't become ${config[name]}: ` +
      `leave it, choose another --data-dir, or begin anew after kubets down --purge`,
  );
}

/** Reads the plan of the last `up`; undefined when there was none. */
export function readPlan(layout: Layout): ClusterPlan | undefined {
  if (!existsSync(layout.cluster)) return undefined;
  return JSON.parse(readFileSync(layout.cluster, 'utf8')) as ClusterPlan;
}

/** The plan of the cluster in `dataDir`. Throws UsageError when there is none. */
export function requirePlan(dataDir: string): { readonly plan: ClusterPlan; readonly layout: Layout } {
  const layout = layoutOf(dataDir);
  const plan = readPlan(layout);
  if (!plan)
    throw new UsageError(`there is no cluster in ${dataDir}: kubets up makes one, --data-dir names another place`);
  return { plan, layout };
}

/** Writes the plan before anything is made, so that `down` finds everything. */
export function savePlan(layout: Layout, plan: ClusterPlan): void {
  writeSecret(layout.cluster, `${JSON.stringify(plan, null, 2)}\n`);
}

/** The certificates of a cluster: one identity a component. */
export function neededCertificates(plan: ClusterPlan, hostNames: readonly string[]): readonly NeededCertificate[] {
  const { clusterDomain } = plan.config;
  const client = (name: string, commonName: string, organizations: readonly string[] = []): NeededCertificate => ({
    name,
    request: { commonName, organizations, usages: ['client'] },
  });
  const serving = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${clusterDomain}`,
  ];
  return [
    {
      name: 'apiserver',
      request: {
        commonName: 'kube-apiserver',
        names: [
          ...new Set([...serving, 'localhost', '127.0.0.1', plan.kubernetesServiceIP, plan.apiAddress, ...hostNames]),
        ],
        usages: ['server'],
      },
    },
    client('apiserver-kubelet-client', 'kube-apiserver-kubelet-client', ['system:masters']),
    { ...client('front-proxy-client', 'front-proxy-client'), authority: 'front-proxy' },
    client('admin', 'kubernetes-admin', ['system:masters']),
    client('scheduler', 'system:kube-scheduler'),
    client('controller-manager', 'system:kube-controller-manager'),
    ...plan.nodes.flatMap((node): NeededCertificate[] => [
      client(`kubelet-${node.name}`, `system:node:${node.name}`, ['system:nodes']),
      client(`kube-proxy-${node.name}`, 'system:kube-proxy', ['system:node-proxier']),
      {
        name: `kubelet-server-${node.name}`,
        request: {
          commonName: `system:node:${node.name}`,
          organizations: ['system:nodes'],
          names: [node.name, node.address, '127.0.0.1', 'localhost'],
          usages: ['server'],
        },
      },
    ]),
  ];
}
