/** Which node ports a Service gets. Source: kubernetes' service registry (alloc.go). */
import { StatusError } from '../../base/errors.ts';
import type { ServicePort, ServiceSpec } from '../../api/core/service.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { Random } from '../../base/random.ts';
import type { PortSet } from './port-set.ts';
import { portRefused } from './service-errors.ts';

/** The node ports of a cluster. */
export interface NodePortRange {
  readonly first: number;
  readonly last: number;
}

/** Whether Services of this kind have node ports. */
export function needsNodePorts(spec: Pick<ServiceSpec, 'type' | 'allocateLoadBalancerNodePorts'>): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

/** Whether the Service has a port for health checks by load balancers. */
export function needsHealthCheckPort(spec: Pick<ServiceSpec, 'type' | 'externalTrafficPolicy'>): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** All node ports that a Service has. */
export function nodePortsOf(spec: ServiceSpec): readonly number[] {
  const ports = [...(spec.ports ?? []).map(({ nodePort }) => nodePort), spec.healthCheckNodePort];
  return ports.filter((port): port is number => port !== undefined && port !== 0);
}

/** A Service that is to get node ports. */
export interface PortRequest {
  readonly name: string;
  readonly spec: ServiceSpec;
  /** The ports that it has already. */
  readonly held: readonly number[];
  readonly random: Random;
}

/** The node ports of a Service: of each of its ports in turn, and for health checks. */
export interface NodePorts {
  readonly ports: readonly (number | undefined)[];
  readonly health: number | undefined;
  /** Those that it did not have before. */
  readonly added: readonly number[];
}

/** Whether a Service must get, or says that it has, a node port that it does not have yet. */
export function lacksNodePorts({ spec, held }: Pick<PortRequest, 'spec' | 'held'>): boolean {
  if (nodePortsOf(spec).some((port) => !held.includes(port))) return true;
  if (needsNodePorts(spec) && spec.ports?.some(({ nodePort }) => !nodePort)) return true;
  return needsHealthCheckPort(spec) && !spec.healthCheckNodePort;
}

/** Takes the node ports that a Service names, and others where it needs more, out of `taken`. Throws when it can't have them. */
export function takeNodePorts(request: PortRequest, taken: PortSet): NodePorts {
  const { spec, held, random } = request;
  const named = (spec.ports ?? []).map(({ nodePort }) => nodePort || undefined);
  const own = new Set(held);
  for (const [index, port] of named.entries()) {
    if (port === undefined || own.has(port)) continue;
    refuse(request, index, { port, taken });
    own.add(port);
    taken.add(port);
  }
  const any = (): number => {
    const port = taken.free(random);
    if (port === undefined) throw new StatusError('InternalError', full);
    own.add(port);
    taken.add(port);
    return port;
  };
  const ports = [...named];
  if (needsNodePorts(spec))
    for (const index of ports.keys()) ports[index] ??= siblingPort(spec.ports ?? [], ports, index) ?? any();
  const health = healthPort(spec, { own, taken, any });
  return { ports, health, added: [...own].filter((port) => !held.includes(port)) };
}

const full = 'Internal error occurred: failed to allocate a nodePort: range is full';

function refuse(
  { name }: PortRequest,
  index: number,
  { port, taken }: { readonly port: number; readonly taken: PortSet },
): void {
  if (!taken.covers(port)) {
    const valid = `${taken.range.first}-${taken.range.last}`;
    const reason = `provided port is not in the valid range. The range of valid ports is ${valid}`;
    throw portRefused(name, index, port, reason);
  }
  if (taken.has(port)) throw portRefused(name, index, port, 'provided port is already allocated');
}

/** The same port under another protocol shares its node port: DNS over TCP and UDP. */
function siblingPort(
  ports: readonly ServicePort[],
  given: readonly (number | undefined)[],
  index: number,
): number | undefined {
  const asking = ports[index];
  return given.find((nodePort, other) => {
    const { port, protocol } = ports[other] ?? {};
    return nodePort !== undefined && port === asking?.port && protocol !== asking?.protocol;
  });
}

interface HealthPortSource {
  readonly own: Set<number>;
  readonly taken: PortSet;
  any(): number;
}

function healthPort(spec: ServiceSpec, { own, taken, any }: HealthPortSource): number | undefined {
  if (!needsHealthCheckPort(spec)) return spec.healthCheckNodePort;
  const wanted = spec.healthCheckNodePort;
  if (!wanted) return any();
  if (own.has(wanted)) return wanted;
  if (!taken.covers(wanted) || taken.has(wanted)) {
    const { first, last } = taken.range;
    const reason = taken.has(wanted)
      ? 'provided port is already allocated'
      : `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    const message = `Internal error occurred: failed to allocate requested HealthCheck NodePort ${wanted}: ${reason}`;
    throw new StatusError('InternalError', message);
  }
  own.add(wanted);
  taken.add(wanted);
  return wanted;
}

/** Writes node ports into the Service that got them. */
export function setNodePorts(spec: Writable<ServiceSpec>, { ports, health }: NodePorts): void {
  for (const [index, port] of (spec.ports ?? []).entries()) if (ports[index]) port.nodePort = ports[index];
  if (health) spec.healthCheckNodePort = health;
}
