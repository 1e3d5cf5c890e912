/** The columns of `kubectl get pv` and `kubectl get pvc`. */
import { ageOf } from '../../machinery/human-duration.ts';
import type { ApiObject, Column } from '../../machinery/resource.ts';
import type { PersistentVolumeClaim } from './persistent-volume-claim.ts';
import type { PersistentVolume } from './persistent-volume.ts';

const abbreviations: readonly (readonly [string, string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

/** Access modes in short: `RWO,ROX`. */
export function accessModesText(modes: readonly string[] = []): string {
  return abbreviations
    .filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

/** The class of a volume or claim: what the annotation says that once held it, else the field. */
export function storageClassOf(
  { metadata }: ApiObject,
  { storageClassName = '' }: { readonly storageClassName?: string | undefined },
): string {
  return metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? storageClassName;
}

function phaseText({ metadata }: ApiObject, phase: string): string {
  return metadata.deletionTimestamp ? 'Terminating' : phase;
}

/** The columns of a PersistentVolume beside Name. */
export const persistentVolumeColumns: Readonly<Record<string, Column<PersistentVolume>>> = {
  Capacity: ({ spec }) => spec.capacity?.['storage'] ?? '0',
  'Access Modes': ({ spec }) => accessModesText(spec.accessModes),
  'Reclaim Policy': ({ spec }) => spec.persistentVolumeReclaimPolicy,
  Status: (volume) => phaseText(volume, volume.status.phase),
  Claim: ({ spec: { claimRef } }) => (claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : ''),
  StorageClass: { description: 'StorageClass of the pv', value: (volume) => storageClassOf(volume, volume.spec) },
  VolumeAttributesClass: {
    description: 'VolumeAttributesClass of the pv',
    value: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
  },
  Reason: ({ status }) => status.reason ?? '',
  Age: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now),
  VolumeMode: { wide: true, value: ({ spec }) => spec.volumeMode },
};

/** The columns of a PersistentVolumeClaim beside Name. */
export const claimColumns: Readonly<Record<string, Column<PersistentVolumeClaim>>> = {
  Status: (claim) => phaseText(claim, claim.status.phase),
  Volume: ({ spec }) => spec.volumeName ?? '',
  Capacity: ({ spec, status }) => (spec.volumeName ? (status.capacity?.['storage'] ?? '0') : ''),
  'Access Modes': ({ spec, status }) => (spec.volumeName ? accessModesText(status.accessModes) : ''),
  StorageClass: { description: 'StorageClass of the pvc', value: (claim) => storageClassOf(claim, claim.spec) },
  VolumeAttributesClass: {
    description: 'VolumeAttributesClass of the pvc',
    value: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
  },
  Age: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now),
  VolumeMode: { wide: true, value: ({ spec }) => spec.volumeMode },
};
