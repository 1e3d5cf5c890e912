/**
 * Kinds that upstream has fixtures of but this server does not serve: retired versions whose shape differs from that of the
 * served one, and bodies that no path takes. Here for testing codecs. Source: k8s.io/api 1.36.
 */
import { Condition, DraftMeta, GroupVersionKind, LabelSelector, ListMeta } from '../../machinery/meta.ts';
import { UserInfo } from '../authentication/token-review.ts';
import { ObjectReference } from '../core/endpoints.ts';
import { NodeSelector, PodTemplateSpec, Toleration } from '../core/pod-spec.ts';
import { PodStatus } from '../core/pod.ts';
import { TypedLocalObjectReference } from '../core/volume.ts';
import {
  bool,
  bytes,
  defineStruct,
  inlined,
  int32,
  int64,
  intOrString,
  json,
  list,
  listOf,
  map,
  microTime,
  quantity,
  struct,
  text,
  time,
} from '../../machinery/schema.ts';
import type { StructNode } from '../../machinery/schema.ts';

const MetaV1GroupVersionResource = defineStruct('GroupVersionResource', {
  group: text(1),
  version: text(2),
  resource: text(3),
});

const AdmissionV1AdmissionRequest = defineStruct('AdmissionRequest', {
  uid: text(1),
  kind: struct(2, GroupVersionKind),
  resource: struct(3, MetaV1GroupVersionResource),
  subResource: text(4).omitEmpty(),
  requestKind: struct(13, GroupVersionKind).optional(),
  requestResource: struct(14, MetaV1GroupVersionResource).optional(),
  requestSubResource: text(15).omitEmpty(),
  name: text(5).omitEmpty(),
  namespace: text(6).omitEmpty(),
  operation: text(7),
  userInfo: struct(8, UserInfo),
  object: json(9).omitEmpty(),
  oldObject: json(10).omitEmpty(),
  dryRun: bool(11).optional(),
  options: json(12).omitEmpty(),
});

const MetaV1StatusCause = defineStruct('StatusCause', {
  reason: text(1).omitEmpty(),
  message: text(2).omitEmpty(),
  field: text(3).omitEmpty(),
});

const MetaV1StatusDetails = defineStruct('StatusDetails', {
  name: text(1).omitEmpty(),
  group: text(2).omitEmpty(),
  kind: text(3).omitEmpty(),
  uid: text(6).omitEmpty(),
  causes: list(4, MetaV1StatusCause).optional(),
  retryAfterSeconds: int32(5).omitEmpty(),
});

const MetaV1Status = defineStruct('Status', {
  metadata: struct(1, ListMeta).default({}),
  status: text(2).omitEmpty(),
  message: text(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  details: struct(5, MetaV1StatusDetails).optional(),
  code: int32(6).omitEmpty(),
});

const AdmissionV1AdmissionResponse = defineStruct('AdmissionResponse', {
  uid: text(1),
  allowed: bool(2),
  status: struct(3, MetaV1Status).optional(),
  patch: bytes(4).optional(),
  patchType: text(5).optional(),
  auditAnnotations: map(6, text).optional(),
  warnings: list(7, text).optional(),
});

const AdmissionV1AdmissionReview = defineStruct('AdmissionReview', {
  request: struct(1, AdmissionV1AdmissionRequest).optional(),
  response: struct(2, AdmissionV1AdmissionResponse).optional(),
});

const AdmissionV1beta1AdmissionRequest = defineStruct('AdmissionRequest', {
  uid: text(1),
  kind: struct(2, GroupVersionKind),
  resource: struct(3, MetaV1GroupVersionResource),
  subResource: text(4).omitEmpty(),
  requestKind: struct(13, GroupVersionKind).optional(),
  requestResource: struct(14, MetaV1GroupVersionResource).optional(),
  requestSubResource: text(15).omitEmpty(),
  name: text(5).omitEmpty(),
  namespace: text(6).omitEmpty(),
  operation: text(7),
  userInfo: struct(8, UserInfo),
  object: json(9).omitEmpty(),
  oldObject: json(10).omitEmpty(),
  dryRun: bool(11).optional(),
  options: json(12).omitEmpty(),
});

const AdmissionV1beta1AdmissionResponse = defineStruct('AdmissionResponse', {
  uid: text(1),
  allowed: bool(2),
  status: struct(3, MetaV1Status).optional(),
  patch: bytes(4).optional(),
  patchType: text(5).optional(),
  auditAnnotations: map(6, text).optional(),
  warnings: list(7, text).optional(),
});

const AdmissionV1beta1AdmissionReview = defineStruct('AdmissionReview', {
  request: struct(1, AdmissionV1beta1AdmissionRequest).optional(),
  response: struct(2, AdmissionV1beta1AdmissionResponse).optional(),
});

const AppsV1beta1RollingUpdateDeployment = defineStruct('RollingUpdateDeployment', {
  maxUnavailable: intOrString(1).optional(),
  maxSurge: intOrString(2).optional(),
});

const AppsV1beta1DeploymentStrategy = defineStruct('DeploymentStrategy', {
  type: text(1).omitEmpty(),
  rollingUpdate: struct(2, AppsV1beta1RollingUpdateDeployment).optional(),
});

const AppsV1beta1RollbackConfig = defineStruct('RollbackConfig', {
  revision: int64(1).omitEmpty(),
});

const AppsV1beta1DeploymentSpec = defineStruct('DeploymentSpec', {
  replicas: int32(1).optional(),
  selector: struct(2, LabelSelector).optional(),
  template: struct(3, PodTemplateSpec),
  strategy: struct(4, AppsV1beta1DeploymentStrategy).default({}),
  minReadySeconds: int32(5).omitEmpty(),
  revisionHistoryLimit: int32(6).optional(),
  paused: bool(7).omitEmpty(),
  rollbackTo: struct(8, AppsV1beta1RollbackConfig).optional(),
  progressDeadlineSeconds: int32(9).optional(),
});

const AppsV1beta1DeploymentCondition = defineStruct('DeploymentCondition', {
  type: text(1),
  status: text(2),
  lastUpdateTime: time(6).omitEmpty(),
  lastTransitionTime: time(7).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});

const AppsV1beta1DeploymentStatus = defineStruct('DeploymentStatus', {
  observedGeneration: int64(1).omitEmpty(),
  replicas: int32(2).omitEmpty(),
  updatedReplicas: int32(3).omitEmpty(),
  readyReplicas: int32(7).omitEmpty(),
  availableReplicas: int32(4).omitEmpty(),
  unavailableReplicas: int32(5).omitEmpty(),
  terminatingReplicas: int32(9).optional(),
  conditions: list(6, AppsV1beta1DeploymentCondition).optional(),
  collisionCount: int32(8).optional(),
});

const AppsV1beta1Deployment = defineStruct('Deployment', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, AppsV1beta1DeploymentSpec).default({}),
  status: struct(3, AppsV1beta1DeploymentStatus).default({}),
});

const AppsV1beta1ScaleSpec = defineStruct('ScaleSpec', {
  replicas: int32(1).omitEmpty(),
});

