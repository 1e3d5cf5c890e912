/** Which objects concern which nodes. Source: kubernetes' plugin/pkg/auth/authorizer/node/graph.go. */
import type { PersistentVolume } from '../../../api/core/persistent-volume.ts';
import type { Pod } from '../../../api/core/pod.ts';
import { podReferences, volumeSecrets } from '../../../api/core/pod-references.ts';

/** What kinds of objects are looked up, by plural. */
export type GraphKind =
  | 'pods'
  | 'secrets'
  | 'configmaps'
  | 'persistentvolumeclaims'
  | 'persistentvolumes'
  | 'serviceaccounts'
  | 'resourceclaims'
  | OwnedKind;

/** Kinds whose objects are each of one node. */
export type OwnedKind = 'volumeattachments' | 'resourceslices' | 'podcertificaterequests';

const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** What is known of a pod that has a node. */
interface KnownPod {
  readonly uid: string;
  readonly node: string;
  /** Of the claims that the resource claim controller made for it: all else that a pod refers to never changes. */
  readonly claims: string;
  readonly references: readonly string[];
}

interface KnownVolume {
  readonly claim: string;
  readonly secrets: readonly string[];
}

/**
 * Objects and the nodes that may see them, kept as pods and volumes come and go. There is one step from an object to the nodes
 * of the pods that refer to it; a volume has one more to its claim, and a secret of a volume two.
 */
export class NodeGraph {
  /** How many pods of each node refer to an object. */
  readonly #nodes = new Map<string, Map<string, number>>();
  readonly #pods = new Map<string, KnownPod>();
  readonly #volumes = new Map<string, KnownVolume>();
  /** Volumes by the secrets that they are mounted with. */
  readonly #volumesOfSecret = new Map<string, Set<string>>();
  /** The node of what belongs to one: attachments, resource slices and requests for pods' certificates. */
  readonly #owned = new Map<string, string>();

  /** Whether something that runs on `node` refers to the object; `namespace` is '' for those without. */
  relates(kind: GraphKind, object: { readonly namespace: string; readonly name: string }, node: string): boolean {
    const path = `${object.namespace}/${object.name}`;
    switch (kind) {
      case 'pods':
        return this.#pods.get(path)?.node === node;
      case 'volumeattachments':
      case 'resourceslices':
        return this.#owned.get(`${kind} ${object.name}`) === node;
      case 'podcertificaterequests':
        return this.#owned.get(`${kind} ${path}`) === node;
      case 'persistentvolumes':
        return this.#seesVolume(object.name, node);
      case 'secrets':
        return this.#sees(`${kind} ${path}`, node) || this.#seesVolumeOf(path, node);
      default:
        return this.#sees(`${kind} ${path}`, node);
    }
  }

  #sees(key: string, node: string): boolean {
    return this.#nodes.get(key)?.has(node) ?? false;
  }

  #seesVolume(name: string, node: string): boolean {
    const volume = this.#volumes.get(name);
    return volume !== undefined && this.#sees(volume.claim, node);
  }

  #seesVolumeOf(secret: string, node: string): boolean {
    for (const volume of this.#volumesOfSecret.get(secret) ?? []) if (this.#seesVolume(volume, node)) return true;
    return false;
  }

  /** Takes in a created or changed pod. */
  putPod(pod: Pod): void {
    const { namespace = '', name, uid, annotations } = pod.metadata;
    const node = pod.spec.nodeName;
    if (!node) return;
    const path = `${namespace}/${name}`;
    const known = this.#pods.get(path);
    const { resourceClaimStatuses, extendedResourceClaimStatus: extended } = pod.status;
    const claims = resourceClaimStatuses || extended ? JSON.stringify([resourceClaimStatuses, extended]) : '';
    if (known?.node === node && known.uid === uid && known.claims === claims) return;
    this.removePod({ namespace, name });
    // A kubelet must not get at objects by making a mirror pod that refers to them.
    const references = annotations?.[mirrorAnnotation] === undefined ? referenceKeys(pod, namespace) : [];
    this.#pods.set(path, { uid, node, claims, references });
    for (const reference of references) this.#count(reference, node, 1);
  }

  /** Forgets a pod. */
  removePod({ namespace = '', name }: { readonly namespace?: string | undefined; readonly name: string }): void {
    const path = `${namespace}/${name}`;
    const known = this.#pods.get(path);
    if (!known) return;
    this.#pods.delete(path);
    for (const reference of known.references) this.#count(reference, known.node, -1);
  }

  #count(reference: string, node: string, by: 1 | -1): void {
    let counts = this.#nodes.get(reference);
    if (!counts) this.#nodes.set(reference, (counts = new Map()));
    const count = (counts.get(node) ?? 0) + by;
    if (count > 0) counts.set(node, count);
    else counts.delete(node);
    if (counts.size === 0) this.#nodes.delete(reference);
  }

  /** Takes in a created or changed volume. */
  putVolume(volume: PersistentVolume): void {
    const { name } = volume.metadata;
    this.removeVolume(name);
    const { claimRef } = volume.spec;
    if (!claimRef) return;
    const secrets = volumeSecrets(volume);
    this.#volumes.set(name, {
      claim: `persistentvolumeclaims ${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`,
      secrets,
    });
    for (const secret of secrets) {
      const volumes = this.#volumesOfSecret.get(secret);
      if (volumes) volumes.add(name);
      else this.#volumesOfSecret.set(secret, new Set([name]));
    }
  }

  /** Forgets a volume. */
  removeVolume(name: string): void {
    for (const secret of this.#volumes.get(name)?.secrets ?? []) {
      const volumes = this.#volumesOfSecret.get(secret);
      volumes?.delete(name);
      if (volumes?.size === 0) this.#volumesOfSecret.delete(secret);
    }
    this.#volumes.delete(name);
  }

  /** Notes whose an attachment or a resource slice is; of no node: nobody's. */
  putOwned(kind: OwnedKind, name: string, node: string | undefined): void {
    if (node) this.#owned.set(`${kind} ${name}`, node);
    else this.#owned.delete(`${kind} ${name}`);
  }

  /** Forgets all pods. */
  clearPods(): void {
    this.#pods.clear();
    this.#nodes.clear();
  }

  /** Forgets all volumes. */
  clearVolumes(): void {
    this.#volumes.clear();
    this.#volumesOfSecret.clear();
  }

  /** Forgets all attachments, or all resource slices. */
  clearOwned(kind: OwnedKind): void {
    for (const key of [...this.#owned.keys()]) if (key.startsWith(`${kind} `)) this.#owned.delete(key);
  }
}

function referenceKeys(pod: Pod, namespace: string): readonly string[] {
  const { secrets, configMaps, claims, resourceClaims } = podReferences(pod);
  const { serviceAccountName } = pod.spec;
  const keys = (kind: GraphKind, names: Iterable<string>): string[] =>
    [...names].map((name) => `${kind} ${namespace}/${name}`);
  return [
    ...(serviceAccountName ? keys('serviceaccounts', [serviceAccountName]) : []),
    ...keys('secrets', secrets),
    ...keys('configmaps', configMaps),
    ...keys('persistentvolumeclaims', claims),
    ...keys('resourceclaims', resourceClaims),
  ];
}
