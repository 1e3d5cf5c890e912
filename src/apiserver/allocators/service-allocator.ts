/**
 * Gives Services their cluster addresses and node ports: an admission step. What is taken is noted in the store, where all
 * servers see it, before the Service is.
 */
import { Service } from '../../api/core/service.ts';
import { IPAddress } from '../../api/networking/ip-address.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionContext, AdmissionOutcome, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { canonical, releaseAddress, takeAddress } from './cluster-addresses.ts';
import type { AddressOwner } from './cluster-addresses.ts';
import { allocateClusterIPs, needsClusterIP, normalizeClusterIPs } from './cluster-ip-allocation.ts';
import type { AddressSource } from './cluster-ip-allocation.ts';
import { lacksNodePorts, nodePortsOf, setNodePorts, takeNodePorts } from './node-port-allocation.ts';
import type { NodePortRange } from './node-port-allocation.ts';
import { PortLedger } from './port-ledger.ts';
import { ServiceNetwork } from './service-network.ts';
import { ServiceRepair, addressesOf, ownerOf } from './service-repair.ts';
import { dropObsolete, keepAllocated } from './service-update.ts';

/** Options of the allocator. */
export interface ServiceAllocatorOptions {
  /** `10.96.0.0/12`; a second one of the other family makes the cluster dual-stack. */
  readonly serviceCIDRs: readonly string[];
  /** Default 30000-32767. */
  readonly nodePorts?: NodePortRange | undefined;
  /** Holds which node ports are taken. */
  readonly store: Store;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The allocator. `plugin` runs with admission; `run` repairs, at start and now and then. Requests wait for the first time. */
export interface ServiceAllocator {
  readonly plugin: AdmissionPlugin;
  /** The address of the Service `kubernetes`: the first of the first network. */
  readonly kubernetesAddress: string;
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when everything that is taken is noted. */
  ready(signal: AbortSignal): Promise<void>;
}

/** Source: the service repair interval of kube-apiserver. */
const repairInterval = 3 * 60_000;
/** After a failure. */
const retryInterval = 1000;

/** Makes the allocator; throws when a network is malformed. */
export function createServiceAllocator(options: ServiceAllocatorOptions): ServiceAllocator {
  const { serviceCIDRs, store, client, clock, log } = options;
  const networks = serviceCIDRs.map((cidr) => new ServiceNetwork(cidr));
  const ledger = new PortLedger(store, options.nodePorts ?? { first: 30000, last: 32767 });
  const kubernetesAddress = networks[0]?.first ?? '';
  const repair = new ServiceRepair({ client, ledger, clock, log });
  const repaired = Promise.withResolvers<void>();
  const allocation = new Allocation({ ...options, networks, ledger, kubernetesAddress });
  let isReady = false;

  return {
    kubernetesAddress,
    async run(signal) {
      while (!signal.aborted) {
        let pause = repairInterval;
        try {
          await repair.run();
          isReady = true;
          repaired.resolve();
        } catch (error) {
          if (!signal.aborted)
            log.error('What Services have taken could not be looked through; it will be tried again', { error });
          pause = retryInterval;
        }
        await clock.sleep(pause, signal).catch(() => undefined);
      }
    },
    ready: (signal) => untilAborted(repaired.promise, signal),
    plugin: {
      name: 'ServiceAllocation',
      concerns: [Service.qualified],
      async admit(request, context) {
        const service = admittedService(request);
        if (!service) return;
        if (!isReady) await untilAborted(repaired.promise, AbortSignal.timeout(10_000));
        await allocation.admit(service, request, context);
      },
      settled(request, outcome) {
        if (request.resource.qualified !== Service.qualified || request.dryRun) return undefined;
        return allocation.settled(request, outcome);
      },
    },
  };
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const abort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

interface AllocationOptions extends ServiceAllocatorOptions {
  readonly networks: readonly ServiceNetwork[];
  readonly ledger: PortLedger;
  readonly kubernetesAddress: string;
}

/** What a request under way has taken. */
interface Taken {
  readonly addresses: string[];
  readonly ports: number[];
}

const nothing: Taken = { addresses: [], ports: [] };

class Allocation {
  readonly #options: AllocationOptions;
  readonly #taken = new WeakMap<AdmissionRequest, Taken>();

  constructor(options: AllocationOptions) {
    this.#options = options;
  }

  async admit(service: Writable<Service>, request: AdmissionRequest, context: AdmissionContext): Promise<void> {
    const { spec } = service;
    const before = request.old as Service | undefined;
    if (before) {
      keepAllocated(spec, before.spec);
      dropObsolete(spec, before.spec);
    }
    normalizeClusterIPs(spec, before?.spec);
    const taken: Taken = { addresses: [], ports: [] };
    this.#taken.set(request, taken);
    const owner = ownerOf(service);
    if (needsClusterIP(spec) && !keepsAddresses(spec, before?.spec)) {
      const held = addressesOf(before);
      const source = request.dryRun ? this.#lookedUp(held, context) : this.#source({ held, owner, taken }, context);
      await allocateClusterIPs(spec, owner.name, source);
    }
    await this.#ports(service, request, taken);
  }

  #source(
    { held, owner, taken }: { readonly held: readonly string[]; readonly owner: AddressOwner; readonly taken: Taken },
    { find }: AdmissionContext,
  ): AddressSource {
    const { networks, client, random, kubernetesAddress } = this.#options;
    const take = async (address: string): Promise<boolean> => {
      // Nobody else may have it, so it does not matter who noted it.
      const isReserved = canonical(address) === kubernetesAddress;
      if (isReserved && !isKubernetes(owner)) return false;
      const isNew = await takeAddress(client, address, owner);
      if (isNew && !isReserved) taken.addresses.push(address);
      return isNew || isReserved;
    };
    return {
      networks,
      held,
      take,
      async takeAny(network) {
        for (const address of network.candidates(random)) {
          if (!find(IPAddress, { name: address }) && (await take(address))) return address;
        }
        return undefined;
      },
    };
  }

  /** For dry runs, which take nothing. */
  #lookedUp(held: readonly string[], { find }: AdmissionContext): AddressSource {
    const { networks, random } = this.#options;
    const isFree = (address: string): boolean => !find(IPAddress, { name: canonical(address) });
    return {
      networks,
      held,
      take: async (address) => isFree(address),
      takeAny: async (network) => network.candidates(random).find(isFree),
    };
  }

