import { Pod } from '../../api/core/pod.ts';
import type { ContainerPort } from '../../api/core/container.ts';
import { Service } from '../../api/core/service.ts';
import type { ServicePort } from '../../api/core/service.ts';
import { watched } from '../../client/controller.ts';
import type { Cache } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import { isPodFinished } from '../pod-state.ts';

/** Wakes the services that select a pod, or did before it changed. */
export const podsOfServices = watched(Pod, (pod, { cache }) => servicesSelecting(pod, cache).map(keyOf));

/** The services whose selector matches a pod. */
export function servicesSelecting(pod: Pod, cache: Cache): readonly Service[] {
  return cache.list(Service, { namespace: pod.metadata.namespace }).filter((service) => selectsPod(service, pod));
}

/** Pods that a service selects and that have or may still have traffic: they have an address and have not ended. */
export function podsOf(service: Service, cache: Cache): readonly Pod[] {
  return cache
    .list(Pod, { namespace: service.metadata.namespace })
    .filter((pod) => selectsPod(service, pod) && !isPodFinished(pod) && addressesOf(pod).length > 0);
}

/** Whether the service has endpoints that a controller makes. */
export function isManaged({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0;
}

/** Whether the service has no virtual address. */
export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None';
}

function selectsPod({ spec }: Service, pod: Pod): boolean {
  const selector = Object.entries(spec.selector ?? {});
  return selector.length > 0 && selector.every(([key, value]) => pod.metadata.labels?.[key] === value);
}

/** All addresses of a pod. */
export function addressesOf({ status }: Pod): readonly string[] {
  const all = (status.podIPs ?? []).map(({ ip }) => ip);
  return all.length > 0 ? all : status.podIP ? [status.podIP] : [];
}

/** The name under which DNS shows a pod of a headless service, if it has one. */
export function hostnameOf(pod: Pod, service: Service): string | undefined {
  const { hostname, subdomain } = pod.spec;
  return hostname && subdomain === service.metadata.name ? hostname : undefined;
}

/** The number of a service port at a pod; undefined when the pod has no port of that name. */
export function targetPortOf(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target === 0 ? port.port : target;
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const ports: readonly ContainerPort[] = [...pod.spec.containers, ...sidecars].flatMap(
    (container) => container.ports ?? [],
  );
  return ports.find(({ name, protocol }) => name === target && protocol === port.protocol)?.containerPort;
}
