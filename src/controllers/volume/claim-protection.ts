import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import { protectionFinalizers } from '../../api/core/storage-protection.ts';
import { defineController, done, watched } from '../../client/controller.ts';
import type { ObjectKey } from '../../machinery/resource.ts';
import { withFinalizer, withoutFinalizer } from './finalizers.ts';

const finalizer = protectionFinalizers.claim;

/** Keeps claims that are deleted while a pod on a node uses them. Source: kubernetes' controller/volume/pvcprotection. */
export const claimProtection = defineController({
  name: 'persistentvolumeclaim-protection-controller',
  account: 'pvc-protection-controller',
  for: PersistentVolumeClaim,
  rbac: {
    persistentvolumeclaims: ['get', 'list', 'update', 'watch'],
    pods: ['get', 'list', 'watch'],
    events: ['create', 'patch', 'update'],
  },
  watches: [watched(Pod, (pod) => claimsOf(pod))],
  async reconcile(key, { cache, client, signal }) {
    const claim = cache.get(PersistentVolumeClaim, key);
    if (!claim) return done;
    const { deletionTimestamp, finalizers = [] } = claim.metadata;
    if (deletionTimestamp === undefined) {
      // One that was made while nobody protected claims.
      if (!finalizers.includes(finalizer)) {
        await client.update(PersistentVolumeClaim, withFinalizer(claim, finalizer), { signal });
      }
      return done;
    }
    const { namespace, name } = key;
    const isUsed = (pods: readonly Pod[]): boolean => pods.some((pod) => pod.spec.nodeName && uses(pod, name));
    if (!finalizers.includes(finalizer) || isUsed(cache.list(Pod, { namespace }))) return done;
    // The cache may not know of a pod yet that has got its node.
    if (isUsed((await client.list(Pod, { namespace, signal })).items)) return done;
    await client.update(PersistentVolumeClaim, withoutFinalizer(claim, finalizer), { signal });
    return done;
  },
});

/** The claims that a pod uses, those made for it included. */
function claimsOf(pod: Pod): readonly ObjectKey[] {
  const { name: podName, namespace } = pod.metadata;
  return (pod.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    const claim = persistentVolumeClaim?.claimName ?? (ephemeral ? `${podName}-${name}` : undefined);
    return claim === undefined ? [] : [{ namespace, name: claim }];
  });
}

function uses(pod: Pod, claim: string): boolean {
  return claimsOf(pod).some(({ name }) => name === claim);
}
