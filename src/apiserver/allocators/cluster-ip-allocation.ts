/** Which addresses a Service gets. Source: kubernetes' service registry (alloc.go) and its family defaulting. */
import { StatusError } from '../../base/errors.ts';
import type { ServiceSpec } from '../../api/core/service.ts';
import { invalid } from '../../machinery/field-error.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { AddressPool } from './address-pool.ts';
import { addressRefused, invalidService } from './service-errors.ts';

/** The Service that asks. `commit` false only looks, for dry runs. */
export interface AddressRequest {
  readonly owner: string;
  readonly name: string;
  readonly commit: boolean;
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
export function allocateClusterIPs(
  spec: Writable<ServiceSpec>,
  pools: readonly AddressPool[],
  request: AddressRequest,
): void {
  const headless = spec.clusterIP === 'None';
  const families = settleFamilies(spec, pools, { name: request.name, headless });
  if (headless) return;
  const wanted = spec.clusterIPs ?? [];
  spec.clusterIPs = families.map((family, index) => {
    const pool = pools.find((candidate) => candidate.family === family);
    if (!pool) throw unavailableFamily(request.name, index, family);
    return oneAddress(pool, wanted[index] ?? '', wanted, request);
  });
  const [first] = spec.clusterIPs;
  if (first) spec.clusterIP = first;
}

function oneAddress(
  pool: AddressPool,
  wanted: string,
  all: readonly string[],
  { owner, name, commit }: AddressRequest,
): string {
  if (wanted === '') {
    const free = pool.allocate(commit ? owner : undefined);
    if (free !== undefined) return free;
    throw new StatusError('InternalError', 'Internal error occurred: failed to allocate a serviceIP: range is full');
  }
  if (!pool.contains(wanted)) {
    throw addressRefused(
      name,
      all,
      `failed to allocate IP ${wanted}: the provided IP (${wanted}) is not in the valid range. The range of valid IPs is ${pool.cidr}`,
    );
  }
  const { heldBy } = pool.claim(wanted, owner);
  if (heldBy !== undefined)
    throw addressRefused(name, all, `failed to allocate IP ${wanted}: provided IP is already allocated`);
  return wanted;
}

function settleFamilies(
  spec: Writable<ServiceSpec>,
  pools: readonly AddressPool[],
  { name, headless }: { readonly name: string; readonly headless: boolean },
): readonly (4 | 6)[] {
  checkClusterIPs(spec, name);
  const available = pools.map(({ family }) => family);
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
