import { readFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { systemClock } from '../base/system-clock.ts';
import { systemRandom } from '../base/system-random.ts';
import { Namespace } from '../api/core/namespace.ts';
import { Service } from '../api/core/service.ts';
import { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import type { Client } from '../client/client.ts';
import { Informer } from '../client/informer.ts';
import type { Listening } from '../host/serve-answers.ts';
import { serve } from '../host/serve-answers.ts';
import { AnswerCache } from './answer-cache.ts';
import type { DnsHandlerOptions } from './dns-handler.ts';
import { handleMessage } from './dns-handler.ts';
import type { DnsListener } from './dns-listener.ts';
import { listenDns } from './dns-listener.ts';
import { DnsMetrics } from './dns-metrics.ts';
import type { Exchange } from './exchange.ts';
import { networkExchange } from './exchange.ts';
import { Forwarder } from './forwarder.ts';
import { informerView } from './informer-view.ts';
import { LoopGuard } from './loop-guard.ts';
import type { Upstream } from './resolv-conf.ts';
import { nameServers } from './resolv-conf.ts';

/** Options of `createDnsServer`. */
export interface DnsServerOptions {
  readonly client: Client;
  /** Default `cluster.local`. */
  readonly clusterDomain?: string | undefined;
  /** Default: all addresses, port 53; port 0 takes any. */
  readonly listen?: { readonly address?: string | undefined; readonly port?: number | undefined } | undefined;
  /** `host:port` of /health and /ready. Default 0.0.0.0:8181. */
  readonly healthAddress?: string | undefined;
  /** `host:port` of /metrics. Default 0.0.0.0:9153. */
  readonly metricsAddress?: string | undefined;
  /** Who answers the rest. Default: the name servers of /etc/resolv.conf. */
  readonly upstreams?: readonly Upstream[] | undefined;
  /** Seconds for which clients may keep an answer about the cluster. Default 5. */
  readonly ttl?: number | undefined;
  /** How upstream servers are asked. Default: over the network. */
  readonly exchange?: Exchange | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly log: Logger;
  /** Called once it listens, with the ports it took. */
  readonly onListening?:
    | ((ports: { readonly dns: number; readonly health: number; readonly metrics: number }) => void)
    | undefined;
}

/** Upstream's defaults, but for the ports of health, which one serves here. */
export const dnsDefaults = { healthAddress: '0.0.0.0:8181', metricsAddress: '0.0.0.0:9153', ttl: 5 } as const;

/** The cluster's DNS. Answers until aborted. */
export function createDnsServer(options: DnsServerOptions): Component {
  return { name: 'dns', run: (signal) => runDnsServer(options, signal) };
}

async function runDnsServer(options: DnsServerOptions, signal: AbortSignal): Promise<void> {
  const { client, clock = systemClock, random = systemRandom, log } = options;
  const source = { client, clock, random, log };
  const namespaces = new Informer({ ...source, resource: Namespace });
  const services = new Informer({ ...source, resource: Service });
  const slices = new Informer({ ...source, resource: EndpointSlice });
  const informers = [namespaces, services, slices] as const;
  const upstreams = options.upstreams ?? (await readUpstreams(log));
  const cache = new AnswerCache({ size: 10_000, maxTtl: 30, maxNegativeTtl: 30, clock });
  const forwarder = new Forwarder({
    upstreams,
    exchange: options.exchange ?? networkExchange,
    cache,
    clock,
    random,
    log,
  });
  const loopGuard = new LoopGuard(random, () => {
    forwarder.stop('loop');
    log.error(
      'An upstream name server leads back here: names outside the cluster are not resolved. Name another in the resolv.conf that the kubelet gives to pods (--resolv-conf)',
      {
        upstreams: upstreams.map(({ address }) => address).join(),
      },
    );
  });
  const serial = changeCounter(clock, informers);
  const handler: DnsHandlerOptions = {
    view: informerView({ namespaces: namespaces.cache, services: services.cache, slices: slices.cache }),
    zone: {
      clusterDomain: options.clusterDomain ?? 'cluster.local',
      ttl: options.ttl ?? dnsDefaults.ttl,
      serial,
      shuffle: shuffler(random),
    },
    forwarder,
    loopGuard,
    metrics: new DnsMetrics(clock),
    isReady: () => informers.every((informer) => informer.hasSynced),
  };
  const running = informers.map((informer) => informer.run(signal));
  await using sockets = await openSockets(options, handler, signal);
  options.onListening?.({ dns: sockets.dns.port, health: sockets.health.port, metrics: sockets.metrics.port });
  log.info('Answering DNS', { port: sockets.dns.port, upstreams: upstreams.map(({ address }) => address).join() });
  if (upstreams.length > 0) void forwarder.ask(loopGuard.probe(), 'udp', signal).catch(() => undefined);
  await Promise.all(running);
}

interface Sockets extends AsyncDisposable {
  readonly dns: DnsListener;
  readonly health: Listening;
  readonly metrics: Listening;
}

async function openSockets(
  options: DnsServerOptions,
  handler: DnsHandlerOptions,
  signal: AbortSignal,
): Promise<Sockets> {
  const { listen: { address = '0.0.0.0', port = 53 } = {}, log } = options;
  await using stack = new AsyncDisposableStack();
  const dns = await listenDns(address, port, async (message, transport) => {
    try {
      return await handleMessage(message, { transport, signal }, handler);
    } catch (error) {
      // One message must not end the service of all.
      log.error('Failed to answer', { err: messageOf(error) });
      return undefined;
    }
  });
  stack.use(dns);
  const text = (status: number, body: string) => ({ status, type: 'text/plain; charset=utf-8', body });
  const health = await serve(options.healthAddress ?? dnsDefaults.healthAddress, (path) => {
    if (path === '/health') return text(200, 'OK');
    if (path === '/ready') return handler.isReady() ? text(200, 'OK') : text(503, 'kubernetes');
    return undefined;
  });
  stack.use(health);
  const metrics = await serve(options.metricsAddress ?? dnsDefaults.metricsAddress, (path) =>
    path === '/metrics' ? text(200, handler.metrics.render(handler.forwarder.cacheStatistics)) : undefined,
  );
  stack.use(metrics);
  const kept = stack.move();
  return { dns, health, metrics, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function readUpstreams(log: Logger): Promise<readonly Upstream[]> {
  try {
    return nameServers(await readFile('/etc/resolv.conf', 'utf8'));
  } catch (error) {
    log.warning("Names outside the cluster are not resolved: /etc/resolv.conf can't be read", {
      err: messageOf(error),
    });
    return [];
  }
}

/** Counts the changes of the cluster, beginning with the time so that it also grows over a restart. */
function changeCounter(
  clock: Clock,
  informers: readonly { subscribe(listener: () => void): Disposable }[],
): () => number {
  const start = Math.floor(clock.now() / 1000);
  let changes = 0;
  for (const informer of informers) informer.subscribe(() => void changes++);
  return () => (start + changes) >>> 0;
}

/** Fisher and Yates'. */
function shuffler(random: Random) {
  return <T>(items: readonly T[]): readonly T[] => {
    if (items.length < 2) return items;
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = Math.floor(random.next() * (last + 1));
      [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
    }
    return shuffled;
  };
}
