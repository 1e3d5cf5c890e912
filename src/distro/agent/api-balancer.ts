import { followServers } from '../../client/balancer/follow-servers.ts';
import { startLoadBalancer } from '../../client/balancer/load-balancer.ts';
import { probeServers } from '../../client/balancer/probe-servers.ts';
import { ServerList } from '../../client/balancer/server-list.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { systemRandom } from '../../base/system-random.ts';
import type { Layout } from '../config/layout.ts';
import { knownServers, saveServers } from '../join/known-servers.ts';
import type { NodeIdentity } from './node-identity.ts';
import type { ClusterPlan, NodePlan } from '../up/cluster-plan.ts';

/** What the balancer of a node needs. */
export interface ApiBalancerOptions {
  readonly plan: ClusterPlan;
  readonly layout: Layout;
  readonly node: NodePlan;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Who asks the API servers. */
  readonly identity: NodeIdentity;
}

/**
 * Opens the port of this node that leads to a live API server: for the kubelet, the proxy and whoever runs kubectl here.
 * Resolves when it listens, or at once when the cluster has one machine; goes on until it is disposed.
 */
export async function startApiBalancer(options: ApiBalancerOptions): Promise<AsyncDisposable> {
  const { plan, layout, clock, log, signal, identity } = options;
  const disposables = new AsyncDisposableStack();
  if (plan.balancerPort === undefined) return disposables;
  const own = plan.role === 'server' ? `${plan.apiAddress}:${plan.config.apiPort}` : undefined;
  const first = own ?? plan.config.server ?? '';
  const servers = new ServerList([...new Set([first, ...knownServers(layout)])], own);
  disposables.use(await startLoadBalancer({ servers, listen: { host: '127.0.0.1', port: plan.balancerPort }, clock }));
  const client = identity.client('kube-proxy', 'kubets-balancer');
  const connection = identity.connection('kube-proxy');
  const stop = new AbortController();
  const stopping = AbortSignal.any([signal, stop.signal]);
  const save = (known: readonly string[]): void => saveServers(layout, known);
  const running = Promise.all([
    probeServers(servers, { connection, clock, signal: stopping }),
    followServers(servers, { client, clock, random: systemRandom, log, signal: stopping, save }),
  ]);
  disposables.defer(async () => {
    stop.abort(new Error('the balancer ends'));
    await running;
  });
  return disposables;
}
