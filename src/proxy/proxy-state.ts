import type { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import type { Service } from '../api/core/service.ts';
import { keyOf, keyString } from '../machinery/resource.ts';

/** The label that names an EndpointSlice's Service. */
const serviceNameLabel = 'kubernetes.io/service-name';

/** Services and EndpointSlices as last seen, and which Services have changed since they were last looked at. */
export class ProxyState {
  readonly #services = new Map<string, Service>();
  /** By Service, then by slice. */
  readonly #slices = new Map<string, Map<string, EndpointSlice>>();
  #dirty = new Set<string>();
  #withdrew = false;

  /** Keeps a Service, or drops it when `object` is undefined. */
  setService(key: string, service: Service | undefined): void {
    if (service === undefined) this.#services.delete(key);
    else this.#services.set(key, service);
    this.#dirty.add(key);
  }

  /** Keeps an EndpointSlice as the server sent it. */
  setSlice(slice: EndpointSlice): void {
    const owner = ownerOf(slice);
    if (owner === undefined) return;
    const slices = this.#slices.get(owner) ?? new Map<string, EndpointSlice>();
    this.#slices.set(owner, slices);
    const old = slices.get(slice.metadata.name);
    if (old !== undefined && withdraws(old, slice)) this.#withdrew = true;
    slices.set(slice.metadata.name, slice);
    this.#dirty.add(owner);
  }

  /** Drops an EndpointSlice. */
  deleteSlice(slice: EndpointSlice): void {
    const owner = ownerOf(slice);
    if (owner === undefined) return;
    if (this.#slices.get(owner)?.delete(slice.metadata.name)) this.#withdrew = true;
    if (this.#slices.get(owner)?.size === 0) this.#slices.delete(owner);
    this.#dirty.add(owner);
  }

  /** Whether `takeChanges` has something to return. */
  get hasChanges(): boolean {
    return this.#dirty.size > 0;
  }

  /** How many Services are known. */
  get serviceCount(): number {
    return this.#services.size;
  }

  /** Hands over the keys of the Services that changed since the last call, and whether an endpoint was withdrawn. */
  takeChanges(): { readonly services: readonly string[]; readonly withdrew: boolean } {
    const taken = { services: [...this.#dirty], withdrew: this.#withdrew };
    this.#dirty = new Set();
    this.#withdrew = false;
    return taken;
  }

  /** Takes changes back that could not be applied; the Services among them are already rendered. */
  restore(changes: { readonly withdrew: boolean }): void {
    this.#withdrew ||= changes.withdrew;
  }

  /** Marks every Service as changed: something that all depend on has. */
  touchAll(): void {
    for (const key of this.#services.keys()) this.#dirty.add(key);
  }

  /** A Service with its slices in a stable order. */
  get(key: string): { readonly service: Service; readonly slices: readonly EndpointSlice[] } | undefined {
    const service = this.#services.get(key);
    if (service === undefined) return undefined;
    const slices = [...(this.#slices.get(key)?.values() ?? [])];
    return { service, slices: slices.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)) };
  }

  /** Every Service's key. */
  keys(): Iterable<string> {
    return this.#services.keys();
  }
}

function ownerOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[serviceNameLabel];
  return name === undefined ? undefined : keyString({ ...keyOf(slice), name });
}

/**
 * Whether something waits for this change: an address that took new connections takes none, or one that was meant to
 * stay is going, whether it ever took any or not.
 */
function withdraws(old: EndpointSlice, now: EndpointSlice): boolean {
  return loses(old, now, ({ ready }) => ready ?? true) || loses(old, now, ({ terminating }) => terminating !== true);
}

type Conditions = NonNullable<EndpointSlice['endpoints']>[number]['conditions'];

function loses(old: EndpointSlice, now: EndpointSlice, counts: (conditions: Conditions) => boolean): boolean {
  const addressesOf = ({ endpoints = [] }: EndpointSlice): string[] =>
    endpoints.flatMap(({ addresses, conditions }) => (counts(conditions) ? addresses : []));
  const left = new Set(addressesOf(now));
  return addressesOf(old).some((address) => !left.has(address));
}
