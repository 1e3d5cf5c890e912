import type { Pod } from '../../api/core/pod.ts';
import { allContainers } from '../pod/pod-facts.ts';

/** Config maps and secrets that the environments of a pod's containers take values from. */
export function environmentReferences(
  pod: Pod,
): readonly { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string }[] {
  const references: { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string }[] = [];
  const add = (kind: 'ConfigMap' | 'Secret', source: { readonly name?: string | undefined } | undefined): void => {
    if (source?.name) references.push({ kind, name: source.name });
  };
  for (const { container } of allContainers(pod)) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add('ConfigMap', configMapRef);
      add('Secret', secretRef);
    }
    for (const { valueFrom } of container.env ?? []) {
      add('ConfigMap', valueFrom?.configMapKeyRef);
      add('Secret', valueFrom?.secretKeyRef);
    }
  }
  return references;
}
