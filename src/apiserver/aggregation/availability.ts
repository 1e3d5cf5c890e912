/** Whether a server behind a Service can be used. Source: kube-aggregator's remote availability controller. */
import type { APIService, APIServiceCondition } from '../../api/apiregistration/api-service.ts';
import type { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import type { Service } from '../../api/core/service.ts';

/** The condition without its time. */
export type Availability = Omit<APIServiceCondition, 'lastTransitionTime'>;

const found = (status: 'True' | 'False', reason: string, message: string): Availability => ({
  type: 'Available',
  status,
  reason,
  message,
});

/** What the server has been found to do when it was asked. */
export const passed: Availability = found('True', 'Passed', 'all checks passed');

/** The server did not answer as it must. */
export function failedDiscovery(message: string): Availability {
  return found('False', 'FailedDiscoveryCheck', message);
}

/** What can be said without asking the server; undefined when nothing speaks against asking. */
export function obstacle(
  { spec }: APIService,
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): Availability | undefined {
  const { name = '', namespace = '', port = 443 } = spec.service ?? {};
  const shown = `service/${name} in ${JSON.stringify(namespace)}`;
  if (!service) return found('False', 'ServiceNotFound', `${shown} is not present`);
  // Only these are known to listen on their ports.
  if (service.spec.type !== 'ClusterIP') return undefined;
  const wanted = service.spec.ports?.find((one) => one.port === port);
  if (!wanted) return found('False', 'ServicePortError', `${shown} is not listening on port ${port}`);
  if (slices.length === 0) {
    return found('False', 'EndpointsNotFound', `cannot find endpointslices for ${shown}`);
  }
  const portName = wanted.name ?? '';
  if (!slices.some((slice) => isUsable(slice, portName))) {
    const text = `endpointslices for ${shown} have no addresses with port name ${JSON.stringify(portName)}`;
    return found('False', 'MissingEndpoints', text);
  }
  return undefined;
}

function isUsable({ endpoints = [], ports = [] }: EndpointSlice, portName: string): boolean {
  const isReady = endpoints.some(({ conditions }) => conditions?.ready !== false);
  return isReady && ports.some(({ name, port }) => (name ?? '') === portName && port !== undefined);
}

/** The conditions with what was found; the same array if that is known already. */
export function withAvailability(
  conditions: readonly APIServiceCondition[] = [],
  availability: Availability,
  now: string,
): readonly APIServiceCondition[] {
  const before = conditions.find(({ type }) => type === availability.type);
  const isSame = before?.status === availability.status;
  if (before && isSame && before.reason === availability.reason && before.message === availability.message) {
    return conditions;
  }
  const lastTransitionTime = before && isSame ? before.lastTransitionTime : now;
  const fresh = { ...availability, lastTransitionTime };
  return before ? conditions.map((one) => (one === before ? fresh : one)) : [...conditions, fresh];
}
