import type { StringMap } from '../cri/container-runtime.ts';

/** Labels by which a kubelet finds its pods and containers in the runtime again. Source: upstream pkg/kubelet/types. */
export const podNameLabel = 'io.kubernetes.pod.name';
export const podNamespaceLabel = 'io.kubernetes.pod.namespace';
export const podUidLabel = 'io.kubernetes.pod.uid';
export const containerNameLabel = 'io.kubernetes.container.name';

/** Annotations that let a restarted kubelet go on where the last one stopped. */
export const containerHashAnnotation = 'io.kubernetes.container.hash';
export const restartCountAnnotation = 'io.kubernetes.container.restartCount';
export const terminationMessagePathAnnotation = 'io.kubernetes.container.terminationMessagePath';
export const terminationMessagePolicyAnnotation = 'io.kubernetes.container.terminationMessagePolicy';
export const podGracePeriodAnnotation = 'io.kubernetes.pod.terminationGracePeriod';

/** Annotations of static pods and of the mirror pods that show them in the API. */
export const configSourceAnnotation = 'kubernetes.io/config.source';
export const configHashAnnotation = 'kubernetes.io/config.hash';
export const configMirrorAnnotation = 'kubernetes.io/config.mirror';
export const configSeenAnnotation = 'kubernetes.io/config.seen';

/** The number in an annotation, or `fallback`. */
export function numberIn(annotations: StringMap, name: string, fallback: number): number {
  const value = Number(annotations[name]);
  return annotations[name] !== undefined && Number.isFinite(value) ? value : fallback;
}
