import type { Pod } from '../../../api/core/pod.ts';

type Imaged = { readonly name: string; readonly image?: string | undefined };

/**
 * Whether an update may change how safe a pod is: another image, or other containers. Everything else that can be changed
 * of a pod has nothing to do with it. Source: pod-security-admission's isSignificantPodUpdate.
 */
export function isSignificantUpdate({ spec }: Pod, { spec: old }: Pod): boolean {
  return (
    differ(spec.containers, old.containers) ||
    differ(spec.initContainers, old.initContainers) ||
    (spec.ephemeralContainers ?? []).some(
      ({ name, image }) => !old.ephemeralContainers?.some((other) => other.name === name && other.image === image),
    )
  );
}

function differ(containers: readonly Imaged[] = [], before: readonly Imaged[] = []): boolean {
  return (
    containers.length !== before.length || containers.some(({ image = '' }, at) => image !== (before[at]?.image ?? ''))
  );
}
