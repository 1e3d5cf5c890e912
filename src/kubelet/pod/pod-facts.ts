import type { Container, EphemeralContainer } from '../../api/core/container.ts';
import type { Pod } from '../../api/core/pod.ts';
import { configMirrorAnnotation, configSourceAnnotation } from './container-labels.ts';

/** Any container of a pod's spec. */
export type AnyContainer = Container | EphemeralContainer;

/** The group of a pod's containers to which one belongs, as field paths name it. */
export type ContainerGroup = 'initContainers' | 'containers' | 'ephemeralContainers';

/** Every container with its group, in the order in which they start. */
export function allContainers(
  pod: Pod,
): readonly { readonly container: AnyContainer; readonly group: ContainerGroup }[] {
  return [
    ...(pod.spec.initContainers ?? []).map((container) => ({ container, group: 'initContainers' as const })),
    ...pod.spec.containers.map((container) => ({ container, group: 'containers' as const })),
    ...(pod.spec.ephemeralContainers ?? []).map((container) => ({ container, group: 'ephemeralContainers' as const })),
  ];
}

/** `name_namespace(uid)`, as upstream's messages name pods. */
export function formatPod(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid})`;
}

/** An init container that keeps running beside the others. */
export function isSidecar(container: AnyContainer): boolean {
  return container.restartPolicy === 'Always';
}

/** The part of an object that an event about a container names: `spec.containers{web}`. */
export function fieldPathOf(group: ContainerGroup, name: string): string {
  return `spec.${group}{${name}}`;
}

/** The fieldPath of the container called `name`; undefined when the pod has none. */
export function fieldPath(pod: Pod, name: string): string | undefined {
  const found = allContainers(pod).find(({ container }) => container.name === name);
  return found && fieldPathOf(found.group, name);
}

/** Whether the pod comes from a file and not from the API. */
export function isStaticPod(pod: Pod): boolean {
  const source = pod.metadata.annotations?.[configSourceAnnotation];
  return source !== undefined && source !== 'api' && !isMirrorPod(pod);
}

/** Whether the pod is the API's picture of a static pod. */
export function isMirrorPod(pod: Pod): boolean {
  return pod.metadata.annotations?.[configMirrorAnnotation] !== undefined;
}

/** The hostname inside the pod. Source: upstream truncates to 63 characters and trailing `-.`. */
export function hostnameOf(pod: Pod): string {
  if (pod.spec.hostnameOverride) return pod.spec.hostnameOverride;
  return (pod.spec.hostname || pod.metadata.name).slice(0, 63).replace(/[-.]+$/, '');
}

/** The domain of pods with a subdomain, such as `web.default.svc.cluster.local`; empty otherwise. */
export function hostDomainOf(pod: Pod, clusterDomain: string): string {
  if (!pod.spec.subdomain || pod.spec.hostnameOverride) return '';
  return `${pod.spec.subdomain}.${pod.metadata.namespace ?? 'default'}.svc.${clusterDomain}`;
}

/** Whether the pod has ended for good. */
export function isFinished(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
}
