/** Which addresses a Service gets. Source: kubernetes' service registry (alloc.go) and its family defaulting. */
import { StatusError } from '../../base/errors.ts';
import type { ServiceSpec } from '../../api/core/service.ts';
import { invalid } from '../../machinery/field-error.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import type { Writable } from '../../machinery/schema.ts';
import { addressRefused, invalidService } from './service-errors.ts';
import type { ServiceNetwork } from './service-network.ts';

/** How addresses are taken for a Service. */
export interface AddressSource {
  readonly networks: readonly ServiceNetwork[];
  /** The addresses that the Service has already. */
  readonly held: readonly string[];
  /** Takes a certain address; false when another Service has it. */
  take(address: string): Promise<boolean>;
  /** Takes any address of a network; undefined when all are taken. */
  takeAny(network: ServiceNetwork): Promise<string | undefined>;
}

/** Whether Services of this type have cluster addresses. */
export function needsClusterIP(spec: Pick<ServiceSpec, 'type'>): boolean {
  return spec.type !== 'ExternalName';
}

/** Makes `clusterIP` and `clusterIPs` say the same. Source: NormalizeClusterIPs. */
export function normalizeClusterIPs(spec: Writable<ServiceSpec>, old: ServiceSpec | undefined): void {
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    else if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0];
    return;
  }
  const oneChanged = (spec.clusterIP ?? '') !== (old.clusterIP ?? '');
  const manyChanged = JSON.stringify(spec.clusterIPs ?? []) !== JSON.stringify(old.clusterIPs ?? []);
  if (oneChanged && !manyChanged) {
    if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
    else delete spec.clusterIPs;
  } else if (manyChanged && !oneChanged) {
    if (spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0];
    else delete spec.clusterIP;
  }
}

/** Settles families, policy and addresses of a Service that has or needs cluster addresses. */
export async function allocateClusterIPs(
  spec: Writable<ServiceSpec>,
  name: string,
  source: AddressSource,
): Promise<void> {
  const { networks } = source;
  const headless = spec.clusterIP === 'None';
  const families = settleFamilies(spec, networks, { name, headless });
  if (headless) return;
  const wanted = spec.clusterIPs ?? [];
  const addresses: string[] = [];
  for (const [index, family] of families.entries()) {
    const network = networks.find((candidate) => candidate.family === family);
    if (!network) throw unavailableFamily(name, index, family);
    addresses.push(await oneAddress(network, wanted[index] ?? '', { name, wanted, source }));
  }
  spec.clusterIPs = addresses;
  if (addresses[0]) spec.clusterIP = addresses[0];
}

async function oneAddress(
  network: ServiceNetwork,
  address: string,
  {
    name,
    wanted,
    source,
  }: { readonly name: string; readonly wanted: readonly string[]; readonly source: AddressSource },
): Promise<string> {
  if (address === '') {
    const free = await source.takeAny(network);
    if (free !== undefined) return free;
    throw new StatusError('InternalError', 'Internal error occurred: failed to allocate a serviceIP: range is full');
  }
  if (source.held.includes(address)) return address;
  if (!network.contains(address)) {
    const reason = `failed to allocate IP ${address}: the provided IP (${address}) is not in the valid range. The range of valid IPs is ${network.cidr}`;
    throw addressRefused(name, wanted, reason);
  }
  if (await source.take(address)) return address;
  throw addressRefused(name, wanted, `failed to allocate IP ${address}: provided IP is already allocated`);
}

function settleFamilies(
  spec: Writable<ServiceSpec>,
  networks: readonly ServiceNetwork[],
  { name, headless }: { readonly name: string; readonly headless: boolean },
): readonly (4 | 6)[] {
  checkClusterIPs(spec, name);
  const available = networks.map(({ family }) => family);
  if (spec.ipFamilyPolicy === 'RequireDualStack' && available.length < 2) {
    const detail = 'this cluster is not configured for dual-stack services';
    throw invalidService(name, invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, detail));
  }
  const selectorless = headless && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= selectorless ? 'RequireDualStack' : 'SingleStack';
  const fromAddresses = (spec.clusterIPs ?? []).map(ipFamily).filter((family) => family !== 0);
  const stated = (spec.ipFamilies ?? []).map((family) => (family === 'IPv6' ? 6 : 4));
  const known = stated.length > 0 ? stated : fromAddresses;
  const base = known.length > 0 ? known : selectorless ? ([4, 6] as const) : available.slice(0, 1);
  const second = spec.ipFamilyPolicy === 'SingleStack' ? [] : available.filter((family) => !base.includes(family));
  const families = [...base, ...second];
  spec.ipFamilies = families.map((family) => (family === 4 ? 'IPv4' : 'IPv6'));
  return families;
}

function checkClusterIPs({ clusterIPs = [] }: Writable<ServiceSpec>, name: string): void {
  for (const [index, address] of clusterIPs.entries()) {
    if (address === 'None' || ipFamily(address) !== 0) continue;
    const detail = "must be empty, 'None', or a valid IP address";
    throw invalidService(name, invalid(`spec.clusterIPs[${index}]`, address, detail));
  }
}

function unavailableFamily(name: string, index: number, family: 4 | 6): StatusError {
  const text = family === 4 ? 'IPv4' : 'IPv6';
  const detail = `not configured on this cluster`;
  return invalidService(name, invalid(`spec.ipFamilies[${index}]`, text, detail));
}