const AppsV1beta1ScaleStatus = defineStruct('ScaleStatus', {
  replicas: int32(1),
  selector: map(2, text).optional(),
  targetSelector: text(3).omitEmpty(),
});

const AppsV1beta1Scale = defineStruct('Scale', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, AppsV1beta1ScaleSpec).default({}),
  status: struct(3, AppsV1beta1ScaleStatus).default({}),
});

const AppsV1beta2ScaleSpec = defineStruct('ScaleSpec', {
  replicas: int32(1).omitEmpty(),
});

const AppsV1beta2ScaleStatus = defineStruct('ScaleStatus', {
  replicas: int32(1),
  selector: map(2, text).optional(),
  targetSelector: text(3).omitEmpty(),
});

const AppsV1beta2Scale = defineStruct('Scale', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, AppsV1beta2ScaleSpec).default({}),
  status: struct(3, AppsV1beta2ScaleStatus).default({}),
});

const AppsV1beta1DeploymentRollback = defineStruct('DeploymentRollback', {
  name: text(1),
  updatedAnnotations: map(2, text).optional(),
  rollbackTo: struct(3, AppsV1beta1RollbackConfig),
});

const MetaV1FieldSelectorRequirement = defineStruct('FieldSelectorRequirement', {
  key: text(1),
  operator: text(2),
  values: list(3, text).optional(),
});

const AuthorizationV1FieldSelectorAttributes = defineStruct('FieldSelectorAttributes', {
  rawSelector: text(1).omitEmpty(),
  requirements: list(2, MetaV1FieldSelectorRequirement).optional(),
});

const MetaV1LabelSelectorRequirement = defineStruct('LabelSelectorRequirement', {
  key: text(1),
  operator: text(2),
  values: list(3, text).optional(),
});

const AuthorizationV1LabelSelectorAttributes = defineStruct('LabelSelectorAttributes', {
  rawSelector: text(1).omitEmpty(),
  requirements: list(2, MetaV1LabelSelectorRequirement).optional(),
});

const AuthorizationV1beta1ResourceAttributes = defineStruct('ResourceAttributes', {
  namespace: text(1).omitEmpty(),
  verb: text(2).omitEmpty(),
  group: text(3).omitEmpty(),
  version: text(4).omitEmpty(),
  resource: text(5).omitEmpty(),
  subresource: text(6).omitEmpty(),
  name: text(7).omitEmpty(),
  fieldSelector: struct(8, AuthorizationV1FieldSelectorAttributes).optional(),
  labelSelector: struct(9, AuthorizationV1LabelSelectorAttributes).optional(),
});

const AuthorizationV1beta1NonResourceAttributes = defineStruct('NonResourceAttributes', {
  path: text(1).omitEmpty(),
  verb: text(2).omitEmpty(),
});

const AuthorizationV1beta1SubjectAccessReviewSpec = defineStruct('SubjectAccessReviewSpec', {
  resourceAttributes: struct(1, AuthorizationV1beta1ResourceAttributes).optional(),
  nonResourceAttributes: struct(2, AuthorizationV1beta1NonResourceAttributes).optional(),
  user: text(3).omitEmpty(),
  group: list(4, text).optional(),
  extra: map(5, listOf(text)).optional(),
  uid: text(6).omitEmpty(),
});

const AuthorizationV1beta1SubjectAccessReviewStatus = defineStruct('SubjectAccessReviewStatus', {
  allowed: bool(1),
  denied: bool(4).omitEmpty(),
  reason: text(2).omitEmpty(),
  evaluationError: text(3).omitEmpty(),
});

const AuthorizationV1beta1LocalSubjectAccessReview = defineStruct('LocalSubjectAccessReview', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, AuthorizationV1beta1SubjectAccessReviewSpec),
  status: struct(3, AuthorizationV1beta1SubjectAccessReviewStatus).default({}),
});

const AuthorizationV1beta1SubjectAccessReview = defineStruct('SubjectAccessReview', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, AuthorizationV1beta1SubjectAccessReviewSpec),
  status: struct(3, AuthorizationV1beta1SubjectAccessReviewStatus).default({}),
});

const DiscoveryV1beta1EndpointConditions = defineStruct('EndpointConditions', {
  ready: bool(1).optional(),
  serving: bool(2).optional(),
  terminating: bool(3).optional(),
});

const DiscoveryV1beta1ForZone = defineStruct('ForZone', {
  name: text(1),
});

const DiscoveryV1beta1ForNode = defineStruct('ForNode', {
  name: text(1),
});

const DiscoveryV1beta1EndpointHints = defineStruct('EndpointHints', {
  forZones: list(1, DiscoveryV1beta1ForZone).optional(),
  forNodes: list(2, DiscoveryV1beta1ForNode).optional(),
});

const DiscoveryV1beta1Endpoint = defineStruct('Endpoint', {
  addresses: list(1, text),
  conditions: struct(2, DiscoveryV1beta1EndpointConditions).default({}),
  hostname: text(3).optional(),
  targetRef: struct(4, ObjectReference).optional(),
  topology: map(5, text).optional(),
  nodeName: text(6).optional(),
  hints: struct(7, DiscoveryV1beta1EndpointHints).optional(),
});

const DiscoveryV1beta1EndpointPort = defineStruct('EndpointPort', {
  name: text(1).optional(),
  protocol: text(2).optional(),
  port: int32(3).optional(),
  appProtocol: text(4).optional(),
});

const DiscoveryV1beta1EndpointSlice = defineStruct('EndpointSlice', {
  metadata: struct(1, DraftMeta).default({}),
  addressType: text(4),
  endpoints: list(2, DiscoveryV1beta1Endpoint),
  ports: list(3, DiscoveryV1beta1EndpointPort),
});

const ExtensionsV1beta1RollingUpdateDaemonSet = defineStruct('RollingUpdateDaemonSet', {
  maxUnavailable: intOrString(1).optional(),
  maxSurge: intOrString(2).optional(),
});

const ExtensionsV1beta1DaemonSetUpdateStrategy = defineStruct('DaemonSetUpdateStrategy', {
  type: text(1).omitEmpty(),
  rollingUpdate: struct(2, ExtensionsV1beta1RollingUpdateDaemonSet).optional(),
});

const ExtensionsV1beta1DaemonSetSpec = defineStruct('DaemonSetSpec', {
  selector: struct(1, LabelSelector).optional(),
  template: struct(2, PodTemplateSpec),
  updateStrategy: struct(3, ExtensionsV1beta1DaemonSetUpdateStrategy).default({}),
  minReadySeconds: int32(4).omitEmpty(),
  templateGeneration: int64(5).omitEmpty(),
  revisionHistoryLimit: int32(6).optional(),
});

const ExtensionsV1beta1DaemonSetCondition = defineStruct('DaemonSetCondition', {
  type: text(1),
  status: text(2),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});

