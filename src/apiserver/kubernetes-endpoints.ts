/**
 * The Service `kubernetes` and its endpoints: every API server that lives. Each keeps a short-lived key of its address in the
 * store, and all write down whose keys there are. Source: controlplane/reconcilers/lease.go, with whose servers this mixes.
 */
import { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import { Endpoints } from '../api/core/endpoints.ts';
import { Service } from '../api/core/service.ts';
import type { Clock } from '../base/clock.ts';
import { hasReason } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Client } from '../client/client.ts';
import { equalJson } from '../machinery/patch/equal-json.ts';
import { ipFamily } from '../machinery/ip-address.ts';
import type { ApiObject, DraftObject, Resource } from '../machinery/resource.ts';
import { StoreError } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { registryPrefix } from './cache/storage-key.ts';

/** Where pods reach the API server. */
export interface KubernetesService {
  /** Address of the Service `default/kubernetes`: the first of the service range. */
  readonly clusterIP: string;
  /** Addresses on which this API server listens, as pods reach them. */
  readonly endpoints: readonly string[];
  readonly port: number;
}

/** What the endpoints are kept with. */
export interface KubernetesEndpointsOptions {
  readonly store: Store;
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly service: KubernetesService;
}

/** Source: reconcilers' DefaultEndpointReconcilerInterval and DefaultEndpointReconcilerTTL, in ms and s. */
const interval = 10_000;
const lifetime = 15;
/** After a failure; and how often something that others change at the same time is tried at once. */
const retryInterval = 1000;
const attempts = 5;

const leasePrefix = `${registryPrefix}masterleases/`;
const metadata = { name: 'kubernetes', namespace: 'default' };
const portName = 'https';

/** How long a server that ends tries to take itself out of the endpoints (ms). */
const withdrawalTimeout = 3000;

/** A server among the endpoints. */
export interface Published {
  /** Takes it out. */
  withdraw(): Promise<void>;
}

/** Puts the server among the endpoints of the Service `kubernetes`, where it stays until it is withdrawn. */
export async function publishEndpoints(
  parts: Omit<KubernetesEndpointsOptions, 'service'>,
  service: KubernetesService | undefined,
): Promise<Published> {
  if (!service) return { withdraw: async () => undefined };
  const endpoints = new KubernetesEndpoints({ ...parts, service });
  await endpoints.publish();
  const stopping = new AbortController();
  const running = endpoints.run(stopping.signal);
  let withdrawn: Promise<void> | undefined;
  const withdraw = async (): Promise<void> => {
    stopping.abort();
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    // A store that does not answer must not keep the server from ending: others will see that it is gone.
    using _timer = parts.clock.after(withdrawalTimeout, resolve);
    await Promise.race([running.then(() => endpoints.withdraw()), enough]);
  };
  return { withdraw: () => (withdrawn ??= withdraw()) };
}

/** Keeps this server among the endpoints. */
class KubernetesEndpoints {
  readonly #options: KubernetesEndpointsOptions;

  constructor(options: KubernetesEndpointsOptions) {
    this.#options = options;
  }

  /** Makes the Service if there is none, and puts this server among its endpoints. */
  async publish(): Promise<void> {
    await this.#ensureService();
    await this.#refresh();
    await this.#reconcile();
  }

  /** Stays among the endpoints until aborted, and takes those out that are gone. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    let pause = interval;
    while (!signal.aborted) {
      try {
        await this.#untilChange(pause, signal);
        pause = interval;
        if (signal.aborted) return;
        await this.publish();
      } catch (error) {
        if (signal.aborted) return;
        log.error('The endpoints of the Service kubernetes could not be kept; it will be tried again', { error });
        pause = retryInterval;
        await clock.sleep(retryInterval, signal).catch(() => undefined);
      }
    }
  }

  /** Takes this server out. The last one stays: clients that come back should find it. */
  async withdraw(): Promise<void> {
    const { store, service, log } = this.#options;
    try {
      for (const address of service.endpoints) await store.delete(leasePrefix + address).catch(unlessGone);
      await this.#reconcile();
    } catch (error) {
      log.error('The endpoints of the Service kubernetes still name this server; others will take it out', { error });
    }
  }

