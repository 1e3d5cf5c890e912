/**
 * Marks claims and volumes, so that they stay until nothing uses them; the controllers pvc-protection and pv-protection
 * take the marks away. Source: plugin/pkg/admission/storage/storageobjectinuseprotection.
 */
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { protectionFinalizers } from '../../api/core/storage-protection.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { admittedObject } from './admitted-object.ts';

/** Upstream's StorageObjectInUseProtection. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  concerns: [PersistentVolumeClaim.qualified, PersistentVolume.qualified],
  admit(request) {
    if (request.operation !== 'CREATE') return;
    const { claim, volume } = protectionFinalizers;
    protect(admittedObject(request, PersistentVolumeClaim)?.metadata, claim);
    protect(admittedObject(request, PersistentVolume)?.metadata, volume);
  },
};

function protect(metadata: { finalizers?: readonly string[] | undefined } | undefined, finalizer: string): void {
  if (!metadata || metadata.finalizers?.includes(finalizer)) return;
  metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
}