const ExtensionsV1beta1DaemonSetStatus = defineStruct('DaemonSetStatus', {
  currentNumberScheduled: int32(1),
  numberMisscheduled: int32(2),
  desiredNumberScheduled: int32(3),
  numberReady: int32(4),
  observedGeneration: int64(5).omitEmpty(),
  updatedNumberScheduled: int32(6).omitEmpty(),
  numberAvailable: int32(7).omitEmpty(),
  numberUnavailable: int32(8).omitEmpty(),
  collisionCount: int32(9).optional(),
  conditions: list(10, ExtensionsV1beta1DaemonSetCondition).optional(),
});

const ExtensionsV1beta1DaemonSet = defineStruct('DaemonSet', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ExtensionsV1beta1DaemonSetSpec).default({}),
  status: struct(3, ExtensionsV1beta1DaemonSetStatus).default({}),
});

const ExtensionsV1beta1RollingUpdateDeployment = defineStruct('RollingUpdateDeployment', {
  maxUnavailable: intOrString(1).optional(),
  maxSurge: intOrString(2).optional(),
});

const ExtensionsV1beta1DeploymentStrategy = defineStruct('DeploymentStrategy', {
  type: text(1).omitEmpty(),
  rollingUpdate: struct(2, ExtensionsV1beta1RollingUpdateDeployment).optional(),
});

const ExtensionsV1beta1RollbackConfig = defineStruct('RollbackConfig', {
  revision: int64(1).omitEmpty(),
});

const ExtensionsV1beta1DeploymentSpec = defineStruct('DeploymentSpec', {
  replicas: int32(1).optional(),
  selector: struct(2, LabelSelector).optional(),
  template: struct(3, PodTemplateSpec),
  strategy: struct(4, ExtensionsV1beta1DeploymentStrategy).default({}),
  minReadySeconds: int32(5).omitEmpty(),
  revisionHistoryLimit: int32(6).optional(),
  paused: bool(7).omitEmpty(),
  rollbackTo: struct(8, ExtensionsV1beta1RollbackConfig).optional(),
  progressDeadlineSeconds: int32(9).optional(),
});

const ExtensionsV1beta1DeploymentCondition = defineStruct('DeploymentCondition', {
  type: text(1),
  status: text(2),
  lastUpdateTime: time(6).omitEmpty(),
  lastTransitionTime: time(7).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});

const ExtensionsV1beta1DeploymentStatus = defineStruct('DeploymentStatus', {
  observedGeneration: int64(1).omitEmpty(),
  replicas: int32(2).omitEmpty(),
  updatedReplicas: int32(3).omitEmpty(),
  readyReplicas: int32(7).omitEmpty(),
  availableReplicas: int32(4).omitEmpty(),
  unavailableReplicas: int32(5).omitEmpty(),
  terminatingReplicas: int32(9).optional(),
  conditions: list(6, ExtensionsV1beta1DeploymentCondition).optional(),
  collisionCount: int32(8).optional(),
});

const ExtensionsV1beta1Deployment = defineStruct('Deployment', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ExtensionsV1beta1DeploymentSpec).default({}),
  status: struct(3, ExtensionsV1beta1DeploymentStatus).default({}),
});

const ExtensionsV1beta1DeploymentRollback = defineStruct('DeploymentRollback', {
  name: text(1),
  updatedAnnotations: map(2, text).optional(),
  rollbackTo: struct(3, ExtensionsV1beta1RollbackConfig),
});

const ExtensionsV1beta1IngressBackend = defineStruct('IngressBackend', {
  serviceName: text(1).omitEmpty(),
  servicePort: intOrString(2).omitEmpty(),
  resource: struct(3, TypedLocalObjectReference).optional(),
});

const ExtensionsV1beta1IngressTLS = defineStruct('IngressTLS', {
  hosts: list(1, text).optional(),
  secretName: text(2).omitEmpty(),
});

const ExtensionsV1beta1HTTPIngressPath = defineStruct('HTTPIngressPath', {
  path: text(1).omitEmpty(),
  pathType: text(3).optional(),
  backend: struct(2, ExtensionsV1beta1IngressBackend),
});

const ExtensionsV1beta1HTTPIngressRuleValue = defineStruct('HTTPIngressRuleValue', {
  paths: list(1, ExtensionsV1beta1HTTPIngressPath),
});

const ExtensionsV1beta1IngressRuleValue = defineStruct('IngressRuleValue', {
  http: struct(1, ExtensionsV1beta1HTTPIngressRuleValue).optional(),
});

const ExtensionsV1beta1IngressRule = defineStruct('IngressRule', {
  host: text(1).omitEmpty(),
  ...inlined(2, ExtensionsV1beta1IngressRuleValue),
});

const ExtensionsV1beta1IngressSpec = defineStruct('IngressSpec', {
  ingressClassName: text(4).optional(),
  backend: struct(1, ExtensionsV1beta1IngressBackend).optional(),
  tls: list(2, ExtensionsV1beta1IngressTLS).optional(),
  rules: list(3, ExtensionsV1beta1IngressRule).optional(),
});

const ExtensionsV1beta1IngressPortStatus = defineStruct('IngressPortStatus', {
  port: int32(1),
  protocol: text(2),
  error: text(3).optional(),
});

const ExtensionsV1beta1IngressLoadBalancerIngress = defineStruct('IngressLoadBalancerIngress', {
  ip: text(1).omitEmpty(),
  hostname: text(2).omitEmpty(),
  ports: list(4, ExtensionsV1beta1IngressPortStatus).optional(),
});

const ExtensionsV1beta1IngressLoadBalancerStatus = defineStruct('IngressLoadBalancerStatus', {
  ingress: list(1, ExtensionsV1beta1IngressLoadBalancerIngress).optional(),
});

const ExtensionsV1beta1IngressStatus = defineStruct('IngressStatus', {
  loadBalancer: struct(1, ExtensionsV1beta1IngressLoadBalancerStatus).default({}),
});

const ExtensionsV1beta1Ingress = defineStruct('Ingress', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ExtensionsV1beta1IngressSpec).default({}),
  status: struct(3, ExtensionsV1beta1IngressStatus).default({}),
});

const ExtensionsV1beta1ScaleSpec = defineStruct('ScaleSpec', {
  replicas: int32(1).omitEmpty(),
});

const ExtensionsV1beta1ScaleStatus = defineStruct('ScaleStatus', {
  replicas: int32(1),
  selector: map(2, text).optional(),
  targetSelector: text(3).omitEmpty(),
});

const ExtensionsV1beta1Scale = defineStruct('Scale', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ExtensionsV1beta1ScaleSpec).default({}),
  status: struct(3, ExtensionsV1beta1ScaleStatus).default({}),
});

const NetworkingV1beta1IngressBackend = defineStruct('IngressBackend', {
  serviceName: text(1).omitEmpty(),
  servicePort: intOrString(2).omitEmpty(),
  resource: struct(3, TypedLocalObjectReference).optional(),
});

const NetworkingV1beta1IngressTLS = defineStruct('IngressTLS', {
  hosts: list(1, text).optional(),
  secretName: text(2).omitEmpty(),
});

const NetworkingV1beta1HTTPIngressPath = defineStruct('HTTPIngressPath', {
  path: text(1).omitEmpty(),
  pathType: text(3).optional(),
  backend: struct(2, NetworkingV1beta1IngressBackend),
});

