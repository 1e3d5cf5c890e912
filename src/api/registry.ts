import { Pod } from './core/pod.ts';
import { Namespace } from './core/namespace.ts';
import { Node } from './core/node.ts';
import { Service } from './core/service.ts';
import { Endpoints } from './core/endpoints.ts';
import { ConfigMap } from './core/config-map.ts';
import { Secret } from './core/secret.ts';
import { ServiceAccount } from './core/service-account.ts';
import { Event } from './core/event.ts';
import { Binding } from './core/binding.ts';
import { ReplicaSet } from './apps/replica-set.ts';
import { Deployment } from './apps/deployment.ts';
import { Role } from './rbac/role.ts';
import { ClusterRole } from './rbac/cluster-role.ts';
import { RoleBinding } from './rbac/role-binding.ts';
import { ClusterRoleBinding } from './rbac/cluster-role-binding.ts';
import { Lease } from './coordination/lease.ts';
import { RuntimeClass } from './node/runtime-class.ts';
import { PriorityClass } from './scheduling/priority-class.ts';
import { EndpointSlice } from './discovery/endpoint-slice.ts';
import { Event as EventsV1Event } from './events/event.ts';
import { CustomResourceDefinition } from './apiextensions/custom-resource-definition.ts';
import { TokenReview } from './authentication/token-review.ts';
import { SelfSubjectReview } from './authentication/self-subject-review.ts';
import { SubjectAccessReview } from './authorization/subject-access-review.ts';
import { LocalSubjectAccessReview } from './authorization/local-subject-access-review.ts';
import { SelfSubjectAccessReview } from './authorization/self-subject-access-review.ts';
import { SelfSubjectRulesReview } from './authorization/self-subject-rules-review.ts';
import { LimitRange } from './core/limit-range.ts';
import { PersistentVolume } from './core/persistent-volume.ts';
import { PersistentVolumeClaim } from './core/persistent-volume-claim.ts';
import { PodTemplate } from './core/pod-template.ts';
import { ReplicationController } from './core/replication-controller.ts';
import { ResourceQuota } from './core/resource-quota.ts';
import { ComponentStatus } from './core/component-status.ts';
import { ControllerRevision } from './apps/controller-revision.ts';
import { DaemonSet } from './apps/daemon-set.ts';
import { StatefulSet } from './apps/stateful-set.ts';
import { Job } from './batch/job.ts';
import { CronJob } from './batch/cron-job.ts';
import { HorizontalPodAutoscaler } from './autoscaling/horizontal-pod-autoscaler.ts';
import { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from './autoscaling/horizontal-pod-autoscaler-v1.ts';
import { PodDisruptionBudget } from './policy/pod-disruption-budget.ts';
import { Ingress } from './networking/ingress.ts';
import { IngressClass } from './networking/ingress-class.ts';
import { NetworkPolicy } from './networking/network-policy.ts';
import { IPAddress } from './networking/ip-address.ts';
import { ServiceCIDR } from './networking/service-cidr.ts';
import { StorageClass } from './storage/storage-class.ts';
import { VolumeAttachment } from './storage/volume-attachment.ts';
import { VolumeAttributesClass } from './storage/volume-attributes-class.ts';
import { CSIDriver } from './storage/csi-driver.ts';
import { CSINode } from './storage/csi-node.ts';
import { CSIStorageCapacity } from './storage/csi-storage-capacity.ts';
import { DeviceClass } from './resource/device-class.ts';
import { ResourceClaim } from './resource/resource-claim.ts';
import { ResourceClaimTemplate } from './resource/resource-claim-template.ts';
import { ResourceSlice } from './resource/resource-slice.ts';
import { CertificateSigningRequest } from './certificates/certificate-signing-request.ts';
import { ClusterTrustBundle, ClusterTrustBundleV1beta1 } from './certificates/cluster-trust-bundle.ts';
import { PodCertificateRequest } from './certificates/pod-certificate-request.ts';
import { PodCertificateRequestV1beta1 } from './certificates/pod-certificate-request-v1beta1.ts';
import { FlowSchema } from './flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from './flowcontrol/priority-level-configuration.ts';
import { ValidatingWebhookConfiguration } from './admissionregistration/validating-webhook-configuration.ts';
import { MutatingWebhookConfiguration } from './admissionregistration/mutating-webhook-configuration.ts';
import { ValidatingAdmissionPolicy } from './admissionregistration/validating-admission-policy.ts';
import { ValidatingAdmissionPolicyBinding } from './admissionregistration/validating-admission-policy-binding.ts';
import { MutatingAdmissionPolicy } from './admissionregistration/mutating-admission-policy.ts';
import { MutatingAdmissionPolicyBinding } from './admissionregistration/mutating-admission-policy-binding.ts';
import { StorageVersionMigration } from './storagemigration/storage-version-migration.ts';
import { StorageVersionMigrationV1beta1 } from './storagemigration/storage-version-migration-v1beta1.ts';
import { APIService } from './apiregistration/api-service.ts';
import type { Resource } from '../machinery/resource.ts';

/** Every kind that the API server serves; a new kind is one line here. */
export const builtinResources: readonly Resource[] = [
  Pod,
  Namespace,
  Node,
  Service,
  Endpoints,
  ConfigMap,
  Secret,
  ServiceAccount,
  Event,
  Binding,
  ReplicaSet,
  Deployment,
  Role,
  ClusterRole,
  RoleBinding,
  ClusterRoleBinding,
  Lease,
  PriorityClass,
  RuntimeClass,
  EndpointSlice,
  EventsV1Event,
  ComponentStatus,
  LimitRange,
  PersistentVolume,
  PersistentVolumeClaim,
  PodTemplate,
  ReplicationController,
  ResourceQuota,
  ControllerRevision,
  DaemonSet,
  StatefulSet,
  Job,
  CronJob,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  PodDisruptionBudget,
  Ingress,
  IngressClass,
  NetworkPolicy,
  IPAddress,
  ServiceCIDR,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  DeviceClass,
  ResourceClaim,
  ResourceClaimTemplate,
  ResourceSlice,
  CertificateSigningRequest,
  ClusterTrustBundle,
  ClusterTrustBundleV1beta1,
  PodCertificateRequest,
  PodCertificateRequestV1beta1,
  FlowSchema,
  PriorityLevelConfiguration,
  ValidatingWebhookConfiguration,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  StorageVersionMigration,
  StorageVersionMigrationV1beta1,
  CustomResourceDefinition,
  TokenReview,
  SelfSubjectReview,
  SubjectAccessReview,
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  APIService,
];
