import type { Pod } from '../../api/core/pod.ts';
import type { ClusterTrustBundleProjection, PodCertificateProjection, Volume } from '../../api/core/volume.ts';
import type { Clock } from '../../base/clock.ts';
import type { NodeAllocatable, PodAddresses } from '../env/field-reference.ts';
import type { ObjectReader } from '../env/container-environment.ts';
import type { Mounter } from './mounter.ts';

/** A token for a service account, bound to a pod. */
export interface ServiceAccountToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Which token is asked for. */
export interface TokenQuestion {
  readonly pod: Pod;
  readonly audience: string | undefined;
  readonly expirationSeconds: number;
}

/** Which certificate is asked for: that of one source of one projected volume. */
export interface CertificateQuestion {
  readonly pod: Pod;
  /** The volume's name. */
  readonly volume: string;
  /** The source's place among the volume's. */
  readonly source: number;
  readonly projection: PodCertificateProjection;
}

/** A key and its certificate with those of intermediate authorities, PEM. */
export interface PodCredentials {
  readonly key: string;
  readonly chain: string;
  /** When it should be asked for again, in milliseconds from now. */
  readonly refreshIn: number;
}

/** What a volume shows: a config map or secret of the pod's namespace, any of the cluster's trust bundles, the pod's own requests. */
export type VolumeReference =
  | { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string }
  | { readonly kind: 'ClusterTrustBundle' }
  | { readonly kind: 'PodCertificateRequest' };

/** What volume plug-ins may use. */
export interface VolumeServices {
  readonly clock: Clock;
  readonly mounter: Mounter;
  readonly objects: ObjectReader;
  readonly allocatable: () => NodeAllocatable;
  /** A fresh enough token; asks the API server only when the last one has used up four fifths of its life. */
  token(question: TokenQuestion, signal: AbortSignal): Promise<ServiceAccountToken>;
  /** Certificates of ClusterTrustBundles, as PEM. */
  trustAnchors(projection: ClusterTrustBundleProjection): Promise<string>;
  /** A key of the pod with its certificate. Throws VolumeError while there is none. */
  certificate(question: CertificateQuestion, signal: AbortSignal): Promise<PodCredentials>;
}

/** One volume of one pod. */
export interface VolumeRequest {
  readonly pod: Pod;
  readonly volume: Volume;
  /** The volume's own folder below the pod's; not made yet. */
  readonly folder: string;
  readonly addresses: PodAddresses;
  readonly services: VolumeServices;
  readonly signal: AbortSignal;
}

/** A volume that is there. */
export interface MountedVolume {
  /** What containers see. */
  readonly path: string;
  /** When it must be looked at again, in milliseconds from now. */
  readonly refreshIn?: number | undefined;
}

/**
 * A kind of volume. `mount` is level-triggered: it makes the volume, or brings it up to date, and is called again and
 * again while the pod lives. Tearing down is the same for all: unmount what is mounted below the folder, remove it.
 */
export interface VolumePlugin {
  /** As upstream names it, such as `kubernetes.io/empty-dir`. */
  readonly name: string;
  /** Whether the volume is of this kind. */
  claims(volume: Volume): boolean;
  mount(request: VolumeRequest): Promise<MountedVolume>;
  /** Objects whose changes concern the volume. */
  references?(volume: Volume): readonly VolumeReference[];
}

/** A volume that can't be mounted now. Shown as FailedMount. */
export class VolumeError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VolumeError';
  }
}