const NetworkingV1beta1HTTPIngressRuleValue = defineStruct('HTTPIngressRuleValue', {
  paths: list(1, NetworkingV1beta1HTTPIngressPath),
});

const NetworkingV1beta1IngressRuleValue = defineStruct('IngressRuleValue', {
  http: struct(1, NetworkingV1beta1HTTPIngressRuleValue).optional(),
});

const NetworkingV1beta1IngressRule = defineStruct('IngressRule', {
  host: text(1).omitEmpty(),
  ...inlined(2, NetworkingV1beta1IngressRuleValue),
});

const NetworkingV1beta1IngressSpec = defineStruct('IngressSpec', {
  ingressClassName: text(4).optional(),
  backend: struct(1, NetworkingV1beta1IngressBackend).optional(),
  tls: list(2, NetworkingV1beta1IngressTLS).optional(),
  rules: list(3, NetworkingV1beta1IngressRule).optional(),
});

const NetworkingV1beta1IngressPortStatus = defineStruct('IngressPortStatus', {
  port: int32(1),
  protocol: text(2),
  error: text(3).optional(),
});

const NetworkingV1beta1IngressLoadBalancerIngress = defineStruct('IngressLoadBalancerIngress', {
  ip: text(1).omitEmpty(),
  hostname: text(2).omitEmpty(),
  ports: list(4, NetworkingV1beta1IngressPortStatus).optional(),
});

const NetworkingV1beta1IngressLoadBalancerStatus = defineStruct('IngressLoadBalancerStatus', {
  ingress: list(1, NetworkingV1beta1IngressLoadBalancerIngress).optional(),
});

const NetworkingV1beta1IngressStatus = defineStruct('IngressStatus', {
  loadBalancer: struct(1, NetworkingV1beta1IngressLoadBalancerStatus).default({}),
});

const NetworkingV1beta1Ingress = defineStruct('Ingress', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, NetworkingV1beta1IngressSpec).default({}),
  status: struct(3, NetworkingV1beta1IngressStatus).default({}),
});

const NodeV1alpha1Overhead = defineStruct('Overhead', {
  podFixed: map(1, quantity).optional(),
});

const NodeV1alpha1Scheduling = defineStruct('Scheduling', {
  nodeSelector: map(1, text).optional(),
  tolerations: list(2, Toleration).optional(),
});

const NodeV1alpha1RuntimeClassSpec = defineStruct('RuntimeClassSpec', {
  runtimeHandler: text(1),
  overhead: struct(2, NodeV1alpha1Overhead).optional(),
  scheduling: struct(3, NodeV1alpha1Scheduling).optional(),
});

const NodeV1alpha1RuntimeClass = defineStruct('RuntimeClass', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, NodeV1alpha1RuntimeClassSpec),
});

const RbacV1alpha1PolicyRule = defineStruct('PolicyRule', {
  verbs: list(1, text),
  apiGroups: list(3, text).optional(),
  resources: list(4, text).optional(),
  resourceNames: list(5, text).optional(),
  nonResourceURLs: list(6, text).optional(),
});

const RbacV1alpha1AggregationRule = defineStruct('AggregationRule', {
  clusterRoleSelectors: list(1, LabelSelector).optional(),
});

const RbacV1alpha1ClusterRole = defineStruct('ClusterRole', {
  metadata: struct(1, DraftMeta).default({}),
  rules: list(2, RbacV1alpha1PolicyRule),
  aggregationRule: struct(3, RbacV1alpha1AggregationRule).optional(),
});

const RbacV1alpha1Subject = defineStruct('Subject', {
  kind: text(1),
  apiVersion: text(2).omitEmpty(),
  name: text(3),
  namespace: text(4).omitEmpty(),
});

const RbacV1alpha1RoleRef = defineStruct('RoleRef', {
  apiGroup: text(1),
  kind: text(2),
  name: text(3),
});

const RbacV1alpha1ClusterRoleBinding = defineStruct('ClusterRoleBinding', {
  metadata: struct(1, DraftMeta).default({}),
  subjects: list(2, RbacV1alpha1Subject).optional(),
  roleRef: struct(3, RbacV1alpha1RoleRef),
});

const RbacV1alpha1Role = defineStruct('Role', {
  metadata: struct(1, DraftMeta).default({}),
  rules: list(2, RbacV1alpha1PolicyRule),
});

const RbacV1alpha1RoleBinding = defineStruct('RoleBinding', {
  metadata: struct(1, DraftMeta).default({}),
  subjects: list(2, RbacV1alpha1Subject).optional(),
  roleRef: struct(3, RbacV1alpha1RoleRef),
});

const ResourceV1beta1CELDeviceSelector = defineStruct('CELDeviceSelector', {
  expression: text(1),
});

const ResourceV1beta1DeviceSelector = defineStruct('DeviceSelector', {
  cel: struct(1, ResourceV1beta1CELDeviceSelector).optional(),
});

const ResourceV1beta1DeviceToleration = defineStruct('DeviceToleration', {
  key: text(1).omitEmpty(),
  operator: text(2).omitEmpty(),
  value: text(3).omitEmpty(),
  effect: text(4).omitEmpty(),
  tolerationSeconds: int64(5).optional(),
});

const ResourceV1beta1CapacityRequirements = defineStruct('CapacityRequirements', {
  requests: map(1, quantity).optional(),
});

const ResourceV1beta1DeviceSubRequest = defineStruct('DeviceSubRequest', {
  name: text(1),
  deviceClassName: text(2),
  selectors: list(3, ResourceV1beta1DeviceSelector).optional(),
  allocationMode: text(4).omitEmpty(),
  count: int64(5).omitEmpty(),
  tolerations: list(7, ResourceV1beta1DeviceToleration).optional(),
  capacity: struct(8, ResourceV1beta1CapacityRequirements).optional(),
});

const ResourceV1beta1DeviceRequest = defineStruct('DeviceRequest', {
  name: text(1),
  deviceClassName: text(2),
  selectors: list(3, ResourceV1beta1DeviceSelector).optional(),
  allocationMode: text(4).omitEmpty(),
  count: int64(5).omitEmpty(),
  adminAccess: bool(6).optional(),
  firstAvailable: list(7, ResourceV1beta1DeviceSubRequest).optional(),
  tolerations: list(8, ResourceV1beta1DeviceToleration).optional(),
  capacity: struct(9, ResourceV1beta1CapacityRequirements).optional(),
});

const ResourceV1beta1DeviceConstraint = defineStruct('DeviceConstraint', {
  requests: list(1, text).optional(),
  matchAttribute: text(2).optional(),
  distinctAttribute: text(3).optional(),
});

const ResourceV1beta1OpaqueDeviceConfiguration = defineStruct('OpaqueDeviceConfiguration', {
  driver: text(1),
  parameters: json(2),
});

const ResourceV1beta1DeviceConfiguration = defineStruct('DeviceConfiguration', {
  opaque: struct(1, ResourceV1beta1OpaqueDeviceConfiguration).optional(),
});

