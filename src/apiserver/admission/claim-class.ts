import type { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';

const annotation = 'volume.beta.kubernetes.io/storage-class';

/** The class that a claim names, also by the annotation of old; undefined when it says nothing. */
export function claimClass({ metadata, spec }: Pick<PersistentVolumeClaim, 'metadata' | 'spec'>): string | undefined {
  return metadata.annotations?.[annotation] ?? spec.storageClassName;
}
