/**
 * Brings what is noted as taken into line with the Services: after a crash between the two, and in a store from before
 * addresses were noted. Every server does so now and then. Source: ipallocator's and portallocator's repair controllers.
 */
import { Service } from '../../api/core/service.ts';
import { IPAddress } from '../../api/networking/ip-address.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';
import {
  allocatorName,
  belongsTo,
  canonical,
  deleteAddress,
  managedByLabel,
  takeAddress,
} from './cluster-addresses.ts';
import type { AddressOwner } from './cluster-addresses.ts';
import { nodePortsOf } from './node-port-allocation.ts';
import type { PortLedger } from './port-ledger.ts';
import { PortSet } from './port-set.ts';

/** What is repaired. */
export interface RepairTarget {
  readonly client: Client;
  readonly ledger: PortLedger;
  readonly clock: Clock;
  readonly log: Logger;
}

/** An address without a Service may belong to a request that is under way: those take less time than this. */
const longestRequest = 60_000;
/** How often a port is seen without a Service before it is free again. Source: numRepairsBeforeLeakCleanup. */
const sightings = 3;

/** Repairs; remembers which ports nobody seemed to have. */
export class ServiceRepair {
  readonly #target: RepairTarget;
  readonly #unused = new Map<number, number>();

  constructor(target: RepairTarget) {
    this.#target = target;
  }

  /** Looks through everything once. Rejects when the store can't be asked. */
  async run(): Promise<void> {
    await Promise.all([this.#addresses(), this.#ports()]);
  }

  async #addresses(): Promise<void> {
    const { client, clock, log } = this.#target;
    // The addresses first: a Service that was made after this look has one that is too young to go.
    const { items: addresses } = await client.list(IPAddress);
    const { items: services } = await client.list(Service);
    const known = new Map(addresses.map((address) => [address.metadata.name, address]));
    const inUse = new Set<string>();
    await Promise.all(
      services.flatMap((service) => {
        const owner = ownerOf(service);
        return addressesOf(service).map(async (address) => {
          const name = canonical(address);
          inUse.add(name);
          const noted = known.get(name);
          if (noted ? belongsTo(noted, owner) : await takeAddress(client, name, owner)) return;
          if (noted)
            log.error('A cluster address is used by two Services; make one of them anew', { ...owner, address });
        });
      }),
    );
    const oldest = clock.now() - longestRequest;
    const leaked = addresses.filter(
      ({ metadata: { name, labels, creationTimestamp } }) =>
        !inUse.has(name) && labels?.[managedByLabel] === allocatorName && Date.parse(creationTimestamp) < oldest,
    );
    await Promise.all(leaked.map((address) => deleteAddress(client, address)));
  }

  async #ports(): Promise<void> {
    const { client, ledger, log } = this.#target;
    // The ports are read before the Services; when somebody took or gave back one meanwhile, both are read anew.
    while (
      !(await ledger.rebuild(async (taken) => {
        const { items } = await client.list(Service);
        const used = new PortSet(taken.range);
        for (const service of items) {
          for (const port of new Set(nodePortsOf(service.spec))) {
            if (used.has(port))
              log.error('A node port is used by two Services; make one of them anew', { ...ownerOf(service), port });
            used.add(port);
          }
        }
        return this.#withDoubtful(taken, used);
      }))
    );
  }

  /** The ports in use, and those that may be about to be. */
  #withDoubtful(taken: PortSet, used: PortSet): PortSet {
    for (const port of this.#unused.keys()) if (used.has(port) || !taken.has(port)) this.#unused.delete(port);
    const next = used.copy();
    for (const port of taken.ports()) {
      if (used.has(port)) continue;
      const seen = (this.#unused.get(port) ?? 0) + 1;
      this.#unused.set(port, seen);
      if (seen < sightings) next.add(port);
    }
    return next;
  }
}

/** The cluster addresses of a Service. */
export function addressesOf(service: Pick<Service, 'spec'> | undefined): string[] {
  return (service?.spec.clusterIPs ?? []).filter((address) => address !== 'None' && address !== '');
}

/** A Service as the owner of addresses. */
export function ownerOf({ metadata: { namespace = '', name } }: Pick<Service, 'metadata'>): AddressOwner {
  return { namespace, name };
}