const ResourceV1beta1DeviceClaimConfiguration = defineStruct('DeviceClaimConfiguration', {
  requests: list(1, text).optional(),
  ...inlined(2, ResourceV1beta1DeviceConfiguration),
});

const ResourceV1beta1DeviceClaim = defineStruct('DeviceClaim', {
  requests: list(1, ResourceV1beta1DeviceRequest),
  constraints: list(2, ResourceV1beta1DeviceConstraint).optional(),
  config: list(3, ResourceV1beta1DeviceClaimConfiguration).optional(),
});

const ResourceV1beta1ResourceClaimSpec = defineStruct('ResourceClaimSpec', {
  devices: struct(1, ResourceV1beta1DeviceClaim),
});

const ResourceV1beta1DeviceRequestAllocationResult = defineStruct('DeviceRequestAllocationResult', {
  request: text(1),
  driver: text(2),
  pool: text(3),
  device: text(4),
  adminAccess: bool(5).optional(),
  tolerations: list(6, ResourceV1beta1DeviceToleration).optional(),
  bindingConditions: list(7, text).optional(),
  bindingFailureConditions: list(8, text).optional(),
  shareID: text(9).optional(),
  consumedCapacity: map(10, quantity).optional(),
});

const ResourceV1beta1DeviceAllocationConfiguration = defineStruct('DeviceAllocationConfiguration', {
  source: text(1),
  requests: list(2, text).optional(),
  ...inlined(3, ResourceV1beta1DeviceConfiguration),
});

const ResourceV1beta1DeviceAllocationResult = defineStruct('DeviceAllocationResult', {
  results: list(1, ResourceV1beta1DeviceRequestAllocationResult).optional(),
  config: list(2, ResourceV1beta1DeviceAllocationConfiguration).optional(),
});

const ResourceV1beta1AllocationResult = defineStruct('AllocationResult', {
  devices: struct(1, ResourceV1beta1DeviceAllocationResult).default({}),
  nodeSelector: struct(3, NodeSelector).optional(),
  allocationTimestamp: time(5).optional(),
});

const ResourceV1beta1ResourceClaimConsumerReference = defineStruct('ResourceClaimConsumerReference', {
  apiGroup: text(1).omitEmpty(),
  resource: text(3),
  name: text(4),
  uid: text(5),
});

const ResourceV1beta1NetworkDeviceData = defineStruct('NetworkDeviceData', {
  interfaceName: text(1).omitEmpty(),
  ips: list(2, text).optional(),
  hardwareAddress: text(3).omitEmpty(),
});

const ResourceV1beta1AllocatedDeviceStatus = defineStruct('AllocatedDeviceStatus', {
  driver: text(1),
  pool: text(2),
  device: text(3),
  shareID: text(7).optional(),
  conditions: list(4, Condition),
  data: json(5).optional(),
  networkData: struct(6, ResourceV1beta1NetworkDeviceData).optional(),
});

const ResourceV1beta1ResourceClaimStatus = defineStruct('ResourceClaimStatus', {
  allocation: struct(1, ResourceV1beta1AllocationResult).optional(),
  reservedFor: list(2, ResourceV1beta1ResourceClaimConsumerReference).optional(),
  devices: list(4, ResourceV1beta1AllocatedDeviceStatus).optional(),
});

const ResourceV1beta1ResourceClaim = defineStruct('ResourceClaim', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ResourceV1beta1ResourceClaimSpec),
  status: struct(3, ResourceV1beta1ResourceClaimStatus).default({}),
});

const ResourceV1beta1ResourceClaimTemplateSpec = defineStruct('ResourceClaimTemplateSpec', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ResourceV1beta1ResourceClaimSpec),
});

const ResourceV1beta1ResourceClaimTemplate = defineStruct('ResourceClaimTemplate', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ResourceV1beta1ResourceClaimTemplateSpec),
});

const ResourceV1beta1ResourcePool = defineStruct('ResourcePool', {
  name: text(1),
  generation: int64(2),
  resourceSliceCount: int64(3),
});

const ResourceV1beta1DeviceAttribute = defineStruct('DeviceAttribute', {
  int: int64(2).optional(),
  bool: bool(3).optional(),
  string: text(4).optional(),
  version: text(5).optional(),
  ints: list(6, int64).optional(),
  bools: list(7, bool).optional(),
  strings: list(8, text).optional(),
  versions: list(9, text).optional(),
});

const ResourceV1beta1CapacityRequestPolicyRange = defineStruct('CapacityRequestPolicyRange', {
  min: quantity(1).optional(),
  max: quantity(2).optional(),
  step: quantity(3).optional(),
});

const ResourceV1beta1CapacityRequestPolicy = defineStruct('CapacityRequestPolicy', {
  default: quantity(1).optional(),
  validValues: list(3, quantity).optional(),
  validRange: struct(4, ResourceV1beta1CapacityRequestPolicyRange).optional(),
});

const ResourceV1beta1DeviceCapacity = defineStruct('DeviceCapacity', {
  value: quantity(1),
  requestPolicy: struct(2, ResourceV1beta1CapacityRequestPolicy).optional(),
});

const ResourceV1beta1Counter = defineStruct('Counter', {
  value: quantity(1),
});

const ResourceV1beta1DeviceCounterConsumption = defineStruct('DeviceCounterConsumption', {
  counterSet: text(1),
  counters: map(2, ResourceV1beta1Counter).optional(),
});

const ResourceV1beta1DeviceTaint = defineStruct('DeviceTaint', {
  key: text(1),
  value: text(2).omitEmpty(),
  effect: text(3),
  timeAdded: time(4).optional(),
});

const ResourceV1beta1NodeAllocatableResourceMapping = defineStruct('NodeAllocatableResourceMapping', {
  capacityKey: text(1).optional(),
  allocationMultiplier: quantity(2).optional(),
});

const ResourceV1beta1BasicDevice = defineStruct('BasicDevice', {
  attributes: map(1, ResourceV1beta1DeviceAttribute).optional(),
  capacity: map(2, ResourceV1beta1DeviceCapacity).optional(),
  consumesCounters: list(3, ResourceV1beta1DeviceCounterConsumption).optional(),
  nodeName: text(4).optional(),
  nodeSelector: struct(5, NodeSelector).optional(),
  allNodes: bool(6).optional(),
  taints: list(7, ResourceV1beta1DeviceTaint).optional(),
  bindsToNode: bool(8).optional(),
  bindingConditions: list(9, text).optional(),
  bindingFailureConditions: list(10, text).optional(),
  allowMultipleAllocations: bool(11).optional(),
  nodeAllocatableResourceMappings: map(12, ResourceV1beta1NodeAllocatableResourceMapping).optional(),
});

const ResourceV1beta1Device = defineStruct('Device', {
  name: text(1),
  basic: struct(2, ResourceV1beta1BasicDevice).optional(),
});

const ResourceV1beta1CounterSet = defineStruct('CounterSet', {
  name: text(1),
  counters: map(2, ResourceV1beta1Counter).optional(),
});

