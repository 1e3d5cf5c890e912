import type { Endpoint, EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import type { Family } from './nft-json.ts';

/** Where a connection may be sent. */
export interface ProxyEndpoint {
  readonly address: string;
  readonly port: number;
  /** On this node, as far as its slice says. */
  readonly local: boolean;
  /** On another node: no pod here can reach itself through it. */
  readonly onOtherNode: boolean;
}

/** What this node knows of itself; endpoints hint at nodes and zones. */
export interface Topology {
  readonly nodeName: string;
  /** The label topology.kubernetes.io/zone of this node. */
  readonly zone: string | undefined;
}

/** Which port of which slices, seen from where. */
export interface SelectionContext {
  readonly family: Family;
  readonly topology: Topology;
  readonly port: { readonly name: string; readonly protocol: string };
}

interface Candidate extends ProxyEndpoint {
  readonly ready: boolean;
  readonly fallback: boolean;
  readonly hints: Endpoint['hints'];
}

/** The endpoints of one service port. Source: kube-proxy's CategorizeEndpoints. */
export function selectEndpoints(
  slices: readonly EndpointSlice[],
  context: SelectionContext,
): { cluster: readonly ProxyEndpoint[]; local: readonly ProxyEndpoint[]; hasEndpoints: boolean } {
  const all = candidates(slices, context);
  const cluster = usable(withHints(all, context.topology));
  const local = usable(all.filter((endpoint) => endpoint.local));
  return { cluster, local, hasEndpoints: cluster.length > 0 || local.length > 0 };
}

/** The ready ones; if there are none, those that still serve while they terminate. */
function usable(all: readonly Candidate[]): readonly ProxyEndpoint[] {
  const ready = all.filter((endpoint) => endpoint.ready);
  const chosen = ready.length > 0 ? ready : all.filter((endpoint) => endpoint.fallback);
  return chosen.map(({ address, port, local, onOtherNode }) => ({ address, port, local, onOtherNode }));
}

function candidates(slices: readonly EndpointSlice[], context: SelectionContext): Candidate[] {
  const found = new Map<string, Candidate>();
  const addressType = context.family === 'ip' ? 'IPv4' : 'IPv6';
  for (const slice of slices) {
    if (slice.addressType !== addressType) continue;
    const { name, protocol } = context.port;
    const port = slice.ports?.find((p) => (p.name ?? '') === name && (p.protocol ?? 'TCP') === protocol)?.port;
    if (port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const candidate = candidateOf(endpoint, port, context.topology);
      if (candidate === undefined) continue;
      const key = `${candidate.address}|${port}`;
      // While an endpoint moves between slices both hold it: the usable copy wins.
      const other = found.get(key);
      if (other === undefined || (!other.ready && candidate.ready)) found.set(key, candidate);
    }
  }
  return [...found.values()].sort(byAddress);
}

function candidateOf(endpoint: Endpoint, port: number, topology: Topology): Candidate | undefined {
  const [address] = endpoint.addresses;
  if (address === undefined) return undefined;
  const ready = endpoint.conditions.ready ?? true;
  const serving = endpoint.conditions.serving ?? ready;
  const fallback = serving && (endpoint.conditions.terminating ?? false);
  if (!ready && !fallback) return undefined;
  const local = endpoint.nodeName === topology.nodeName;
  const onOtherNode = endpoint.nodeName !== undefined && !local;
  return { address, port, local, onOtherNode, ready, fallback, hints: endpoint.hints };
}

/** Prefers endpoints meant for this node, then for this zone, provided every ready endpoint carries such hints. */
function withHints(all: readonly Candidate[], { nodeName, zone }: Topology): readonly Candidate[] {
  const ready = all.filter((endpoint) => endpoint.ready);
  if (ready.length === 0) return all;
  if (ready.every((endpoint) => endpoint.hints?.forNodes?.length)) {
    const near = ready.filter((endpoint) => endpoint.hints?.forNodes?.some((node) => node.name === nodeName));
    if (near.length > 0) return near;
  }
  if (zone !== undefined && ready.every((endpoint) => endpoint.hints?.forZones?.length)) {
    const near = ready.filter((endpoint) => endpoint.hints?.forZones?.some((hint) => hint.name === zone));
    if (near.length > 0) return near;
  }
  return all;
}

/** A stable order, so that an unchanged set of endpoints renders to unchanged rules. */
function byAddress(a: Candidate, b: Candidate): number {
  return a.address < b.address ? -1 : a.address > b.address ? 1 : a.port - b.port;
}
