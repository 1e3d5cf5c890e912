/** Gives a claim that names no class the default one. Source: plugin/pkg/admission/storage/storageclass/setdefault. */
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { StorageClass } from '../../api/storage/storage-class.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { admittedObject } from './admitted-object.ts';
import { claimClass } from './claim-class.ts';
import { defaultClass } from './default-class.ts';

const marks = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

/** Upstream's DefaultStorageClass. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  concerns: [PersistentVolumeClaim.qualified],
  admit(request, { objects }) {
    const claim = admittedObject(request, PersistentVolumeClaim);
    // The empty name says that no class is wanted.
    if (!claim || request.operation !== 'CREATE' || claimClass(claim) !== undefined) return;
    const found = defaultClass(objects(StorageClass), marks);
    if (found) claim.spec.storageClassName = found.metadata.name;
  },
};
