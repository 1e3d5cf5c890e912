/** Gives Services their cluster addresses and node ports: an admission step, and the memory of what is taken. */
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { Service } from '../../api/core/service.ts';
import type { Client } from '../../client/client.ts';
import { Informer } from '../../client/informer.ts';
import { parseKey } from '../../machinery/resource.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { AddressPool } from './address-pool.ts';
import { allocateClusterIPs, needsClusterIP, normalizeClusterIPs } from './cluster-ip-allocation.ts';
import { allocateNodePorts, nodePortsOf } from './node-port-allocation.ts';
import type { NodePortRange } from './node-port-allocation.ts';
import { NumberPool } from './number-pool.ts';
import { dropObsolete, keepAllocated } from './service-update.ts';

/** Options of the allocator. */
export interface ServiceAllocatorOptions {
  /** `10.96.0.0/12`; a second one of the other family makes the cluster dual-stack. */
  readonly serviceCIDRs: readonly string[];
  /** Default 30000-32767. */
  readonly nodePorts?: NodePortRange | undefined;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** What belongs to the Service `kubernetes` even before it exists. */
const firstOwner = 'default/kubernetes';

/**
 * The allocator. `plugin` runs with admission; `run` follows the Services of the store, from which all that is taken is
 * learnt at start. Requests wait until that is known.
 */
export interface ServiceAllocator {
  readonly plugin: AdmissionPlugin;
  /** The address of the Service `kubernetes`: the first of the first network. */
  readonly kubernetesAddress: string;
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when everything that is taken is known. */
  ready(signal: AbortSignal): Promise<void>;
}

/** Makes the allocator; throws when a network is malformed. */
export function createServiceAllocator(options: ServiceAllocatorOptions): ServiceAllocator {
  const { serviceCIDRs, client, clock, random, log } = options;
  const range = options.nodePorts ?? { first: 30000, last: 32767 };
  const now = (): number => clock.now();
  const addresses = serviceCIDRs.map((cidr) => new AddressPool(cidr, { random, now }));
  const ports = new NumberPool({ size: range.last - range.first + 1, random, now });
  const informer = new Informer({ client, resource: Service, clock, random, log });
  const kubernetesAddress = addresses[0]?.first ?? '';
  addresses[0]?.confirm(firstOwner, [kubernetesAddress], []);

  const confirm = (owner: string, current: Service | undefined, previous: Service | undefined): void => {
    const now = addressesOf(current);
    if (owner === firstOwner && !current) now.push(kubernetesAddress);
    const portNumbers = (service: Service | undefined): number[] =>
      service ? nodePortsOf(service.spec).map((port) => port - range.first) : [];
    const doubled = addresses.flatMap((pool) => pool.confirm(owner, now, addressesOf(previous)));
    const doubledPorts = ports.confirm(owner, portNumbers(current), portNumbers(previous));
    for (const address of doubled) log.error('A cluster address is used by two Services', { service: owner, address });
    for (const port of doubledPorts) {
      log.error('A node port is used by two Services', { service: owner, port: port + range.first });
    }
  };
  informer.subscribe((change) => {
    const { namespace = '', name } = change.object.metadata;
    const current = change.type === 'deleted' ? undefined : change.object;
    const previous = change.type === 'added' ? undefined : change.type === 'deleted' ? change.object : change.old;
    confirm(`${namespace}/${name}`, current, previous);
  });

  return {
    kubernetesAddress,
    run: (signal) => informer.run(signal),
    ready: (signal) => informer.whenSynced(signal),
    plugin: {
      name: 'ServiceAllocation',
      async admit(request) {
        const service = admittedService(request);
        if (!service) return;
        if (!informer.hasSynced) await informer.whenSynced(AbortSignal.timeout(10_000));
        await releaseStale(service, { addresses, ports, range }, client);
        allocate(service, request, { addresses, ports, range });
      },
    },
  };
}

interface Pools {
  readonly addresses: readonly AddressPool[];
  readonly ports: NumberPool;
  readonly range: NodePortRange;
}

/**
 * What the Service names may still be held by one that was deleted a moment ago, which the informer has yet to hear of:
 * such claims are checked against the server.
 */
async function releaseStale(
  service: Writable<Service>,
  { addresses, ports, range }: Pools,
  client: Client,
): Promise<void> {
  const { namespace = '', name } = service.metadata;
  const wanted = new Set([service.spec.clusterIP ?? '', ...(service.spec.clusterIPs ?? [])]);
  const holders = new Map<string, () => void>();
  for (const pool of addresses) {
    for (const address of wanted) {
      const holder = pool.ownerOf(address);
      if (holder !== undefined) holders.set(holder, () => pool.release(address, holder));
    }
  }
  for (const port of nodePortsOf(service.spec)) {
    const holder = ports.ownerOf(port - range.first);
    if (holder !== undefined) holders.set(holder, () => ports.release(port - range.first, holder));
  }
  for (const [holder, release] of holders) {
    if (holder === firstOwner || holder === `${namespace}/${name}`) continue;
    const exists = await client.get(Service, parseKey(holder)).then(
      () => true,
      (error: unknown) => !hasReason(error, 'NotFound'),
    );
    // A pending claim has no Service yet: its request is under way.
    if (!exists && !addresses.some((pool) => pool.isPending(holder)) && ports.pendingOf(holder).length === 0) release();
  }
}

function allocate(service: Writable<Service>, request: AdmissionRequest, { addresses, ports, range }: Pools): void {
  const { spec, metadata } = service;
  const old = (request.old as Service | undefined)?.spec;
  if (old) {
    keepAllocated(spec, old);
    dropObsolete(spec, old);
  }
  normalizeClusterIPs(spec, old);
  const owner = `${metadata.namespace ?? ''}/${metadata.name}`;
  const claims = { owner, name: metadata.name, commit: !request.dryRun };
  // An address never changes once given; validation refuses what would change it.
  const hasAddress = old?.clusterIP !== undefined && old.clusterIP !== '' && old.clusterIP === spec.clusterIP;
  const sameFamilies =
    JSON.stringify(old?.ipFamilies) === JSON.stringify(spec.ipFamilies) && old?.ipFamilyPolicy === spec.ipFamilyPolicy;
  if (needsClusterIP(spec) && !(hasAddress && sameFamilies)) allocateClusterIPs(spec, addresses, claims);
  allocateNodePorts(spec, ports, range, claims);
}

function admittedService({ attributes, resource, object, operation }: AdmissionRequest): Writable<Service> | undefined {
  const isWrite = operation === 'CREATE' || operation === 'UPDATE';
  const isService = resource.qualified === Service.qualified && attributes.subresource === '';
  return isWrite && isService ? (object as unknown as Writable<Service>) : undefined;
}

function addressesOf(service: Service | undefined): string[] {
  return (service?.spec.clusterIPs ?? []).filter((address) => address !== 'None' && address !== '');
}