const ResourceV1beta1ResourceSliceSpec = defineStruct('ResourceSliceSpec', {
  driver: text(1),
  pool: struct(2, ResourceV1beta1ResourcePool),
  nodeName: text(3).omitEmpty(),
  nodeSelector: struct(4, NodeSelector).optional(),
  allNodes: bool(5).omitEmpty(),
  devices: list(6, ResourceV1beta1Device).optional(),
  perDeviceNodeSelection: bool(7).optional(),
  sharedCounters: list(8, ResourceV1beta1CounterSet).optional(),
});

const ResourceV1beta1ResourceSlice = defineStruct('ResourceSlice', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ResourceV1beta1ResourceSliceSpec),
});

const ResourceV1alpha3DeviceTaintSelector = defineStruct('DeviceTaintSelector', {
  driver: text(2).optional(),
  pool: text(3).optional(),
  device: text(4).optional(),
});

const ResourceV1alpha3DeviceTaint = defineStruct('DeviceTaint', {
  key: text(1),
  value: text(2).omitEmpty(),
  effect: text(3),
  timeAdded: time(4).optional(),
});

const ResourceV1alpha3DeviceTaintRuleSpec = defineStruct('DeviceTaintRuleSpec', {
  deviceSelector: struct(1, ResourceV1alpha3DeviceTaintSelector).optional(),
  taint: struct(2, ResourceV1alpha3DeviceTaint).default({}),
});

const ResourceV1alpha3DeviceTaintRuleStatus = defineStruct('DeviceTaintRuleStatus', {
  conditions: list(1, Condition).optional(),
});

const ResourceV1alpha3DeviceTaintRule = defineStruct('DeviceTaintRule', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ResourceV1alpha3DeviceTaintRuleSpec),
  status: struct(3, ResourceV1alpha3DeviceTaintRuleStatus).default({}),
});

const ResourceV1alpha3ResourcePoolStatusRequestSpec = defineStruct('ResourcePoolStatusRequestSpec', {
  driver: text(1),
  poolName: text(2).optional(),
  limit: int32(3).optional(),
});

const ResourceV1alpha3PoolStatus = defineStruct('PoolStatus', {
  driver: text(1).omitEmpty(),
  poolName: text(2).omitEmpty(),
  generation: int64(9),
  resourceSliceCount: int32(8).optional(),
  totalDevices: int32(4).optional(),
  allocatedDevices: int32(5).optional(),
  availableDevices: int32(6).optional(),
  unavailableDevices: int32(7).optional(),
  nodeName: text(3).optional(),
  validationError: text(10).optional(),
});

const ResourceV1alpha3ResourcePoolStatusRequestStatus = defineStruct('ResourcePoolStatusRequestStatus', {
  poolCount: int32(6).optional(),
  pools: list(2, ResourceV1alpha3PoolStatus).optional(),
  conditions: list(3, Condition).optional(),
});

const ResourceV1alpha3ResourcePoolStatusRequest = defineStruct('ResourcePoolStatusRequest', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ResourceV1alpha3ResourcePoolStatusRequestSpec),
  status: struct(3, ResourceV1alpha3ResourcePoolStatusRequestStatus).optional(),
});

const ResourceV1beta2DeviceTaintSelector = defineStruct('DeviceTaintSelector', {
  driver: text(2).optional(),
  pool: text(3).optional(),
  device: text(4).optional(),
});

const ResourceV1beta2DeviceTaint = defineStruct('DeviceTaint', {
  key: text(1),
  value: text(2).omitEmpty(),
  effect: text(3),
  timeAdded: time(4).optional(),
});

const ResourceV1beta2DeviceTaintRuleSpec = defineStruct('DeviceTaintRuleSpec', {
  deviceSelector: struct(1, ResourceV1beta2DeviceTaintSelector).optional(),
  taint: struct(2, ResourceV1beta2DeviceTaint).default({}),
});

const ResourceV1beta2DeviceTaintRuleStatus = defineStruct('DeviceTaintRuleStatus', {
  conditions: list(1, Condition).optional(),
});

const ResourceV1beta2DeviceTaintRule = defineStruct('DeviceTaintRule', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ResourceV1beta2DeviceTaintRuleSpec),
  status: struct(3, ResourceV1beta2DeviceTaintRuleStatus).default({}),
});

const CoordinationV1alpha2LeaseCandidateSpec = defineStruct('LeaseCandidateSpec', {
  leaseName: text(1),
  pingTime: microTime(2).optional(),
  renewTime: microTime(3).optional(),
  binaryVersion: text(4),
  emulationVersion: text(5).omitEmpty(),
  strategy: text(6).omitEmpty(),
});

const CoordinationV1alpha2LeaseCandidate = defineStruct('LeaseCandidate', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, CoordinationV1alpha2LeaseCandidateSpec).default({}),
});

const CoordinationV1beta1LeaseCandidateSpec = defineStruct('LeaseCandidateSpec', {
  leaseName: text(1),
  pingTime: microTime(2).optional(),
  renewTime: microTime(3).optional(),
  binaryVersion: text(4),
  emulationVersion: text(5).omitEmpty(),
  strategy: text(6).omitEmpty(),
});

const CoordinationV1beta1LeaseCandidate = defineStruct('LeaseCandidate', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, CoordinationV1beta1LeaseCandidateSpec).default({}),
});

const PodLogOptions = defineStruct('PodLogOptions', {
  container: text(1).omitEmpty(),
  follow: bool(2).omitEmpty(),
  previous: bool(3).omitEmpty(),
  sinceSeconds: int64(4).optional(),
  sinceTime: time(5).optional(),
  timestamps: bool(6).omitEmpty(),
  tailLines: int64(7).optional(),
  limitBytes: int64(8).optional(),
  insecureSkipTLSVerifyBackend: bool(9).omitEmpty(),
  stream: text(10).optional(),
});

const PodStatusResult = defineStruct('PodStatusResult', {
  metadata: struct(1, DraftMeta).default({}),
  status: struct(2, PodStatus).default({}),
});

const RangeAllocation = defineStruct('RangeAllocation', {
  metadata: struct(1, DraftMeta).default({}),
  range: text(2),
  data: bytes(3).optional(),
});

const SerializedReference = defineStruct('SerializedReference', {
  reference: struct(1, ObjectReference).default({}),
});

const ImagepolicyV1alpha1ImageReviewContainerSpec = defineStruct('ImageReviewContainerSpec', {
  image: text(1).omitEmpty(),
});

const ImagepolicyV1alpha1ImageReviewSpec = defineStruct('ImageReviewSpec', {
  containers: list(1, ImagepolicyV1alpha1ImageReviewContainerSpec).optional(),
  annotations: map(2, text).optional(),
  namespace: text(3).omitEmpty(),
});

const ImagepolicyV1alpha1ImageReviewStatus = defineStruct('ImageReviewStatus', {
  allowed: bool(1),
  reason: text(2).omitEmpty(),
  auditAnnotations: map(3, text).optional(),
});

const ImagepolicyV1alpha1ImageReview = defineStruct('ImageReview', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ImagepolicyV1alpha1ImageReviewSpec),
  status: struct(3, ImagepolicyV1alpha1ImageReviewStatus).default({}),
});

