import type { RunCommand } from '../host/run-command.ts';
import { CommandError, inNetworkNamespace, runCommand } from '../host/run-command.ts';
import { addressAt } from './desired-network.ts';
import { acceptForwarded, removeForwardRules } from './forward-accept.ts';
import { enableForwarding } from './kernel-settings.ts';
import type { KernelState, Link } from './kernel-state.ts';
import { readKernelState, routeProtocol } from './kernel-state.ts';
import { applyTable, nodeMasquerade, removeTable } from './masquerade-table.ts';

/** A node that lives in a network namespace of its own. */
export interface MachineNode {
  /** The namespace's name below /run/netns. */
  readonly netns: string;
  /** In the network of the nodes. */
  readonly address: string;
}

/** Several nodes on one machine, joined by a bridge whose first address is the machine's. */
export interface MachineNodes {
  /** At most eight characters that keep clusters of one machine apart: the bridge is `kubets-<id>`. */
  readonly id: string;
  /** Such as 10.89.0.0/24. */
  readonly nodeCIDR: string;
  readonly nodes: readonly MachineNode[];
  /** Blocks of pods and Services that the machine itself reaches through the first node. */
  readonly routedCIDRs?: readonly string[] | undefined;
  /** Works in the machine's own namespace. Default: this process's. */
  readonly run?: RunCommand | undefined;
}

/** The path by which processes enter a node's namespace: `nsenter --net=<path>`. */
export const namespacePath = (netns: string): string => `/run/netns/${netns}`;

/** Makes the nodes' namespaces and joins them with each other, the machine and the outside. Changes only what differs. */
export async function createNodeNetworks(machine: MachineNodes): Promise<void> {
  const { nodeCIDR, run = runCommand } = machine;
  const bridge = bridgeName(machine);
  await joinBridge(machine, run);
  await Promise.all(machine.nodes.map((node, index) => joinNode(machine, { node, index }, run)));
  await enableForwarding(run);
  await applyTable(run, nodeMasquerade(bridge, nodeCIDR, bridge));
  await acceptForwarded(run, [nodeCIDR], bridge);
}

/** Removes all that `createNodeNetworks` makes, also half of it. Processes in the namespaces must have ended. */
export async function removeNodeNetworks(machine: MachineNodes): Promise<void> {
  const { run = runCommand } = machine;
  const bridge = bridgeName(machine);
  const { links } = await readKernelState(run);
  const own = links.filter(
    ({ name }) => name === bridge || machine.nodes.some((_, index) => name === vethName(machine, index)),
  );
  if (own.length > 0)
    await run(['ip', '-batch', '-'], { input: own.map(({ name }) => `link delete ${name}\n`).join('') });
  for (const { netns } of machine.nodes) await removeNamespace(run, netns);
  await removeTable(run, bridge);
  await removeForwardRules(run, bridge);
}

async function joinBridge(machine: MachineNodes, run: RunCommand): Promise<void> {
  const bridge = bridgeName(machine);
  const state = await readKernelState(run);
  const present = state.links.find((link) => link.name === bridge);
  const clash = clashWith(machine, state, bridge);
  if (clash !== undefined) {
    throw new Error(
      `${clash.name} already has an address in ${machine.nodeCIDR}: choose another network for the nodes with nodeCIDR`,
    );
  }
  const lines = [
    ...(present === undefined ? [`link add ${bridge} address ${bridgeMac(machine)} type bridge`] : []),
    ...addressLines(present, bridge, `${gatewayOf(machine)}/${prefixLength(machine)}`),
  ];
  await batch(run, lines);
  const routes = machine.nodes[0] === undefined ? [] : missingRoutes(machine, machine.nodes[0], state);
  // The first node's port is not there yet: a route needs only that the gateway's network is.
  await batch(run, routes);
}