  /** Resolves after a while, or when a server comes or goes. */
  async #untilChange(ms: number, signal: AbortSignal): Promise<void> {
    const { store, clock, service } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const own = new Set(service.endpoints.map((address) => leasePrefix + address));
    const after = await store.revision();
    using _watch = store.watch(
      { prefix: leasePrefix, after },
      {
        events: (batch) => {
          if (batch.some(({ key, type }) => !own.has(key) && type !== 'updated')) resolve();
        },
        failed: () => undefined,
      },
    );
    const waking = new AbortController();
    const slept = clock.sleep(ms, AbortSignal.any([signal, waking.signal])).catch(() => undefined);
    await Promise.race([slept, promise]);
    waking.abort();
    await slept;
  }

  async #ensureService(): Promise<void> {
    const { client, service } = this.#options;
    const { clusterIP, port } = service;
    const existing = await client.get(Service, metadata).catch(unlessGone);
    if (existing) return;
    const labels = { component: 'apiserver', provider: 'kubernetes' };
    const ports = [{ name: portName, protocol: 'TCP' as const, port: 443, targetPort: port }];
    const spec = {
      type: 'ClusterIP' as const,
      clusterIP,
      clusterIPs: [clusterIP],
      sessionAffinity: 'None' as const,
      ports,
    };
    await client.create(Service, { metadata: { ...metadata, labels }, spec }).catch(unlessGone);
  }

  async #refresh(): Promise<void> {
    const { store, service } = this.#options;
    for (const address of service.endpoints) {
      const key = leasePrefix + address;
      const existing = await store.get(key);
      const value = leaseOf(address, existing?.value);
      // Lost to another write of the same key, it has been refreshed all the same.
      await (
        existing
          ? store.update(key, value, existing.revision, { ttl: lifetime })
          : store.create(key, value, { ttl: lifetime })
      ).catch(unlessGone);
    }
  }

  async #reconcile(): Promise<void> {
    const { store, client, service } = this.#options;
    const { items } = await store.list(leasePrefix);
    const addresses = items.map(({ key }) => key.slice(leasePrefix.length)).sort();
    // Since this server's own was just written, that there is none means that something is wrong; or this was the last.
    if (addresses.length === 0) return;
    const port = { name: portName, port: service.port, protocol: 'TCP' as const };
    const skipMirror = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
    await put(client, Endpoints, {
      metadata: { ...metadata, labels: skipMirror },
      subsets: [{ addresses: addresses.map((ip) => ({ ip })), ports: [port] }],
    });
    const family = ipFamily(service.endpoints[0] ?? addresses[0]!);
    await put(client, EndpointSlice, {
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: family === 6 ? ('IPv6' as const) : ('IPv4' as const),
      endpoints: addresses
        .filter((address) => ipFamily(address) === family)
        .map((address) => ({ addresses: [address], conditions: { ready: true } })),
      ports: [port],
    });
  }
}

/** Upstream refreshes a key by counting up its generation, and reads the address out of the subset. */
function leaseOf(ip: string, existing: Uint8Array | undefined): Buffer {
  const [, generation = '0'] = /"generation":(\d+)/.exec(existing ? Buffer.from(existing).toString() : '') ?? [];
  return Buffer.from(
    JSON.stringify({
      kind: 'Endpoints',
      apiVersion: 'v1',
      metadata: { generation: Number(generation) + 1, creationTimestamp: null },
      subsets: [{ addresses: [{ ip }] }],
    }),
  );
}

/** Creates the object or brings it to what is wanted; what others write at the same time is the same, or soon will be. */
async function put<T extends ApiObject, D extends DraftObject>(
  client: Client,
  resource: Resource<T, D>,
  wanted: D,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const existing = await client.get(resource, metadata).catch(unlessGone);
      if (!existing) return void (await client.create(resource, wanted));
      const next = { ...existing, ...wanted, metadata: { ...existing.metadata, ...wanted.metadata } };
      if (!equalJson(next, existing)) await client.update(resource, next);
      return;
    } catch (error) {
      if (!hasReason(error, 'Conflict', 'AlreadyExists') || attempt >= attempts) throw error;
    }
  }
}

/** That something is gone, or that somebody was faster, is no failure here. */
function unlessGone(error: unknown): undefined {
  if (hasReason(error, 'NotFound', 'AlreadyExists')) return undefined;
  if (error instanceof StoreError && ['exists', 'conflict', 'notFound'].includes(error.kind)) return undefined;
  throw error;
}
