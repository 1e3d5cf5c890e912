import type { RunCommand } from '../host/run-command.ts';
import type { Node } from '../api/core/node.ts';
import { removeCniConfig, writeCniConfig } from './cni-config.ts';
import type { Backend, LocalNode } from './desired-network.ts';
import { annotationsOf, bridgeDevice, desiredNetwork, podMtu, vxlan } from './desired-network.ts';
import { acceptForwarded, removeForwardRules } from './forward-accept.ts';
import { enableForwarding } from './kernel-settings.ts';
import type { KernelState } from './kernel-state.ts';
import { linkWith, readKernelState, routeProtocol } from './kernel-state.ts';
import { applyTable, podMasquerade, removeTable } from './masquerade-table.ts';
import { planNetwork } from './network-plan.ts';

/** The network of one node, where it keeps its files, and whose kernel it is. */
export interface NodeNetworkOptions {
  readonly nodeName: string;
  /** The address at which other nodes reach this one. */
  readonly nodeAddress: string;
  /** The block that all pods of the cluster have addresses from. */
  readonly clusterCIDR: string;
  /** The block that Services have addresses from; needed on a node without a default route. */
  readonly serviceCIDR?: string | undefined;
  readonly backend: Backend;
  /** The directory that this node's container runtime reads its network from. */
  readonly cniConfDir: string;
  /** Where host-local notes which addresses are taken. */
  readonly cniDataDir: string;
  /** Runs ip, bridge and nft in the node's network namespace. */
  readonly run: RunCommand;
}

/** The mark on rules in tables of others. */
const owner = 'kubets pods';

/**
 * Makes the node's kernel and files as the Node objects say, changing only what differs. Resolves with what it changed,
 * one line each, and the annotations to publish.
 */
export async function applyNodeNetwork(
  options: NodeNetworkOptions,
  state: { readonly podCIDR: string; readonly nodes: readonly Node[]; readonly signal?: AbortSignal | undefined },
): Promise<{ readonly changes: readonly string[]; readonly annotations: Record<string, string> }> {
  const { run, cniConfDir, cniDataDir, clusterCIDR, backend } = options;
  const { podCIDR, signal } = state;
  const actual = await readKernelState(run, signal);
  const local = localNode(options, podCIDR, actual);
  const plan = planNetwork(desiredNetwork(local, state.nodes), actual);
  if (plan.ip.length > 0) await run(['ip', '-batch', '-'], { input: lines(plan.ip), signal });
  if (plan.bridge.length > 0) await run(['bridge', '-batch', '-'], { input: lines(plan.bridge), signal });
  await enableForwarding(run, signal);
  const changed = {
    'nftables masquerading': await applyTable(run, podMasquerade(clusterCIDR, podCIDR), signal),
    'nftables forwarding': await acceptForwarded(run, [clusterCIDR], owner, signal),
    // Last, since the runtime takes its presence for the network being ready.
    'CNI configuration': await writeCniConfig(cniConfDir, {
      podCIDR,
      mtu: podMtu(backend, local.underlay),
      dataDir: cniDataDir,
    }),
  };
  const others = Object.entries(changed).flatMap(([what, did]) => (did ? [what] : []));
  return { changes: [...plan.ip, ...plan.bridge, ...others], annotations: annotationsOf(local) };
}

/** Removes all that `applyNodeNetwork` makes; harmless when nothing is there. Pods must be gone before. */
export async function removeNodeNetwork(
  options: Pick<NodeNetworkOptions, 'cniConfDir' | 'run'> & { readonly cniDataDir?: string },
): Promise<void> {
  const { run } = options;
  await removeCniConfig(options.cniConfDir);
  const actual = await readKernelState(run);
  const devices = actual.links.filter(({ name, kind }) => {
    return (name === bridgeDevice && kind === 'bridge') || (name === vxlan.device && kind === 'vxlan');
  });
  const commands = [
    ...actual.routes.map((route) => `route delete ${route.destination} proto ${routeProtocol}`),
    ...devices.map((link) => `link delete ${link.name}`),
  ];
  if (commands.length > 0) await run(['ip', '-batch', '-'], { input: lines(commands) });
  await removeTable(run, 'kubets-network');
  await removeForwardRules(run, owner);
  if (options.cniDataDir !== undefined) await run(['rm', '-rf', options.cniDataDir]);
}

function localNode(options: NodeNetworkOptions, podCIDR: string, actual: KernelState): LocalNode {
  const { nodeName: name, nodeAddress: address, backend } = options;
  const link = linkWith(actual, address);
  if (link === undefined) {
    throw new Error(
      `no network device has the address ${address} of node ${name}: give the node an address that this machine has`,
    );
  }
  const { serviceCIDR } = options;
  return { name, podCIDR, address, backend, serviceCIDR, underlay: { device: link.name, mtu: link.mtu } };
}

function lines(commands: readonly string[]): string {
  return commands.map((line) => `${line}\n`).join('');
}
