import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { systemClock } from '../base/system-clock.ts';
import { systemRandom } from '../base/system-random.ts';
import { Wake } from '../base/wake.ts';
import { Node } from '../api/core/node.ts';
import { Backoff } from '../client/backoff.ts';
import type { Client } from '../client/client.ts';
import { Informer } from '../client/informer.ts';
import type { RunCommand } from '../host/run-command.ts';
import { runCommand } from '../host/run-command.ts';
import type { Backend } from './desired-network.ts';
import type { NodeNetworkOptions } from './node-network.ts';
import { applyNodeNetwork } from './node-network.ts';

/** Options of `createNetwork`. */
export interface NetworkOptions extends Omit<NodeNetworkOptions, 'run' | 'backend'> {
  /** As the node: it annotates its own Node. */
  readonly client: Client;
  /** Reads all Nodes, as a node may not. Default: `client`. */
  readonly reader?: Client | undefined;
  /** Default: vxlan. */
  readonly backend?: Backend | undefined;
  /** Default: this process's own network namespace. */
  readonly run?: RunCommand | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly log: Logger;
}

/** How often the kernel is compared with the Nodes though none changed, in milliseconds. */
const verifyEvery = 30_000;

/** The pause after a change in which further ones gather, in milliseconds. */
const coalesce = 50;

/**
 * The node's pod network: waits for the node's podCIDR, then keeps bridge, tunnel, routes, masquerading and CNI
 * configuration as the Nodes say, until aborted. It stays when the component ends: pods go on talking.
 */
export function createNetwork(options: NetworkOptions): Component {
  return { name: 'network', run: (signal) => runNetwork(options, signal) };
}

async function runNetwork(options: NetworkOptions, signal: AbortSignal): Promise<void> {
  const { client, reader = client, clock = systemClock, random = systemRandom, log, nodeName } = options;
  const nodes = new Informer({ client: reader, resource: Node, clock, random, log });
  const changes = new Wake();
  let seen = '';
  using _subscription = nodes.subscribe(() => {
    // Nodes report their health every few seconds; only what concerns the network is a change.
    const now = fingerprint(nodes.cache.list());
    if (now !== seen) changes.notify();
    seen = now;
  });
  const informing = nodes.run(signal);
  await nodes.whenSynced(signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  const backoff = new Backoff({ first: 200, cap: 10_000, random });
  while (!signal.aborted) {
    const podCIDR = nodes.cache.get(nodeName)?.spec.podCIDR;
    if (podCIDR === undefined) log.v(2).info('Waiting for the node to get a podCIDR', { node: nodeName });
    const ok = podCIDR === undefined || (await settle(options, { podCIDR, nodes: nodes.cache.list(), signal }));
    if (ok) backoff.reset();
    await changes.wait(signal, { clock, ms: ok ? verifyEvery : backoff.next() });
    await clock.sleep(coalesce, signal).catch(() => undefined);
  }
  await informing;
}

async function settle(
  options: NetworkOptions,
  state: { readonly podCIDR: string; readonly nodes: readonly Node[]; readonly signal: AbortSignal },
): Promise<boolean> {
  const { log, nodeName: node } = options;
  try {
    const network = { ...options, backend: options.backend ?? 'vxlan', run: options.run ?? runCommand };
    const { changes, annotations } = await applyNodeNetwork(network, state);
    if (changes.length > 0)
      log.info('Changed the pod network', { node, podCIDR: state.podCIDR, changes: changes.length });
    for (const change of changes) log.v(4).info('Pod network change', { change });
    await publish(options, annotations, state);
    return true;
  } catch (error) {
    if (!state.signal.aborted) log.error('Failed to set up the pod network; retrying', { node, err: messageOf(error) });
    return false;
  }
}

/** Writes the annotations by which other nodes find this one, if they differ. */
async function publish(
  { client, nodeName }: NetworkOptions,
  annotations: Record<string, string>,
  state: { readonly nodes: readonly Node[]; readonly signal: AbortSignal },
): Promise<void> {
  const present = state.nodes.find((node) => node.metadata.name === nodeName)?.metadata.annotations ?? {};
  if (Object.entries(annotations).every(([name, value]) => present[name] === value)) return;
  const patch = { type: 'merge', body: { metadata: { annotations } } } as const;
  await client.patch(Node, { name: nodeName }, patch, { signal: state.signal });
}

/** What of the Nodes the network depends on. */
function fingerprint(nodes: readonly Node[]): string {
  return JSON.stringify(
    nodes.map(({ metadata, spec }) => {
      const own = Object.entries(metadata.annotations ?? {}).filter(([name]) => name.startsWith('flannel.'));
      return [metadata.name, spec.podCIDR, own.sort(([a], [b]) => (a < b ? -1 : 1))];
    }),
  );
}
