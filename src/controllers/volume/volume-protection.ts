import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { protectionFinalizers } from '../../api/core/storage-protection.ts';
import { defineController, done } from '../../client/controller.ts';
import { withFinalizer, withoutFinalizer } from './finalizers.ts';

const finalizer = protectionFinalizers.volume;

/** Keeps volumes that are deleted while a claim is bound to them. Source: kubernetes' controller/volume/pvprotection. */
export const volumeProtection = defineController({
  name: 'persistentvolume-protection-controller',
  account: 'pv-protection-controller',
  for: PersistentVolume,
  rbac: {
    persistentvolumes: ['get', 'list', 'update', 'watch'],
    events: ['create', 'patch', 'update'],
  },
  async reconcile(key, { cache, client, signal }) {
    const volume = cache.get(PersistentVolume, key);
    if (!volume) return done;
    const { deletionTimestamp, finalizers = [] } = volume.metadata;
    const isMarked = finalizers.includes(finalizer);
    if (deletionTimestamp === undefined) {
      // One that was made while nobody protected volumes.
      if (!isMarked) await client.update(PersistentVolume, withFinalizer(volume, finalizer), { signal });
    } else if (isMarked && volume.status.phase !== 'Bound') {
      await client.update(PersistentVolume, withoutFinalizer(volume, finalizer), { signal });
    }
    return done;
  },
});
