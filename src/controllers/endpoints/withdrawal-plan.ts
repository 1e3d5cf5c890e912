import type { Lease } from '../../api/coordination/lease.ts';
import type { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { compareResourceVersions } from '../../machinery/resource-version.ts';

/** What a proxy writes on its lease: the highest version of EndpointSlices that its kernel reflects. */
export const appliedAnnotation = 'kubets.io/applied-endpoint-slices';
/** The condition that tells a kubelet that no proxy sends to a pod any more. */
export const withdrawnCondition = 'kubets.io/EndpointsWithdrawn';
/** Namespace of the proxies' leases, and how their names begin. */
export const proxyLeases = { namespace: 'kube-node-lease', prefix: 'kube-proxy.' } as const;

/** A proxy that has been silent for longer is taken for dead; nobody waits for it. */
const freshFor = 40_000;

/** Whether a slice still offers the pod with `uid` for new connections. */
export function offers(slice: EndpointSlice, uid: string): boolean {
  return (slice.endpoints ?? []).some(
    ({ targetRef, conditions }) => targetRef?.uid === uid && conditions.ready !== false,
  );
}

/** The highest version among slices; undefined when there are none. */
export function newestVersion(slices: readonly EndpointSlice[]): string | undefined {
  return slices
    .map(({ metadata }) => metadata.resourceVersion)
    .reduce<string | undefined>((a, b) => (a !== undefined && compareResourceVersions(a, b) >= 0 ? a : b), undefined);
}

/**
 * Milliseconds to wait for proxies that have not applied `version` yet: 0 when all live ones have, else the time after
 * which the first of the others would count as dead.
 */
export function waitForProxies(leases: readonly Lease[], version: string, now: number): number {
  const behind = leases
    .map((lease) => ({ applied: lease.metadata.annotations?.[appliedAnnotation] ?? '', freshUntil: freshUntil(lease) }))
    .filter((lease) => lease.freshUntil > now && compareResourceVersions(lease.applied, version) < 0);
  return behind.length === 0 ? 0 : Math.min(...behind.map((lease) => lease.freshUntil - now));
}

function freshUntil(lease: Lease): number {
  const renewed = Date.parse(lease.spec.renewTime ?? '');
  return Number.isNaN(renewed) ? 0 : renewed + freshFor;
}
