/** Node: a machine that runs pods, what it offers and how it is. Source: core/v1. */
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
import { nodeColumns } from './node-columns.ts';
import { nodeErrors } from './node-validation.ts';

export const ConfigMapNodeConfigSource = defineStruct('ConfigMapNodeConfigSource', {
  namespace: text(1),
  name: text(2),
  uid: text(3).omitEmpty(),
  resourceVersion: text(4).omitEmpty(),
  kubeletConfigKey: text(5),
});
export type ConfigMapNodeConfigSource = TypeOf<typeof ConfigMapNodeConfigSource>;

export const NodeConfigSource = defineStruct('NodeConfigSource', {
  configMap: struct(2, ConfigMapNodeConfigSource).optional(),
});
export type NodeConfigSource = TypeOf<typeof NodeConfigSource>;

export const Taint = defineStruct('Taint', {
  key: text(1),
  value: text(2).omitEmpty(),
  effect: oneOf(3, ['NoExecute', 'NoSchedule', 'PreferNoSchedule']),
  timeAdded: time(4).optional(),
});
export type Taint = TypeOf<typeof Taint>;

export const NodeSpec = defineStruct('NodeSpec', {
  podCIDR: text(1).omitEmpty(),
  externalID: text(2).omitEmpty(),
  providerID: text(3).omitEmpty(),
  unschedulable: bool(4).omitEmpty(),
  taints: list(5, Taint).optional(),
  configSource: struct(6, NodeConfigSource).optional(),
  podCIDRs: list(7, text, { type: 'set', patch: 'merge' }).optional(),
});
export type NodeSpec = TypeOf<typeof NodeSpec>;

export const AttachedVolume = defineStruct('AttachedVolume', {
  name: text(1),
  devicePath: text(2),
});
export type AttachedVolume = TypeOf<typeof AttachedVolume>;

export const ContainerImage = defineStruct('ContainerImage', {
  names: list(1, text).optional(),
  sizeBytes: int64(2).omitEmpty(),
});
export type ContainerImage = TypeOf<typeof ContainerImage>;

export const NodeAddress = defineStruct('NodeAddress', {
  type: text(1),
  address: text(2),
});
export type NodeAddress = TypeOf<typeof NodeAddress>;

export const NodeCondition = defineStruct('NodeCondition', {
  type: text(1),
  status: text(2),
  lastHeartbeatTime: time(3).omitEmpty(),
  lastTransitionTime: time(4).omitEmpty(),
  reason: text(5).omitEmpty(),
  message: text(6).omitEmpty(),
});
export type NodeCondition = TypeOf<typeof NodeCondition>;

export const NodeConfigStatus = defineStruct('NodeConfigStatus', {
  assigned: struct(1, NodeConfigSource).optional(),
  active: struct(2, NodeConfigSource).optional(),
  lastKnownGood: struct(3, NodeConfigSource).optional(),
  error: text(4).omitEmpty(),
});
export type NodeConfigStatus = TypeOf<typeof NodeConfigStatus>;

export const DaemonEndpoint = defineStruct('DaemonEndpoint', {
  Port: int32(1),
});
export type DaemonEndpoint = TypeOf<typeof DaemonEndpoint>;

export const NodeDaemonEndpoints = defineStruct('NodeDaemonEndpoints', {
  kubeletEndpoint: struct(1, DaemonEndpoint).default({}),
});
export type NodeDaemonEndpoints = TypeOf<typeof NodeDaemonEndpoints>;

export const NodeFeatures = defineStruct('NodeFeatures', {
  supplementalGroupsPolicy: bool(1).optional(),
});
export type NodeFeatures = TypeOf<typeof NodeFeatures>;

export const NodeRuntimeHandlerFeatures = defineStruct('NodeRuntimeHandlerFeatures', {
  recursiveReadOnlyMounts: bool(1).optional(),
  userNamespaces: bool(2).optional(),
});
export type NodeRuntimeHandlerFeatures = TypeOf<typeof NodeRuntimeHandlerFeatures>;

export const NodeRuntimeHandler = defineStruct('NodeRuntimeHandler', {
  name: text(1).default(''),
  features: struct(2, NodeRuntimeHandlerFeatures).optional(),
});
export type NodeRuntimeHandler = TypeOf<typeof NodeRuntimeHandler>;

export const NodeSwapStatus = defineStruct('NodeSwapStatus', {
  capacity: int64(1).optional(),
});
export type NodeSwapStatus = TypeOf<typeof NodeSwapStatus>;

export const NodeSystemInfo = defineStruct('NodeSystemInfo', {
  machineID: text(1),
  systemUUID: text(2),
  bootID: text(3),
  kernelVersion: text(4),
  osImage: text(5),
  containerRuntimeVersion: text(6),
  kubeletVersion: text(7),
  kubeProxyVersion: text(8),
  operatingSystem: text(9),
  architecture: text(10),
  swap: struct(11, NodeSwapStatus).optional(),
});
export type NodeSystemInfo = TypeOf<typeof NodeSystemInfo>;

export const NodeStatus = defineStruct('NodeStatus', {
  capacity: map(1, quantity).optional(),
  allocatable: map(2, quantity).optional(),
  phase: oneOf(3, ['Pending', 'Running', 'Terminated']).omitEmpty(),
  conditions: list(4, NodeCondition, { type: 'map', keys: ['type'], mergeKey: 'type', patch: 'merge' }).optional(),
  addresses: list(5, NodeAddress, { type: 'map', keys: ['type'], mergeKey: 'type', patch: 'merge' }).optional(),
  daemonEndpoints: struct(6, NodeDaemonEndpoints).default({}),
  nodeInfo: struct(7, NodeSystemInfo).default({}),
  images: list(8, ContainerImage).optional(),
  volumesInUse: list(9, text).optional(),
  volumesAttached: list(10, AttachedVolume).optional(),
  config: struct(11, NodeConfigStatus).optional(),
  runtimeHandlers: list(12, NodeRuntimeHandler).optional(),
  features: struct(13, NodeFeatures).optional(),
  declaredFeatures: list(14, text).optional(),
});
export type NodeStatus = TypeOf<typeof NodeStatus>;

const nodeFields = {
  spec: struct(2, NodeSpec).default({}),
  status: struct(3, NodeStatus).default({}),
};
export type Node = StoredObject<typeof nodeFields>;

export const Node = defineResource({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  scope: 'Cluster',
  countsGeneration: false,
  shortNames: ['no'],
  subresources: ['status', 'proxy'],
  fields: nodeFields,
  columns: nodeColumns,
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec.unschedulable ?? false) },
  defaults({ spec, status }) {
    // The old field of the pods' network is the first of the new one.
    if (spec.podCIDR && !spec.podCIDRs) spec.podCIDRs = [spec.podCIDR];
    else if (spec.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0];
    if (status.capacity && !status.allocatable) status.allocatable = { ...status.capacity };
  },
  // A kubelet registers its node together with its status.
  prepareForCreate: () => undefined,
  validate: nodeErrors,
});
