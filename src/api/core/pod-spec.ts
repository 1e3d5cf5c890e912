/** What a pod should be, as pods and the templates of controllers state it. Source: core/v1. */
import { DraftMeta, LabelSelector } from '../../machinery/meta.ts';
import { bool, defineStruct, int32, int64, list, map, oneOf, quantity, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import {
  AppArmorProfile,
  Container,
  EphemeralContainer,
  ResourceRequirements,
  SELinuxOptions,
  SeccompProfile,
  WindowsSecurityContextOptions,
} from './container.ts';
import { LocalObjectReference, Volume } from './volume.ts';

export const NodeSelectorRequirement = defineStruct('NodeSelectorRequirement', {
  key: text(1),
  operator: oneOf(2, ['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn']),
  values: list(3, text).optional(),
});
export type NodeSelectorRequirement = TypeOf<typeof NodeSelectorRequirement>;

export const NodeSelectorTerm = defineStruct(
  'NodeSelectorTerm',
  {
    matchExpressions: list(1, NodeSelectorRequirement).optional(),
    matchFields: list(2, NodeSelectorRequirement).optional(),
  },
  { atomic: true },
);
export type NodeSelectorTerm = TypeOf<typeof NodeSelectorTerm>;

export const NodeSelector = defineStruct(
  'NodeSelector',
  {
    nodeSelectorTerms: list(1, NodeSelectorTerm),
  },
  { atomic: true },
);
export type NodeSelector = TypeOf<typeof NodeSelector>;

export const PreferredSchedulingTerm = defineStruct('PreferredSchedulingTerm', {
  weight: int32(1),
  preference: struct(2, NodeSelectorTerm),
});
export type PreferredSchedulingTerm = TypeOf<typeof PreferredSchedulingTerm>;

export const NodeAffinity = defineStruct('NodeAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: struct(1, NodeSelector).optional(),
  preferredDuringSchedulingIgnoredDuringExecution: list(2, PreferredSchedulingTerm).optional(),
});
export type NodeAffinity = TypeOf<typeof NodeAffinity>;

export const PodAffinityTerm = defineStruct('PodAffinityTerm', {
  labelSelector: struct(1, LabelSelector).optional(),
  namespaces: list(2, text).optional(),
  topologyKey: text(3),
  namespaceSelector: struct(4, LabelSelector).optional(),
  matchLabelKeys: list(5, text).optional(),
  mismatchLabelKeys: list(6, text).optional(),
});
export type PodAffinityTerm = TypeOf<typeof PodAffinityTerm>;

export const WeightedPodAffinityTerm = defineStruct('WeightedPodAffinityTerm', {
  weight: int32(1),
  podAffinityTerm: struct(2, PodAffinityTerm),
});
export type WeightedPodAffinityTerm = TypeOf<typeof WeightedPodAffinityTerm>;

export const PodAffinity = defineStruct('PodAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: list(1, PodAffinityTerm).optional(),
  preferredDuringSchedulingIgnoredDuringExecution: list(2, WeightedPodAffinityTerm).optional(),
});
export type PodAffinity = TypeOf<typeof PodAffinity>;

export const PodAntiAffinity = defineStruct('PodAntiAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: list(1, PodAffinityTerm).optional(),
  preferredDuringSchedulingIgnoredDuringExecution: list(2, WeightedPodAffinityTerm).optional(),
});
export type PodAntiAffinity = TypeOf<typeof PodAntiAffinity>;

export const Affinity = defineStruct('Affinity', {
  nodeAffinity: struct(1, NodeAffinity).optional(),
  podAffinity: struct(2, PodAffinity).optional(),
  podAntiAffinity: struct(3, PodAntiAffinity).optional(),
});
export type Affinity = TypeOf<typeof Affinity>;

export const HostAlias = defineStruct('HostAlias', {
  ip: text(1),
  hostnames: list(2, text).optional(),
});
export type HostAlias = TypeOf<typeof HostAlias>;

