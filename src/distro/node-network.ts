import { networkInterfaces } from 'node:os';
import { runCommand } from '../host/run-command.ts';
import { createNodeNetworks, removeNodeNetworks } from '../network/machine-nodes.ts';
import type { MachineNodes } from '../network/machine-nodes.ts';
import { removeNodeNetwork as removeNetworkOfNode } from '../network/node-network.ts';
import { removeProxyRules } from '../proxy/live-table.ts';
import { addressIn } from './config/address.ts';
import type { ClusterConfig } from './config/cluster-config.ts';
import { layoutOf } from './config/layout.ts';
import type { ClusterPlan, NodePlan } from './up/cluster-plan.ts';

/** This machine's addresses. */
export interface HostAddresses {
  /** The one by which nodes and pods reach it; undefined when it has none but loopback. */
  readonly primary: string | undefined;
  readonly all: readonly string[];
}

/** Devices that kubets or containers make: their addresses are not the machine's. */
const foreign = /^(cni|docker|flannel|veth|kubets|br-|virbr)/;

/** The machine's IPv4 addresses, except those of container networks. */
export function hostAddresses(): HostAddresses {
  const all = Object.entries(networkInterfaces())
    .filter(([device]) => !foreign.test(device))
    .flatMap(([device, addresses]) => (addresses ?? []).map((address) => ({ device, ...address })))
    .filter(({ family, address }) => family === 'IPv4' && !address.startsWith('127.'))
    // An address that kubets put on the loopback device is the last resort, also the second time.
    .sort((a, b) => Number(a.device === 'lo') - Number(b.device === 'lo'))
    .map(({ address }) => address);
  return { primary: all[0], all };
}

/** The address of a machine without a network: the first of the nodes' range, on the loopback device. */
export function fallbackAddress(config: ClusterConfig): string {
  return addressIn(config.nodeCIDR, 1);
}

/** Makes what the nodes' network needs on the machine before they start. Idempotent. */
export async function prepareHostNetwork(plan: ClusterPlan): Promise<void> {
  const machine = machineNodes(plan);
  if (machine) return createNodeNetworks(machine);
  if (hasFallback(plan) && !hostAddresses().all.includes(plan.apiAddress)) {
    await runCommand(['ip', 'address', 'add', `${plan.apiAddress}/32`, 'dev', 'lo']);
  }
}

/** Removes what `prepareHostNetwork` makes. Idempotent; processes of the nodes must have ended. */
export async function removeHostNetwork(plan: ClusterPlan): Promise<void> {
  const machine = machineNodes(plan);
  if (machine) return removeNodeNetworks(machine);
  if (hasFallback(plan))
    await runCommand(['ip', 'address', 'del', `${plan.apiAddress}/32`, 'dev', 'lo']).catch(() => undefined);
}

/** Removes what a node's agent makes in the kernel: bridge, tunnel, routes, rules. A namespace of its own takes all along. */
export async function removeNodeNetwork(plan: ClusterPlan, node: NodePlan): Promise<void> {
  const { cni } = layoutOf(plan.config.dataDir).node(node.name);
  if (node.netns !== undefined) return;
  await removeNetworkOfNode({ cniConfDir: cni, run: runCommand });
  await removeProxyRules(runCommand);
}

function hasFallback(plan: ClusterPlan): boolean {
  return plan.nodes.length === 1 && plan.apiAddress === fallbackAddress(plan.config);
}

function machineNodes(plan: ClusterPlan): MachineNodes | undefined {
  const { id, config } = plan;
  const nodes = plan.nodes.flatMap(({ netns, address }) => (netns === undefined ? [] : [{ netns, address }]));
  if (nodes.length === 0) return undefined;
  return { id, nodeCIDR: config.nodeCIDR, nodes, routedCIDRs: [config.clusterCIDR, config.serviceCIDR] };
}
