import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { systemClock } from '../base/system-clock.ts';
import { systemRandom } from '../base/system-random.ts';
import { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import { Node } from '../api/core/node.ts';
import { Service } from '../api/core/service.ts';
import type { Client } from '../client/client.ts';
import { Informer } from '../client/informer.ts';
import type { RunCommand } from '../host/run-command.ts';
import { runCommand } from '../host/run-command.ts';
import { keyOf, keyString } from '../machinery/resource.ts';
import { healthAnswer } from './health-answer.ts';
import { HealthCheckPorts } from './health-check-ports.ts';
import { tuneConntrack } from './kernel-settings.ts';
import type { NodePortAddresses } from './node-port-addresses.ts';
import { nodePortAddresses } from './node-port-addresses.ts';
import { Proxier } from './proxier.ts';
import { ProxyMetrics } from './proxy-metrics.ts';
import { serve } from '../host/serve-answers.ts';
import { ProxyState } from './proxy-state.ts';
import { WithdrawalLease } from './withdrawal-lease.ts';

/** Options of `createProxy`. */
export interface ProxyOptions {
  readonly client: Client;
  readonly nodeName: string;
  /** Pods' address blocks: traffic to ClusterIPs from elsewhere is masqueraded. Empty: nothing is. */
  readonly clusterCIDRs: readonly string[];
  readonly masqueradeAll?: boolean | undefined;
  /** Default: the node's InternalIP. */
  readonly nodePortAddresses?: NodePortAddresses | undefined;
  /** `host:port`, or undefined for none. Default 0.0.0.0:10256; port 0 takes any. */
  readonly healthzBindAddress?: string | undefined;
  /** `host:port`, or undefined for none. Default 127.0.0.1:10249. */
  readonly metricsBindAddress?: string | undefined;
  /** Runs nft, ip and conntrack where the rules belong. Default: this process's network namespace. */
  readonly run?: RunCommand | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly log: Logger;
}

/** Upstream's default ports. */
export const proxyDefaults = { healthzBindAddress: '0.0.0.0:10256', metricsBindAddress: '127.0.0.1:10249' } as const;

/** How often the table's presence and the node's addresses are looked at, in milliseconds. */
const verifyEvery = 30_000;

/** Services that another proxy handles carry this label. */
const otherProxyLabel = 'service.kubernetes.io/service-proxy-name';

/** The node's proxy: makes Services work on it until aborted. Its rules stay, so that connections survive a restart. */
export function createProxy(options: ProxyOptions): Component {
  return { name: 'kube-proxy', run: (signal) => runProxy(options, signal) };
}

async function runProxy(options: ProxyOptions, signal: AbortSignal): Promise<void> {
  const { clock = systemClock, random = systemRandom, run = runCommand, client, nodeName, log } = options;
  const source = { client, clock, random, log };
  const services = new Informer({ ...source, resource: Service });
  const slices = new Informer({ ...source, resource: EndpointSlice });
  const nodes = new Informer({ ...source, resource: Node, selection: { fieldSelector: `metadata.name=${nodeName}` } });
  const lease = new WithdrawalLease({ client, nodeName, clock, log });
  const metrics = new ProxyMetrics(() => clock.now());
  await using healthChecks = new HealthCheckPorts(log);
  const state = new ProxyState();
  const proxier = new Proxier({
    family: 'ip',
    clusterCIDRs: options.clusterCIDRs.filter((cidr) => !cidr.includes(':')),
    masqueradeAll: options.masqueradeAll ?? false,
    state,
    run,
    clock,
    log,
    metrics,
    topology: { nodeName, zone: undefined },
    sliceVersion: () => slices.cache.version,
    onRendered: (key, ports) => healthChecks.set(key, healthCheckOf(services.cache.get(key), ports)),
    onApplied: (batch) => lease.applied(batch),
  });
  const node = (): Node | undefined => nodes.cache.get(nodeName);
  const look = async (): Promise<void> => {
    const own = { run, family: 'ip', object: node(), signal } as const;
    proxier.setNodePortAddresses(await nodePortAddresses(options.nodePortAddresses ?? 'primary', own));
    proxier.setTopology({ nodeName, zone: node()?.metadata.labels?.['topology.kubernetes.io/zone'] });
  };
  using _services = services.subscribe(({ type, object }) => {
    const isOurs = type !== 'deleted' && object.metadata.labels?.[otherProxyLabel] === undefined;
    state.setService(keyString(keyOf(object)), isOurs ? object : undefined);
    proxier.notify();
  });
  using _slices = slices.subscribe(({ type, object }) => {
    if (type === 'deleted') state.deleteSlice(object);
    else state.setSlice(object);
    proxier.notify();
  });
  using _nodes = nodes.subscribe(
    () => void look().catch((error) => log.error('Failed to read the node', { err: messageOf(error) })),
  );
  const tuned = tuneConntrack(run, log);
  await using _servers = await serveHealth(options, { metrics, clock, node, proxier });
  const informers = [services, slices, nodes].map((informer) => informer.run(signal));
  await Promise.all([tuned, ...[services, slices, nodes].map((informer) => informer.whenSynced(signal))]).then(
    () =>
      Promise.all([proxier.run(signal), lease.run(signal), verifyPeriodically(proxier, look, { clock, log, signal })]),
    (error: unknown) => {
      if (!signal.aborted) throw error;
    },
  );
  await Promise.all(informers);
}

function healthCheckOf(service: Service | undefined, ports: readonly { local: readonly { address: string }[] }[]) {
  const port = service?.spec.healthCheckNodePort;
  if (service === undefined || !port || service.spec.externalTrafficPolicy !== 'Local') return undefined;
  const localEndpoints = new Set(ports.flatMap(({ local }) => local.map(({ address }) => address))).size;
  const { namespace = '', name } = service.metadata;
  return { namespace, name, port, localEndpoints };
}

async function verifyPeriodically(
  proxier: Proxier,
  look: () => Promise<void>,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(verifyEvery, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await look();
      await proxier.verify(signal);
    } catch (error) {
      if (!signal.aborted) log.warning('Failed to look at the rules', { err: messageOf(error) });
    }
  }
}

async function serveHealth(
  options: ProxyOptions,
  from: {
    readonly metrics: ProxyMetrics;
    readonly clock: Clock;
    readonly proxier: Proxier;
    readonly node: () => Node | undefined;
  },
): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const { metrics, clock, node, proxier } = from;
  const open = async (address: string | undefined, answer: Parameters<typeof serve>[1]): Promise<void> => {
    if (address === undefined || address === '') return;
    try {
      stack.use(await serve(address, answer));
    } catch (error) {
      // Traffic matters more than its report.
      options.log.error('Failed to listen', { address, err: messageOf(error) });
    }
  };
  await open(options.healthzBindAddress ?? proxyDefaults.healthzBindAddress, (path) => {
    if (path !== '/healthz' && path !== '/livez') return undefined;
    const { lastApplied } = metrics;
    return healthAnswer({ now: clock.now(), lastApplied, pendingSince: proxier.pendingSince, node: node() }, path);
  });
  await open(options.metricsBindAddress ?? proxyDefaults.metricsBindAddress, (path) => {
    if (path === '/metrics') return { status: 200, type: 'text/plain; version=0.0.4', body: metrics.render() };
    if (path === '/healthz') return { status: 200, type: 'text/plain', body: 'ok' };
    return path === '/proxyMode' ? { status: 200, type: 'text/plain', body: 'nftables' } : undefined;
  });
  return stack;
}
