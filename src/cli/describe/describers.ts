import type { ClusterReader } from '../resource/cluster-reader.ts';
import { asKind, splitApiVersion } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { describeIPAddress, describeServiceCIDR } from './describe-address.ts';
import { describeAutoscaler, describeDisruptionBudget } from './describe-autoscaler.ts';
import { describeCertificateRequest } from './describe-certificate-request.ts';
import {
  describeCSINode,
  describePriorityClass,
  describeStorageClass,
  describeVolumeAttributesClass,
} from './describe-class.ts';
import { describeConfigMap, describeNamespace, describeSecret, describeServiceAccount } from './describe-config.ts';
import { describeGeneric } from './describe-generic.ts';
import { describeIngress, describeIngressClass } from './describe-ingress.ts';
import { describeCronJob, describeJob } from './describe-job.ts';
import { describeNetworkPolicy } from './describe-network-policy.ts';
import { describeEndpointSlice, describeEndpoints } from './describe-network.ts';
import { describeNode } from './describe-node.ts';
import { describePod } from './describe-pod.ts';
import { describeLimitRange, describeQuota } from './describe-quota.ts';
import { describeBinding, describeRole } from './describe-rbac.ts';
import { describeService } from './describe-service.ts';
import { describeDaemonSet, describeReplicationController, describeStatefulSet } from './describe-sets.ts';
import { describePersistentVolume, describePersistentVolumeClaim } from './describe-volume.ts';
import { describeDeployment, describeReplicaSet } from './describe-workload.ts';
import type { DescribeWriter } from './describe-writer.ts';

/** What a description is made with. */
export interface DescribeContext {
  readonly writer: DescribeWriter;
  readonly read: ClusterReader;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Describes objects of one kind, events left out. */
export interface Describer {
  describe(object: KubeObject, context: DescribeContext): Promise<void>;
  /** Secrets, roles and bindings have no events of their own. */
  readonly events: boolean;
}

function describer<T>(describe: (object: T, context: DescribeContext) => Promise<void>, events = true): Describer {
  return { describe: (object, context) => describe(asKind<T>(object), context), events };
}

const role = describer(describeRole, false);
const binding = describer(describeBinding, false);
const generic: Describer = { describe: describeGeneric, events: true };

/** The kinds with a description of their own, by group and kind; a new one is a line here. */
const describers: Readonly<Record<string, Describer>> = {
  '/Pod': describer(describePod),
  '/Node': describer(describeNode),
  '/Service': describer(describeService),
  '/Namespace': describer(describeNamespace, false),
  '/ConfigMap': describer(describeConfigMap),
  '/Secret': describer(describeSecret, false),
  '/ServiceAccount': describer(describeServiceAccount),
  '/Endpoints': describer(describeEndpoints),
  'discovery.k8s.io/EndpointSlice': describer(describeEndpointSlice),
  'networking.k8s.io/Ingress': describer(describeIngress),
  'networking.k8s.io/IngressClass': describer(describeIngressClass),
  'networking.k8s.io/NetworkPolicy': describer(describeNetworkPolicy, false),
  'networking.k8s.io/IPAddress': describer(describeIPAddress),
  'networking.k8s.io/ServiceCIDR': describer(describeServiceCIDR),
  'storage.k8s.io/StorageClass': describer(describeStorageClass),
  'storage.k8s.io/VolumeAttributesClass': describer(describeVolumeAttributesClass),
  'storage.k8s.io/CSINode': describer(describeCSINode),
  'scheduling.k8s.io/PriorityClass': describer(describePriorityClass),
  'certificates.k8s.io/CertificateSigningRequest': describer(describeCertificateRequest),
  'apps/Deployment': describer(describeDeployment),
  'apps/ReplicaSet': describer(describeReplicaSet),
  'apps/StatefulSet': describer(describeStatefulSet),
  'apps/DaemonSet': describer(describeDaemonSet),
  'batch/Job': describer(describeJob),
  'batch/CronJob': describer(describeCronJob),
  'autoscaling/HorizontalPodAutoscaler': describer(describeAutoscaler),
  'policy/PodDisruptionBudget': describer(describeDisruptionBudget),
  '/ReplicationController': describer(describeReplicationController),
  '/PersistentVolume': describer(describePersistentVolume),
  '/PersistentVolumeClaim': describer(describePersistentVolumeClaim),
  '/ResourceQuota': describer(describeQuota, false),
  '/LimitRange': describer(describeLimitRange, false),
  'rbac.authorization.k8s.io/Role': role,
  'rbac.authorization.k8s.io/ClusterRole': role,
  'rbac.authorization.k8s.io/RoleBinding': binding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': binding,
};

/** The describer of an object's kind. */
export function describerOf(object: KubeObject): Describer {
  return describers[`${splitApiVersion(object.apiVersion).group}/${object.kind}`] ?? generic;
}
