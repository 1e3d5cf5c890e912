import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { addressIn } from '../config/address.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { UsageError, defaultConfig, spansMachines } from '../config/cluster-config.ts';
import type { Layout } from '../config/layout.ts';
import { layoutOf } from '../config/layout.ts';
import { pauseImageName } from '../images/pause-image.ts';
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
  /** A worker has no control plane: its API servers are elsewhere. */
  readonly role: 'server' | 'worker';
  /** Port of 127.0.0.1 that leads to a live API server; undefined where there is only this machine's. */
  readonly balancerPort: number | undefined;
  /** Where nodes and pods reach the API server. */
  readonly apiAddress: string;
  /** The address of the Service `kubernetes`. */
  readonly kubernetesServiceIP: string;
  readonly dnsServiceIP: string;
  /** Whether the store has an EncryptionConfiguration: a server that started without one must start again. */
  readonly encrypted: boolean;
  /** The pause image, whether built in or given. */
  readonly pauseImage: string;
}

/** What a plan takes from the machine, and from what it was before. */
export interface PlannedMachine {
  /** Its own address, used when it is one node. */
  readonly address: string;
  readonly hostName: string;
  readonly previous?: ClusterPlan | undefined;
}

/** Plans a cluster, or this machine's part of one. */
export function planCluster(config: ClusterConfig, machine: PlannedMachine): ClusterPlan {
  const id = createHash('sha256').update(config.dataDir).digest('hex').slice(0, 6);
  const single = config.nodes === 1;
  const address = config.nodeIP ?? machine.address;
  const nodes = Array.from({ length: config.nodes }, (_, index): NodePlan => {
    const name = `node-${index + 1}`;
    return single
      ? { name: singleName(config, machine), address, netns: undefined }
      : { name, address: addressIn(config.nodeCIDR, 11 + index), netns: `kubets-${id}-${name}` };
  });
  return {
    id,
    // What is said only once must not look like a change the next time; the name is in `nodes`.
    config: { ...config, tokenFile: undefined, nodeName: undefined },
    nodes,
    role: config.server === undefined ? 'server' : 'worker',
    balancerPort: spansMachines(config) ? config.balancerPort : undefined,
    apiAddress: single ? address : addressIn(config.nodeCIDR, 1),
    kubernetesServiceIP: addressIn(config.serviceCIDR, 1),
    dnsServiceIP: addressIn(config.serviceCIDR, 10),
    encrypted: machine.previous?.encrypted ?? false,
    pauseImage: config.podInfraContainerImage ?? pauseImageName,
  };
}

/** A node keeps its name for life. */
function singleName(config: ClusterConfig, { hostName, previous }: PlannedMachine): string {
  return config.nodeName ?? previous?.nodes[0]?.name ?? (spansMachines(config) ? hostName.toLowerCase() : 'node-1');
}

/** What can't change once a cluster has data. */
const fixed = ['nodes', 'clusterCIDR', 'serviceCIDR', 'clusterDomain', 'nodeCIDR'] as const;

/** Refuses a change that would tear an existing cluster apart. Throws UsageError that says what to do. */
export function checkUnchanged(previous: ClusterPlan | undefined, config: ClusterConfig): void {
  if (!previous) return;
  const before = previous.config;
  const refuse = (was: string, wanted: string): never => {
    throw new UsageError(
      `the cluster in ${config.dataDir} was made ${was}, which can't become ${wanted}: ` +
        `leave it, choose another --data-dir, or begin anew after kubets down --purge`,
    );
  };
  const name = fixed.find((key) => before[key] !== config[key]);
  if (name !== undefined) refuse(`with ${name} ${before[name]}`, String(config[name]));
  const nodeName = previous.nodes[0]?.name;
  if (config.nodeName !== undefined && config.nodeName !== nodeName)
    refuse(`with nodeName ${nodeName}`, config.nodeName);
  const [was, is] = [placeOf(before), placeOf(config)];
  // From a file to etcd there is a way: kubets store migrate.
  if (was !== is && !(was === 'in a file' && is === 'in etcd')) refuse(was, is);
}

function placeOf({ server, etcdServers }: ClusterConfig): string {
  if (server !== undefined) return 'as a node of a cluster that is elsewhere (--server)';
  return etcdServers.length > 0 ? 'in etcd' : 'in a file';
}

/** Reads the plan of the last `up`; undefined when there was none. */
export function readPlan(layout: Layout): ClusterPlan | undefined {
  if (!existsSync(layout.cluster)) return undefined;
  const plan = JSON.parse(readFileSync(layout.cluster, 'utf8')) as ClusterPlan;
  // An older plan lacks what was not there yet.
  return { ...plan, config: { ...defaultConfig, ...plan.config }, role: plan.role ?? 'server' };
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
