/** Lets claims grow only where their class allows it. Source: plugin/pkg/admission/storage/persistentvolume/resize. */
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { StorageClass } from '../../api/storage/storage-class.ts';
import { compareQuantities } from '../../machinery/quantity.ts';
import type { AdmissionContext, AdmissionPlugin } from '../ports.ts';
import { admittedObject } from './admitted-object.ts';
import { claimClass } from './claim-class.ts';
import { refusal } from './refusal.ts';

/** Upstream's PersistentVolumeClaimResize. */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  concerns: [PersistentVolumeClaim.qualified],
  validate(request, context) {
    const claim = admittedObject(request, PersistentVolumeClaim);
    const old = request.old as PersistentVolumeClaim | undefined;
    if (!claim || !old || compareQuantities(sizeOf(claim), sizeOf(old)) <= 0) return;
    if (old.status.phase !== 'Bound') throw refusal(request, 'Only bound persistent volume claims can be expanded');
    if (mayGrow(claim, old, context)) return;
    throw refusal(
      request,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  },
};

function sizeOf({ spec }: Pick<PersistentVolumeClaim, 'spec'>): string {
  return spec.resources?.requests?.['storage'] ?? '0';
}

function mayGrow(
  claim: Pick<PersistentVolumeClaim, 'metadata' | 'spec'>,
  old: PersistentVolumeClaim,
  { find }: AdmissionContext,
): boolean {
  const name = claimClass(claim);
  if (!name || name !== claimClass(old)) return false;
  return find(StorageClass, { name })?.allowVolumeExpansion ?? false;
}