const ApiserverinternalV1alpha1StorageVersionSpec = defineStruct('StorageVersionSpec', {});

const ApiserverinternalV1alpha1ServerStorageVersion = defineStruct('ServerStorageVersion', {
  apiServerID: text(1).omitEmpty(),
  encodingVersion: text(2).omitEmpty(),
  decodableVersions: list(3, text).optional(),
  servedVersions: list(4, text).optional(),
});

const ApiserverinternalV1alpha1StorageVersionCondition = defineStruct('StorageVersionCondition', {
  type: text(1),
  status: text(2),
  observedGeneration: int64(3).omitEmpty(),
  lastTransitionTime: time(4).omitEmpty(),
  reason: text(5),
  message: text(6).omitEmpty(),
});

const ApiserverinternalV1alpha1StorageVersionStatus = defineStruct('StorageVersionStatus', {
  storageVersions: list(1, ApiserverinternalV1alpha1ServerStorageVersion).optional(),
  commonEncodingVersion: text(2).optional(),
  conditions: list(3, ApiserverinternalV1alpha1StorageVersionCondition).optional(),
});

const ApiserverinternalV1alpha1StorageVersion = defineStruct('StorageVersion', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, ApiserverinternalV1alpha1StorageVersionSpec),
  status: struct(3, ApiserverinternalV1alpha1StorageVersionStatus),
});

const SchedulingV1alpha2WorkloadPodGroupTemplateReference = defineStruct('WorkloadPodGroupTemplateReference', {
  workloadName: text(1),
  podGroupTemplateName: text(2),
});

const SchedulingV1alpha2PodGroupTemplateReference = defineStruct('PodGroupTemplateReference', {
  workload: struct(1, SchedulingV1alpha2WorkloadPodGroupTemplateReference).optional(),
});

const SchedulingV1alpha2BasicSchedulingPolicy = defineStruct('BasicSchedulingPolicy', {});

const SchedulingV1alpha2GangSchedulingPolicy = defineStruct('GangSchedulingPolicy', {
  minCount: int32(1),
});

const SchedulingV1alpha2PodGroupSchedulingPolicy = defineStruct('PodGroupSchedulingPolicy', {
  basic: struct(1, SchedulingV1alpha2BasicSchedulingPolicy).optional(),
  gang: struct(2, SchedulingV1alpha2GangSchedulingPolicy).optional(),
});

const SchedulingV1alpha2TopologyConstraint = defineStruct('TopologyConstraint', {
  key: text(1),
});

const SchedulingV1alpha2PodGroupSchedulingConstraints = defineStruct('PodGroupSchedulingConstraints', {
  topology: list(1, SchedulingV1alpha2TopologyConstraint).optional(),
});

const SchedulingV1alpha2PodGroupResourceClaim = defineStruct('PodGroupResourceClaim', {
  name: text(1),
  resourceClaimName: text(2).optional(),
  resourceClaimTemplateName: text(3).optional(),
});

const SchedulingV1alpha2PodGroupSpec = defineStruct('PodGroupSpec', {
  podGroupTemplateRef: struct(1, SchedulingV1alpha2PodGroupTemplateReference).optional(),
  schedulingPolicy: struct(2, SchedulingV1alpha2PodGroupSchedulingPolicy),
  schedulingConstraints: struct(3, SchedulingV1alpha2PodGroupSchedulingConstraints).optional(),
  resourceClaims: list(4, SchedulingV1alpha2PodGroupResourceClaim).optional(),
  disruptionMode: text(5).optional(),
  priorityClassName: text(6).omitEmpty(),
  priority: int32(7).optional(),
});

const SchedulingV1alpha2PodGroupResourceClaimStatus = defineStruct('PodGroupResourceClaimStatus', {
  name: text(1),
  resourceClaimName: text(2).optional(),
});

const SchedulingV1alpha2PodGroupStatus = defineStruct('PodGroupStatus', {
  conditions: list(1, Condition).optional(),
  resourceClaimStatuses: list(2, SchedulingV1alpha2PodGroupResourceClaimStatus).optional(),
});

const SchedulingV1alpha2PodGroup = defineStruct('PodGroup', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, SchedulingV1alpha2PodGroupSpec),
  status: struct(3, SchedulingV1alpha2PodGroupStatus).default({}),
});

const SchedulingV1alpha2TypedLocalObjectReference = defineStruct('TypedLocalObjectReference', {
  apiGroup: text(1).omitEmpty(),
  kind: text(2),
  name: text(3),
});

const SchedulingV1alpha2PodGroupTemplate = defineStruct('PodGroupTemplate', {
  name: text(1),
  schedulingPolicy: struct(2, SchedulingV1alpha2PodGroupSchedulingPolicy),
  schedulingConstraints: struct(3, SchedulingV1alpha2PodGroupSchedulingConstraints).optional(),
  resourceClaims: list(4, SchedulingV1alpha2PodGroupResourceClaim).optional(),
  disruptionMode: text(5).optional(),
  priorityClassName: text(6).omitEmpty(),
  priority: int32(7).optional(),
});

const SchedulingV1alpha2WorkloadSpec = defineStruct('WorkloadSpec', {
  controllerRef: struct(1, SchedulingV1alpha2TypedLocalObjectReference).optional(),
  podGroupTemplates: list(2, SchedulingV1alpha2PodGroupTemplate),
});

const SchedulingV1alpha2Workload = defineStruct('Workload', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, SchedulingV1alpha2WorkloadSpec),
});

const FlowcontrolV1beta1QueuingConfiguration = defineStruct('QueuingConfiguration', {
  queues: int32(1),
  handSize: int32(2),
  queueLengthLimit: int32(3),
});

const FlowcontrolV1beta1LimitResponse = defineStruct('LimitResponse', {
  type: text(1),
  queuing: struct(2, FlowcontrolV1beta1QueuingConfiguration).optional(),
});

const FlowcontrolV1beta1LimitedPriorityLevelConfiguration = defineStruct('LimitedPriorityLevelConfiguration', {
  assuredConcurrencyShares: int32(1),
  limitResponse: struct(2, FlowcontrolV1beta1LimitResponse).default({}),
  lendablePercent: int32(3).optional(),
  borrowingLimitPercent: int32(4).optional(),
});

const FlowcontrolV1beta1ExemptPriorityLevelConfiguration = defineStruct('ExemptPriorityLevelConfiguration', {
  nominalConcurrencyShares: int32(1).optional(),
  lendablePercent: int32(2).optional(),
});

const FlowcontrolV1beta1PriorityLevelConfigurationSpec = defineStruct('PriorityLevelConfigurationSpec', {
  type: text(1),
  limited: struct(2, FlowcontrolV1beta1LimitedPriorityLevelConfiguration).optional(),
  exempt: struct(3, FlowcontrolV1beta1ExemptPriorityLevelConfiguration).optional(),
});

const FlowcontrolV1beta1PriorityLevelConfigurationCondition = defineStruct('PriorityLevelConfigurationCondition', {
  type: text(1).omitEmpty(),
  status: text(2).omitEmpty(),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});

