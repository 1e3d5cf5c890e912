/** Pod: containers that share a network and volumes on one node, and what became of them. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import {
  bool,
  defineStruct,
  int32,
  int64,
  list,
  map,
  oneOf,
  quantity,
  struct,
  text,
  time,
} from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { ResourceRequirements } from './container.ts';
import { PodSpec } from './pod-spec.ts';
import { podColumns } from './pod-columns.ts';
import { defaultPod } from './pod-defaults.ts';
import { resizedSpec } from './pod-resize.ts';
import { preparePod } from './pod-strategy.ts';
import { podErrors } from './pod-validation.ts';
import { podWarnings } from './pod-warnings.ts';

export const ContainerStateRunning = defineStruct('ContainerStateRunning', {
  startedAt: time(1).omitEmpty(),
});
export type ContainerStateRunning = TypeOf<typeof ContainerStateRunning>;

export const ContainerStateTerminated = defineStruct('ContainerStateTerminated', {
  exitCode: int32(1),
  signal: int32(2).omitEmpty(),
  reason: text(3).omitEmpty(),
  message: text(4).omitEmpty(),
  startedAt: time(5).omitEmpty(),
  finishedAt: time(6).omitEmpty(),
  containerID: text(7).omitEmpty(),
});
export type ContainerStateTerminated = TypeOf<typeof ContainerStateTerminated>;

export const ContainerStateWaiting = defineStruct('ContainerStateWaiting', {
  reason: text(1).omitEmpty(),
  message: text(2).omitEmpty(),
});
export type ContainerStateWaiting = TypeOf<typeof ContainerStateWaiting>;

export const ContainerState = defineStruct('ContainerState', {
  waiting: struct(1, ContainerStateWaiting).optional(),
  running: struct(2, ContainerStateRunning).optional(),
  terminated: struct(3, ContainerStateTerminated).optional(),
});
export type ContainerState = TypeOf<typeof ContainerState>;

export const LinuxContainerUser = defineStruct('LinuxContainerUser', {
  uid: int64(1),
  gid: int64(2),
  supplementalGroups: list(3, int64).optional(),
});
export type LinuxContainerUser = TypeOf<typeof LinuxContainerUser>;

export const ContainerUser = defineStruct('ContainerUser', {
  linux: struct(1, LinuxContainerUser).optional(),
});
export type ContainerUser = TypeOf<typeof ContainerUser>;

export const ResourceHealth = defineStruct('ResourceHealth', {
  resourceID: text(1),
  health: text(2).omitEmpty(),
  message: text(6).optional(),
});
export type ResourceHealth = TypeOf<typeof ResourceHealth>;

export const ResourceStatus = defineStruct('ResourceStatus', {
  name: text(1),
  resources: list(2, ResourceHealth, { type: 'map', keys: ['resourceID'] }).optional(),
});
export type ResourceStatus = TypeOf<typeof ResourceStatus>;

export const ImageVolumeStatus = defineStruct('ImageVolumeStatus', {
  imageRef: text(1),
});
export type ImageVolumeStatus = TypeOf<typeof ImageVolumeStatus>;

export const VolumeStatus = defineStruct('VolumeStatus', {
  image: struct(1, ImageVolumeStatus).optional(),
});
export type VolumeStatus = TypeOf<typeof VolumeStatus>;

export const VolumeMountStatus = defineStruct('VolumeMountStatus', {
  name: text(1),
  mountPath: text(2),
  readOnly: bool(3).omitEmpty(),
  recursiveReadOnly: text(4).optional(),
  volumeStatus: struct(5, VolumeStatus).optional(),
});
export type VolumeMountStatus = TypeOf<typeof VolumeMountStatus>;

export const ContainerStatus = defineStruct('ContainerStatus', {
  name: text(1),
  state: struct(2, ContainerState).default({}),
  lastState: struct(3, ContainerState).default({}),
  ready: bool(4),
  restartCount: int32(5),
  image: text(6),
  imageID: text(7),
  containerID: text(8).omitEmpty(),
  started: bool(9).optional(),
  allocatedResources: map(10, quantity).optional(),
  resources: struct(11, ResourceRequirements).optional(),
  volumeMounts: list(12, VolumeMountStatus, {
    type: 'map',
    keys: ['mountPath'],
    mergeKey: 'mountPath',
    patch: 'merge',
  }).optional(),
  user: struct(13, ContainerUser).optional(),
  allocatedResourcesStatus: list(14, ResourceStatus, {
    type: 'map',
    keys: ['name'],
    mergeKey: 'name',
    patch: 'merge',
  }).optional(),
  stopSignal: oneOf(15, [
    'SIGABRT',
    'SIGALRM',
    'SIGBUS',
    'SIGCHLD',
    'SIGCLD',
    'SIGCONT',
    'SIGFPE',
    'SIGHUP',
    'SIGILL',
    'SIGINT',
    'SIGIO',
    'SIGIOT',
    'SIGKILL',
    'SIGPIPE',
    'SIGPOLL',
    'SIGPROF',
    'SIGPWR',
    'SIGQUIT',
    'SIGRTMAX',
    'SIGRTMAX-1',
    'SIGRTMAX-10',
    'SIGRTMAX-11',
    'SIGRTMAX-12',
    'SIGRTMAX-13',
    'SIGRTMAX-14',
    'SIGRTMAX-2',
    'SIGRTMAX-3',
    'SIGRTMAX-4',
    'SIGRTMAX-5',
    'SIGRTMAX-6',
    'SIGRTMAX-7',
    'SIGRTMAX-8',
    'SIGRTMAX-9',
    'SIGRTMIN',
    'SIGRTMIN+1',
    'SIGRTMIN+10',
    'SIGRTMIN+11',
    'SIGRTMIN+12',
    'SIGRTMIN+13',
    'SIGRTMIN+14',
    'SIGRTMIN+15',
    'SIGRTMIN+2',
    'SIGRTMIN+3',
    'SIGRTMIN+4',
    'SIGRTMIN+5',
    'SIGRTMIN+6',
    'SIGRTMIN+7',
    'SIGRTMIN+8',
    'SIGRTMIN+9',
    'SIGSEGV',
    'SIGSTKFLT',
    'SIGSTOP',
    'SIGSYS',
    'SIGTERM',
    'SIGTRAP',
    'SIGTSTP',
    'SIGTTIN',
    'SIGTTOU',
    'SIGURG',
    'SIGUSR1',
    'SIGUSR2',
    'SIGVTALRM',
    'SIGWINCH',
    'SIGXCPU',
    'SIGXFSZ',
  ]).optional(),
});
export type ContainerStatus = TypeOf<typeof ContainerStatus>;

export const HostIP = defineStruct('HostIP', {
  ip: text(1),
});
export type HostIP = TypeOf<typeof HostIP>;

export const NodeAllocatableResourceClaimStatus = defineStruct('NodeAllocatableResourceClaimStatus', {
  resourceClaimName: text(1),
  containers: list(2, text, { type: 'set' }).optional(),
  resources: map(3, quantity),
});
export type NodeAllocatableResourceClaimStatus = TypeOf<typeof NodeAllocatableResourceClaimStatus>;

export const PodCondition = defineStruct('PodCondition', {
  type: text(1),
  status: text(2),
  lastProbeTime: time(3).omitEmpty(),
  lastTransitionTime: time(4).omitEmpty(),
  reason: text(5).omitEmpty(),
  message: text(6).omitEmpty(),
  observedGeneration: int64(7).omitEmpty(),
});
export type PodCondition = TypeOf<typeof PodCondition>;

export const ContainerExtendedResourceRequest = defineStruct('ContainerExtendedResourceRequest', {
  containerName: text(1),
  resourceName: text(2),
  requestName: text(3),
});
export type ContainerExtendedResourceRequest = TypeOf<typeof ContainerExtendedResourceRequest>;

export const PodExtendedResourceClaimStatus = defineStruct('PodExtendedResourceClaimStatus', {
  requestMappings: list(1, ContainerExtendedResourceRequest),
  resourceClaimName: text(2),
});
export type PodExtendedResourceClaimStatus = TypeOf<typeof PodExtendedResourceClaimStatus>;

export const PodIP = defineStruct('PodIP', {
  ip: text(1),
});
export type PodIP = TypeOf<typeof PodIP>;

export const PodResourceClaimStatus = defineStruct('PodResourceClaimStatus', {
  name: text(1),
  resourceClaimName: text(2).optional(),
});
export type PodResourceClaimStatus = TypeOf<typeof PodResourceClaimStatus>;

export const PodStatus = defineStruct('PodStatus', {
  phase: oneOf(1, ['Failed', 'Pending', 'Running', 'Succeeded', 'Unknown']).omitEmpty(),
  conditions: list(2, PodCondition, { type: 'map', keys: ['type'], mergeKey: 'type', patch: 'merge' }).optional(),
  message: text(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  hostIP: text(5).omitEmpty(),
  podIP: text(6).omitEmpty(),
  startTime: time(7).optional(),
  containerStatuses: list(8, ContainerStatus).optional(),
  qosClass: oneOf(9, ['BestEffort', 'Burstable', 'Guaranteed']).omitEmpty(),
  initContainerStatuses: list(10, ContainerStatus).optional(),
  nominatedNodeName: text(11).omitEmpty(),
  podIPs: list(12, PodIP, { type: 'map', keys: ['ip'], mergeKey: 'ip', patch: 'merge' }).optional(),
  ephemeralContainerStatuses: list(13, ContainerStatus).optional(),
  resize: text(14).omitEmpty(),
  resourceClaimStatuses: list(15, PodResourceClaimStatus, {
    type: 'map',
    keys: ['name'],
    mergeKey: 'name',
    patch: 'merge,retainKeys',
  }).optional(),
  hostIPs: list(16, HostIP, { mergeKey: 'ip', patch: 'merge' }).optional(),
  observedGeneration: int64(17).omitEmpty(),
  extendedResourceClaimStatus: struct(18, PodExtendedResourceClaimStatus).optional(),
  allocatedResources: map(19, quantity).optional(),
  resources: struct(20, ResourceRequirements).optional(),
  nodeAllocatableResourceClaimStatuses: list(21, NodeAllocatableResourceClaimStatus).optional(),
});
export type PodStatus = TypeOf<typeof PodStatus>;

const podFields = {
  spec: struct(2, PodSpec).default({}),
  status: struct(3, PodStatus).default({}),
};
export type Pod = StoredObject<typeof podFields>;

export const Pod = defineResource({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  scope: 'Namespaced',
  answersWithDeleted: true,
  keptFromStatus: ['ownerReferences'],
  shortNames: ['po'],
  categories: ['all'],
  subresources: [
    'status',
    'log',
    'exec',
    'attach',
    'portforward',
    'proxy',
    'binding',
    'eviction',
    'ephemeralcontainers',
    'resize',
  ],
  specSubresources: {
    ephemeralcontainers: ({ spec: { ephemeralContainers } }, { spec }) => ({ ...spec, ephemeralContainers }),
    resize: resizedSpec,
  },
  fields: podFields,
  columns: podColumns,
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy,
    'spec.schedulerName': ({ spec }) => spec.schedulerName,
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.phase': ({ status }) => status.phase ?? '',
    'status.podIP': ({ status }) => status.podIPs?.[0]?.ip ?? status.podIP ?? '',
    'status.podIPs': ({ status }) => (status.podIPs ?? []).map(({ ip }) => ip).join(','),
    'status.nominatedNodeName': ({ status }) => status.nominatedNodeName ?? '',
  },
  defaults: ({ spec }) => defaultPod(spec),
  prepareForCreate: preparePod,
  validate: podErrors,
  // Few people change pods by hand, and pods change often.
  warnings: (pod, { old }) => (old ? [] : podWarnings(pod)),
});