async function joinNode(
  machine: MachineNodes,
  { node, index }: { node: MachineNode; index: number },
  run: RunCommand,
): Promise<void> {
  await ensureNamespace(run, node.netns);
  const inside = inNetworkNamespace(namespacePath(node.netns), run);
  const veth = vethName(machine, index);
  const [outer, inner] = await Promise.all([readKernelState(run), readKernelState(inside)]);
  const port = outer.links.find((link) => link.name === veth);
  const device = inner.links.find((link) => link.name === 'eth0');
  const isNew = port === undefined || device === undefined;
  await batch(run, [
    ...(isNew && port !== undefined ? [`link delete ${veth}`] : []),
    ...(isNew ? [`link add ${veth} type veth peer name eth0 netns ${node.netns}`] : []),
    `link set dev ${veth} master ${bridgeName(machine)} up`,
  ]);
  const address = `${node.address}/${prefixLength(machine)}`;
  const loopback = inner.links.find((link) => link.name === 'lo');
  await batch(inside, [
    ...(loopback?.isUp === true ? [] : ['link set dev lo up']),
    ...addressLines(isNew ? undefined : device, 'eth0', address),
    `route replace default via ${gatewayOf(machine)} dev eth0`,
  ]);
}

/** Makes a namespace, also where a file of that name is all that a restart of the machine has left of it. */
async function ensureNamespace(run: RunCommand, netns: string): Promise<void> {
  try {
    await run(['ip', 'netns', 'add', netns]);
  } catch (error) {
    if (!(error instanceof CommandError) || !error.stderr.includes('File exists')) throw error;
    const isAlive = await run(['nsenter', `--net=${namespacePath(netns)}`, '--', 'true']).then(
      () => true,
      () => false,
    );
    if (isAlive) return;
    await run(['rm', '-f', namespacePath(netns)]);
    await run(['ip', 'netns', 'add', netns]);
  }
}

async function removeNamespace(run: RunCommand, netns: string): Promise<void> {
  const listed: unknown = JSON.parse((await run(['ip', '-j', 'netns', 'list'])) || '[]');
  if (!(listed as { name: string }[]).some(({ name }) => name === netns)) return;
  await run(['ip', 'netns', 'delete', netns]);
}

function addressLines(present: Link | undefined, device: string, address: string): string[] {
  const others = (present?.addresses ?? []).filter((other) => other !== address);
  return [
    ...others.map((other) => `address delete ${other} dev ${device}`),
    ...(present?.addresses.includes(address) === true ? [] : [`address add ${address} broadcast + dev ${device}`]),
    ...(present?.isUp === true ? [] : [`link set dev ${device} up`]),
  ];
}

/** Of two clusters with the same pod network the first has the way to it: a route of others is never taken over. */
function missingRoutes(machine: MachineNodes, first: MachineNode, state: KernelState): string[] {
  return (machine.routedCIDRs ?? [])
    .filter((cidr) => !state.routes.some((route) => route.destination === cidr))
    .map((cidr) => `route add ${cidr} via ${first.address} proto ${routeProtocol}`);
}

/** A device of somebody else that has the nodes' gateway address. */
function clashWith(machine: MachineNodes, state: KernelState, bridge: string): Link | undefined {
  const gateway = gatewayOf(machine);
  return state.links.find(
    ({ name, addresses }) => name !== bridge && addresses.some((address) => address.split('/')[0] === gateway),
  );
}

async function batch(run: RunCommand, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await run(['ip', '-batch', '-'], { input: lines.map((line) => `${line}\n`).join('') });
}

function bridgeName({ id }: MachineNodes): string {
  return `kubets-${id}`;
}

/** Device names have at most 15 characters. */
function vethName({ id }: MachineNodes, index: number): string {
  return `kv${id}-${index + 1}`;
}

function gatewayOf({ nodeCIDR }: MachineNodes): string {
  return addressAt(nodeCIDR, 1n);
}

function prefixLength({ nodeCIDR }: MachineNodes): string {
  return nodeCIDR.split('/')[1] ?? '24';
}

function bridgeMac(machine: MachineNodes): string {
  const octets = gatewayOf(machine)
    .split('.')
    .map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return ['0a', '59', ...octets].join(':');
}
