import type { MutatingWebhookConfiguration } from '../../api/admissionregistration/mutating-webhook-configuration.ts';
import type { ValidatingWebhookConfiguration } from '../../api/admissionregistration/validating-webhook-configuration.ts';
import type { Namespace } from '../../api/core/namespace.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { ServiceAccount } from '../../api/core/service-account.ts';
import type { Service } from '../../api/core/service.ts';
import type { NetworkPolicy } from '../../api/networking/network-policy.ts';
import type { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import type { ClusterRole } from '../../api/rbac/cluster-role.ts';
import type { RoleBinding } from '../../api/rbac/role-binding.ts';
import type { Role } from '../../api/rbac/role.ts';

/** What checks look at: what is known of a cluster and of this machine. What can't be known from here is undefined. */
export interface Facts {
  /** Wall-clock milliseconds. */
  readonly now: number;
  readonly objects: ObjectFacts;
  /** The API server's flags, by name; those of a cluster of `kubets up` as if they had been given. */
  readonly apiServerFlags: Readonly<Record<string, string>> | undefined;
  /** The provider of the EncryptionConfiguration by which Secrets are written, as `secretbox`. */
  readonly secretsProvider: string | undefined;
  /** The Pod Security level that is enforced where a namespace says nothing. */
  readonly usualPodLevel: string | undefined;
  readonly probes: ProbeFacts;
  /** What kubelets on this machine were started with, by node. */
  readonly kubeletFlags: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  readonly files: readonly FileFact[] | undefined;
  readonly certificates: readonly CertificateFact[] | undefined;
}

/** The objects of the cluster. */
export interface ObjectFacts {
  readonly namespaces: readonly Namespace[];
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly serviceAccounts: readonly ServiceAccount[];
  readonly clusterRoles: readonly ClusterRole[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
  readonly roles: readonly Role[];
  readonly roleBindings: readonly RoleBinding[];
  readonly networkPolicies: readonly NetworkPolicy[];
  readonly mutatingWebhooks: readonly MutatingWebhookConfiguration[];
  readonly validatingWebhooks: readonly ValidatingWebhookConfiguration[];
}

/** What was tried. */
export interface ProbeFacts {
  /** The status of requests without credentials, by path. */
  readonly anonymous: Readonly<Record<string, number>> | undefined;
  /** Whether somebody without any role may do everything. */
  readonly nobodyMayEverything: boolean | undefined;
  /** TLS versions before 1.2 that the API server speaks. */
  readonly oldTls: readonly string[] | undefined;
  /** Per node: the status that its kubelet answers to who has no credentials, and whether its old read-only port is open. */
  readonly kubelets: readonly KubeletProbe[];
}

/** A kubelet as it is seen from here. */
export interface KubeletProbe {
  readonly node: string;
  /** Undefined: it can't be reached from here. */
  readonly anonymousStatus: number | undefined;
  readonly readOnlyPortOpen: boolean;
}

/** A file, folder or socket of the cluster on this machine. */
export interface FileFact {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  /** secret: only its owner may read it; config: only its owner may write it; socket: only its owner and group may use it. */
  readonly kind: 'secret' | 'config' | 'socket';
}

/** A certificate on this machine. */
export interface CertificateFact {
  readonly file: string;
  readonly subject: string;
  readonly isAuthority: boolean;
  /** Negative when it has ended. */
  readonly daysLeft: number;
}