  async #ports(service: Writable<Service>, request: AdmissionRequest, taken: Taken): Promise<void> {
    const { ledger, random } = this.#options;
    const { spec } = service;
    const held = request.old ? nodePortsOf((request.old as Service).spec) : [];
    const asked = { name: service.metadata.name, spec, held, random };
    if (!lacksNodePorts(asked)) return;
    const ports = request.dryRun
      ? takeNodePorts(asked, await ledger.read())
      : await ledger.change((set) => takeNodePorts(asked, set));
    taken.ports.push(...ports.added);
    setNodePorts(spec, ports);
  }

  /** Gives back what nobody needs any more. Of a write that may have been applied all is kept: repair will see. */
  async settled(request: AdmissionRequest, outcome: AdmissionOutcome): Promise<void> {
    if (outcome === 'uncertain') return;
    const taken = this.#taken.get(request) ?? nothing;
    const before = request.old as Service | undefined;
    const after = outcome === 'removed' ? undefined : (request.object as unknown as Service | undefined);
    if (outcome === 'refused') {
      if (taken !== nothing) await this.#release(ownerOf(request.object as unknown as Service), taken);
      return;
    }
    if (!before || (outcome === 'stored' && !after)) return;
    const kept = { addresses: addressesOf(after), ports: after ? nodePortsOf(after.spec) : [] };
    await this.#release(ownerOf(before), {
      addresses: [...addressesOf(before), ...taken.addresses].filter((address) => !kept.addresses.includes(address)),
      ports: [...nodePortsOf(before.spec), ...taken.ports].filter((port) => !kept.ports.includes(port)),
    });
  }

  async #release(owner: AddressOwner, { addresses, ports }: Taken): Promise<void> {
    const { client, ledger, log } = this.#options;
    const released = addresses.map((address) => releaseAddress(client, address, owner));
    if (ports.length > 0) {
      released.push(
        ledger.change((set) => {
          for (const port of ports) set.delete(port);
        }),
      );
    }
    for (const result of await Promise.allSettled(released)) {
      if (result.status === 'rejected') {
        const { reason } = result as { readonly reason: unknown };
        log.error('What a Service had could not be given back yet; it will be later', { ...owner, error: reason });
      }
    }
  }
}

function isKubernetes({ namespace, name }: AddressOwner): boolean {
  return namespace === 'default' && name === 'kubernetes';
}

/** An address never changes once given; validation refuses what would change it. */
function keepsAddresses(spec: Service['spec'], old: Service['spec'] | undefined): boolean {
  if (!old?.clusterIP || old.clusterIP !== spec.clusterIP) return false;
  const sameFamilies = JSON.stringify(old.ipFamilies) === JSON.stringify(spec.ipFamilies);
  return sameFamilies && old.ipFamilyPolicy === spec.ipFamilyPolicy;
}

function admittedService({ attributes, resource, object, operation }: AdmissionRequest): Writable<Service> | undefined {
  const isWrite = operation === 'CREATE' || operation === 'UPDATE';
  const isService = resource.qualified === Service.qualified && attributes.subresource === '';
  return isWrite && isService ? (object as unknown as Writable<Service>) : undefined;
}