const FlowcontrolV1beta1PriorityLevelConfigurationStatus = defineStruct('PriorityLevelConfigurationStatus', {
  conditions: list(1, FlowcontrolV1beta1PriorityLevelConfigurationCondition).optional(),
});

const FlowcontrolV1beta1PriorityLevelConfiguration = defineStruct('PriorityLevelConfiguration', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, FlowcontrolV1beta1PriorityLevelConfigurationSpec).default({}),
  status: struct(3, FlowcontrolV1beta1PriorityLevelConfigurationStatus).default({}),
});

const FlowcontrolV1beta2QueuingConfiguration = defineStruct('QueuingConfiguration', {
  queues: int32(1),
  handSize: int32(2),
  queueLengthLimit: int32(3),
});

const FlowcontrolV1beta2LimitResponse = defineStruct('LimitResponse', {
  type: text(1),
  queuing: struct(2, FlowcontrolV1beta2QueuingConfiguration).optional(),
});

const FlowcontrolV1beta2LimitedPriorityLevelConfiguration = defineStruct('LimitedPriorityLevelConfiguration', {
  assuredConcurrencyShares: int32(1),
  limitResponse: struct(2, FlowcontrolV1beta2LimitResponse).default({}),
  lendablePercent: int32(3).optional(),
  borrowingLimitPercent: int32(4).optional(),
});

const FlowcontrolV1beta2ExemptPriorityLevelConfiguration = defineStruct('ExemptPriorityLevelConfiguration', {
  nominalConcurrencyShares: int32(1).optional(),
  lendablePercent: int32(2).optional(),
});

const FlowcontrolV1beta2PriorityLevelConfigurationSpec = defineStruct('PriorityLevelConfigurationSpec', {
  type: text(1),
  limited: struct(2, FlowcontrolV1beta2LimitedPriorityLevelConfiguration).optional(),
  exempt: struct(3, FlowcontrolV1beta2ExemptPriorityLevelConfiguration).optional(),
});

const FlowcontrolV1beta2PriorityLevelConfigurationCondition = defineStruct('PriorityLevelConfigurationCondition', {
  type: text(1).omitEmpty(),
  status: text(2).omitEmpty(),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});

const FlowcontrolV1beta2PriorityLevelConfigurationStatus = defineStruct('PriorityLevelConfigurationStatus', {
  conditions: list(1, FlowcontrolV1beta2PriorityLevelConfigurationCondition).optional(),
});

const FlowcontrolV1beta2PriorityLevelConfiguration = defineStruct('PriorityLevelConfiguration', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, FlowcontrolV1beta2PriorityLevelConfigurationSpec).default({}),
  status: struct(3, FlowcontrolV1beta2PriorityLevelConfigurationStatus).default({}),
});

/** The kinds, by `apiVersion kind`. */
export const unservedKinds: Readonly<Record<string, StructNode>> = {
  'admission.k8s.io/v1 AdmissionReview': AdmissionV1AdmissionReview.node,
  'admission.k8s.io/v1beta1 AdmissionReview': AdmissionV1beta1AdmissionReview.node,
  'apps/v1beta1 Deployment': AppsV1beta1Deployment.node,
  'apps/v1beta1 Scale': AppsV1beta1Scale.node,
  'apps/v1beta2 Scale': AppsV1beta2Scale.node,
  'apps/v1beta1 DeploymentRollback': AppsV1beta1DeploymentRollback.node,
  'authorization.k8s.io/v1beta1 LocalSubjectAccessReview': AuthorizationV1beta1LocalSubjectAccessReview.node,
  'authorization.k8s.io/v1beta1 SubjectAccessReview': AuthorizationV1beta1SubjectAccessReview.node,
  'discovery.k8s.io/v1beta1 EndpointSlice': DiscoveryV1beta1EndpointSlice.node,
  'extensions/v1beta1 DaemonSet': ExtensionsV1beta1DaemonSet.node,
  'extensions/v1beta1 Deployment': ExtensionsV1beta1Deployment.node,
  'extensions/v1beta1 DeploymentRollback': ExtensionsV1beta1DeploymentRollback.node,
  'extensions/v1beta1 Ingress': ExtensionsV1beta1Ingress.node,
  'extensions/v1beta1 Scale': ExtensionsV1beta1Scale.node,
  'networking.k8s.io/v1beta1 Ingress': NetworkingV1beta1Ingress.node,
  'node.k8s.io/v1alpha1 RuntimeClass': NodeV1alpha1RuntimeClass.node,
  'rbac.authorization.k8s.io/v1alpha1 ClusterRole': RbacV1alpha1ClusterRole.node,
  'rbac.authorization.k8s.io/v1alpha1 ClusterRoleBinding': RbacV1alpha1ClusterRoleBinding.node,
  'rbac.authorization.k8s.io/v1alpha1 Role': RbacV1alpha1Role.node,
  'rbac.authorization.k8s.io/v1alpha1 RoleBinding': RbacV1alpha1RoleBinding.node,
  'resource.k8s.io/v1beta1 ResourceClaim': ResourceV1beta1ResourceClaim.node,
  'resource.k8s.io/v1beta1 ResourceClaimTemplate': ResourceV1beta1ResourceClaimTemplate.node,
  'resource.k8s.io/v1beta1 ResourceSlice': ResourceV1beta1ResourceSlice.node,
  'resource.k8s.io/v1alpha3 DeviceTaintRule': ResourceV1alpha3DeviceTaintRule.node,
  'resource.k8s.io/v1alpha3 ResourcePoolStatusRequest': ResourceV1alpha3ResourcePoolStatusRequest.node,
  'resource.k8s.io/v1beta2 DeviceTaintRule': ResourceV1beta2DeviceTaintRule.node,
  'coordination.k8s.io/v1alpha2 LeaseCandidate': CoordinationV1alpha2LeaseCandidate.node,
  'coordination.k8s.io/v1beta1 LeaseCandidate': CoordinationV1beta1LeaseCandidate.node,
  'v1 PodLogOptions': PodLogOptions.node,
  'v1 PodStatusResult': PodStatusResult.node,
  'v1 RangeAllocation': RangeAllocation.node,
  'v1 SerializedReference': SerializedReference.node,
  'imagepolicy.k8s.io/v1alpha1 ImageReview': ImagepolicyV1alpha1ImageReview.node,
  'internal.apiserver.k8s.io/v1alpha1 StorageVersion': ApiserverinternalV1alpha1StorageVersion.node,
  'scheduling.k8s.io/v1alpha2 PodGroup': SchedulingV1alpha2PodGroup.node,
  'scheduling.k8s.io/v1alpha2 Workload': SchedulingV1alpha2Workload.node,
  'flowcontrol.apiserver.k8s.io/v1beta1 PriorityLevelConfiguration': FlowcontrolV1beta1PriorityLevelConfiguration.node,
  'flowcontrol.apiserver.k8s.io/v1beta2 PriorityLevelConfiguration': FlowcontrolV1beta2PriorityLevelConfiguration.node,
};
