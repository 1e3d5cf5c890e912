/** Which node ports a Service gets. Source: kubernetes' service registry (alloc.go). */
import { StatusError } from '../../base/errors.ts';
import type { ServicePort, ServiceSpec } from '../../api/core/service.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { AddressRequest } from './cluster-ip-allocation.ts';
import type { NumberPool } from './number-pool.ts';
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

/** Claims the node ports that the Service names and finds those that it lacks. */
export function allocateNodePorts(
  spec: Writable<ServiceSpec>,
  pool: NumberPool,
  range: NodePortRange,
  request: AddressRequest,
): void {
  const ports = spec.ports ?? [];
  for (const [index, port] of ports.entries())
    if (port.nodePort) claimPort(port.nodePort, index, { pool, range, request });
  const taken = new Set(nodePortsOf(spec));
  const find = (): number => freePort({ pool, range, request }, taken);
  if (needsNodePorts(spec)) for (const port of ports) port.nodePort ||= siblingPort(ports, port) ?? find();
  if (needsHealthCheckPort(spec)) spec.healthCheckNodePort ||= find();
}

interface PortContext {
  readonly pool: NumberPool;
  readonly range: NodePortRange;
  readonly request: AddressRequest;
}

function claimPort(port: number, index: number, { pool, range, request }: PortContext): void {
  const { name, owner } = request;
  if (port < range.first || port > range.last) {
    const valid = `${range.first}-${range.last}`;
    throw portRefused(
      name,
      index,
      port,
      `provided port is not in the valid range. The range of valid ports is ${valid}`,
    );
  }
  if (!pool.claim(port - range.first, owner))
    throw portRefused(name, index, port, 'provided port is already allocated');
}

/** The same port under another protocol shares its node port: DNS over TCP and UDP. */
function siblingPort(ports: readonly ServicePort[], { port, protocol }: ServicePort): number | undefined {
  const isSibling = (other: ServicePort): boolean => other.port === port && other.protocol !== protocol;
  return ports.find((other) => isSibling(other) && other.nodePort)?.nodePort;
}

function freePort({ pool, range, request }: PortContext, taken: Set<number>): number {
  const owner = request.commit ? request.owner : undefined;
  const pending = owner === undefined ? [] : pool.pendingOf(owner);
  const left = pending.find((number) => !taken.has(number + range.first));
  const number = left ?? pool.allocate(owner);
  if (number === undefined) {
    throw new StatusError('InternalError', 'Internal error occurred: failed to allocate a nodePort: range is full');
  }
  taken.add(number + range.first);
  return number + range.first;
}
