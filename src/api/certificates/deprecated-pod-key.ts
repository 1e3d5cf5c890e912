/**
 * The older way of stating a key in a PodCertificateRequest, which only v1beta1 has: the key itself and a signature of the
 * pod's UID. Stored as v1, a request has them in annotations, which nobody else may set.
 */
import type { ObjectMeta } from '../../machinery/meta.ts';
import type { ApiObject } from '../../machinery/resource.ts';
import type { Writable } from '../../machinery/schema.ts';

/** The key, SPKI, and the signature; both base64. */
export interface DeprecatedPodKey {
  readonly pkixPublicKey?: string | undefined;
  readonly proofOfPossession?: string | undefined;
}

const annotationNames = {
  pkixPublicKey: 'kubets.io/pod-certificate-pkix-public-key',
  proofOfPossession: 'kubets.io/pod-certificate-proof-of-possession',
} as const;
const fields = ['pkixPublicKey', 'proofOfPossession'] as const;

/** What the metadata of a stored request says. */
export function deprecatedPodKey({ annotations = {} }: Pick<ObjectMeta, 'annotations'>): DeprecatedPodKey {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = annotations[annotationNames[field]];
      return value === undefined ? [] : [[field, value]];
    }),
  );
}

/** The metadata with this key, and no other. */
export function withDeprecatedPodKey<T extends Pick<ObjectMeta, 'annotations'>>(metadata: T, key: DeprecatedPodKey): T {
  const { annotations = {}, ...rest } = metadata;
  const names: readonly string[] = Object.values(annotationNames);
  const kept = Object.entries(annotations).filter(([name]) => !names.includes(name));
  const added = fields.flatMap((field) => (key[field] ? [[annotationNames[field], key[field]]] : []));
  const all = [...kept, ...added];
  return { ...rest, ...(all.length > 0 ? { annotations: Object.fromEntries(all) } : {}) } as T;
}

/** Writes of v1 leave the key as it was: there is none in what is new. */
export function keepDeprecatedKey(request: Writable<ApiObject>, old: ApiObject | undefined): void {
  const key = old ? deprecatedPodKey(old.metadata) : {};
  request.metadata = withDeprecatedPodKey(request.metadata, key);
}