export const PodDNSConfigOption = defineStruct('PodDNSConfigOption', {
  name: text(1).omitEmpty(),
  value: text(2).optional(),
});
export type PodDNSConfigOption = TypeOf<typeof PodDNSConfigOption>;

export const PodDNSConfig = defineStruct('PodDNSConfig', {
  nameservers: list(1, text).optional(),
  searches: list(2, text).optional(),
  options: list(3, PodDNSConfigOption).optional(),
});
export type PodDNSConfig = TypeOf<typeof PodDNSConfig>;

export const PodOS = defineStruct('PodOS', {
  name: text(1),
});
export type PodOS = TypeOf<typeof PodOS>;

export const PodReadinessGate = defineStruct('PodReadinessGate', {
  conditionType: text(1),
});
export type PodReadinessGate = TypeOf<typeof PodReadinessGate>;

export const PodResourceClaim = defineStruct('PodResourceClaim', {
  name: text(1),
  resourceClaimName: text(3).optional(),
  resourceClaimTemplateName: text(4).optional(),
});
export type PodResourceClaim = TypeOf<typeof PodResourceClaim>;

export const PodSchedulingGate = defineStruct('PodSchedulingGate', {
  name: text(1),
});
export type PodSchedulingGate = TypeOf<typeof PodSchedulingGate>;

export const PodSchedulingGroup = defineStruct('PodSchedulingGroup', {
  podGroupName: text(1).optional(),
});
export type PodSchedulingGroup = TypeOf<typeof PodSchedulingGroup>;

export const Sysctl = defineStruct('Sysctl', {
  name: text(1),
  value: text(2),
});
export type Sysctl = TypeOf<typeof Sysctl>;

export const PodSecurityContext = defineStruct('PodSecurityContext', {
  seLinuxOptions: struct(1, SELinuxOptions).optional(),
  runAsUser: int64(2).optional(),
  runAsNonRoot: bool(3).optional(),
  supplementalGroups: list(4, int64).optional(),
  fsGroup: int64(5).optional(),
  runAsGroup: int64(6).optional(),
  sysctls: list(7, Sysctl).optional(),
  windowsOptions: struct(8, WindowsSecurityContextOptions).optional(),
  fsGroupChangePolicy: oneOf(9, ['Always', 'OnRootMismatch']).optional(),
  seccompProfile: struct(10, SeccompProfile).optional(),
  appArmorProfile: struct(11, AppArmorProfile).optional(),
  supplementalGroupsPolicy: oneOf(12, ['Merge', 'Strict']).optional(),
  seLinuxChangePolicy: text(13).optional(),
});
export type PodSecurityContext = TypeOf<typeof PodSecurityContext>;

export const Toleration = defineStruct('Toleration', {
  key: text(1).omitEmpty(),
  operator: oneOf(2, ['Equal', 'Exists', 'Gt', 'Lt']).omitEmpty(),
  value: text(3).omitEmpty(),
  effect: oneOf(4, ['NoExecute', 'NoSchedule', 'PreferNoSchedule']).omitEmpty(),
  tolerationSeconds: int64(5).optional(),
});
export type Toleration = TypeOf<typeof Toleration>;

export const TopologySpreadConstraint = defineStruct('TopologySpreadConstraint', {
  maxSkew: int32(1),
  topologyKey: text(2),
  whenUnsatisfiable: oneOf(3, ['DoNotSchedule', 'ScheduleAnyway']),
  labelSelector: struct(4, LabelSelector).optional(),
  minDomains: int32(5).optional(),
  nodeAffinityPolicy: oneOf(6, ['Honor', 'Ignore']).optional(),
  nodeTaintsPolicy: oneOf(7, ['Honor', 'Ignore']).optional(),
  matchLabelKeys: list(8, text).optional(),
});
export type TopologySpreadConstraint = TypeOf<typeof TopologySpreadConstraint>;

export const PodSpec = defineStruct('PodSpec', {
  volumes: list(1, Volume, { type: 'map', keys: ['name'], mergeKey: 'name', patch: 'merge,retainKeys' }).optional(),
  containers: list(2, Container, { type: 'map', keys: ['name'], mergeKey: 'name', patch: 'merge' }),
  restartPolicy: oneOf(3, ['Always', 'Never', 'OnFailure']).default('Always').omitEmpty(),
  terminationGracePeriodSeconds: int64(4).default(30),
  activeDeadlineSeconds: int64(5).optional(),
  dnsPolicy: oneOf(6, ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'])
    .default('ClusterFirst')
    .omitEmpty(),
  nodeSelector: map(7, text, { atomic: true }).optional(),
  serviceAccountName: text(8).omitEmpty(),
  serviceAccount: text(9).omitEmpty(),
  nodeName: text(10).omitEmpty(),
  hostNetwork: bool(11).omitEmpty(),
  hostPID: bool(12).omitEmpty(),
  hostIPC: bool(13).omitEmpty(),
  securityContext: struct(14, PodSecurityContext).default({}),
  imagePullSecrets: list(15, LocalObjectReference, {
    type: 'map',
    keys: ['name'],
    mergeKey: 'name',
    patch: 'merge',
  }).optional(),
  hostname: text(16).omitEmpty(),
  subdomain: text(17).omitEmpty(),
  affinity: struct(18, Affinity).optional(),
  schedulerName: text(19).default('default-scheduler').omitEmpty(),
  initContainers: list(20, Container, { type: 'map', keys: ['name'], mergeKey: 'name', patch: 'merge' }).optional(),
  automountServiceAccountToken: bool(21).optional(),
  tolerations: list(22, Toleration).optional(),
  hostAliases: list(23, HostAlias, { type: 'map', keys: ['ip'], mergeKey: 'ip', patch: 'merge' }).optional(),
  priorityClassName: text(24).omitEmpty(),
  priority: int32(25).optional(),
  dnsConfig: struct(26, PodDNSConfig).optional(),
  shareProcessNamespace: bool(27).optional(),
  readinessGates: list(28, PodReadinessGate).optional(),
  runtimeClassName: text(29).optional(),
  enableServiceLinks: bool(30).optional(),
  preemptionPolicy: oneOf(31, ['Never', 'PreemptLowerPriority']).optional(),
  overhead: map(32, quantity).optional(),
  topologySpreadConstraints: list(33, TopologySpreadConstraint, {
    type: 'map',
    keys: ['topologyKey', 'whenUnsatisfiable'],
    mergeKey: 'topologyKey',
    patch: 'merge',
  }).optional(),
  ephemeralContainers: list(34, EphemeralContainer, {
    type: 'map',
    keys: ['name'],
    mergeKey: 'name',
    patch: 'merge',
  }).optional(),
  setHostnameAsFQDN: bool(35).optional(),
  os: struct(36, PodOS).optional(),
  hostUsers: bool(37).optional(),
  schedulingGates: list(38, PodSchedulingGate, {
    type: 'map',
    keys: ['name'],
    mergeKey: 'name',
    patch: 'merge',
  }).optional(),
  resourceClaims: list(39, PodResourceClaim, {
    type: 'map',
    keys: ['name'],
    mergeKey: 'name',
    patch: 'merge,retainKeys',
  }).optional(),
  resources: struct(40, ResourceRequirements).optional(),
  hostnameOverride: text(41).optional(),
  schedulingGroup: struct(43, PodSchedulingGroup).optional(),
});
export type PodSpec = TypeOf<typeof PodSpec>;

export const PodTemplateSpec = defineStruct('PodTemplateSpec', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, PodSpec).default({}),
});
export type PodTemplateSpec = TypeOf<typeof PodTemplateSpec>;
