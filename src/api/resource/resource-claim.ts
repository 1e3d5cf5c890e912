/** ResourceClaim: devices that pods need, and those they got. Source: resource.k8s.io/v1. */
import { Condition } from '../../machinery/meta.ts';
import { defineResource, statusMetadata } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import {
  bool,
  defineStruct,
  inlined,
  int64,
  json,
  list,
  map,
  oneOf,
  quantity,
  struct,
  text,
  time,
} from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { defaultDeviceClaim, claimState } from './resource-claim-rules.ts';
import { resourceClaimErrors } from './resource-claim-validation.ts';
import { NodeSelector } from '../core/pod-spec.ts';
import { DeviceConfiguration, DeviceSelector } from './device-class.ts';

/** Settings of the devices of some requests, or of all. */
export const DeviceClaimConfiguration = defineStruct('DeviceClaimConfiguration', {
  requests: list(1, text).optional(),
  ...inlined(2, DeviceConfiguration),
});
export type DeviceClaimConfiguration = TypeOf<typeof DeviceClaimConfiguration>;

/** What the devices of several requests must have in common, or differ in. */
export const DeviceConstraint = defineStruct('DeviceConstraint', {
  requests: list(1, text).optional(),
  matchAttribute: text(2).optional(),
  distinctAttribute: text(3).optional(),
});
export type DeviceConstraint = TypeOf<typeof DeviceConstraint>;

/** How much of a device's capacities is needed. */
export const CapacityRequirements = defineStruct('CapacityRequirements', {
  requests: map(1, quantity).optional(),
});
export type CapacityRequirements = TypeOf<typeof CapacityRequirements>;

/** A taint of devices that does not matter. */
export const DeviceToleration = defineStruct('DeviceToleration', {
  key: text(1).omitEmpty(),
  operator: oneOf(2, ['Equal', 'Exists']).default('Equal').omitEmpty(),
  value: text(3).omitEmpty(),
  effect: oneOf(4, ['NoExecute', 'NoSchedule', 'None']).omitEmpty(),
  tolerationSeconds: int64(5).optional(),
});
export type DeviceToleration = TypeOf<typeof DeviceToleration>;

/** One of several alternatives. */
export const DeviceSubRequest = defineStruct('DeviceSubRequest', {
  name: text(1),
  deviceClassName: text(2),
  selectors: list(3, DeviceSelector).optional(),
  allocationMode: oneOf(4, ['All', 'ExactCount']).omitEmpty(),
  count: int64(5).omitEmpty(),
  tolerations: list(6, DeviceToleration).optional(),
  capacity: struct(7, CapacityRequirements).optional(),
});
export type DeviceSubRequest = TypeOf<typeof DeviceSubRequest>;

/** Devices of a class that selectors choose: a number of them, or all. */
export const ExactDeviceRequest = defineStruct('ExactDeviceRequest', {
  deviceClassName: text(1),
  selectors: list(2, DeviceSelector).optional(),
  allocationMode: oneOf(3, ['All', 'ExactCount']).omitEmpty(),
  count: int64(4).omitEmpty(),
  adminAccess: bool(5).optional(),
  tolerations: list(6, DeviceToleration).optional(),
  capacity: struct(7, CapacityRequirements).optional(),
});
export type ExactDeviceRequest = TypeOf<typeof ExactDeviceRequest>;

/** Devices under a name: exactly these, or the first alternative that can be had. */
export const DeviceRequest = defineStruct('DeviceRequest', {
  name: text(1),
  exactly: struct(2, ExactDeviceRequest).optional(),
  firstAvailable: list(3, DeviceSubRequest).optional(),
});
export type DeviceRequest = TypeOf<typeof DeviceRequest>;

/** What a claim asks for. */
export const DeviceClaim = defineStruct('DeviceClaim', {
  requests: list(1, DeviceRequest).optional(),
  constraints: list(2, DeviceConstraint).optional(),
  config: list(3, DeviceClaimConfiguration).optional(),
});
export type DeviceClaim = TypeOf<typeof DeviceClaim>;

/** What is claimed; it never changes. */
export const ResourceClaimSpec = defineStruct('ResourceClaimSpec', {
  devices: struct(1, DeviceClaim).default({}),
});
export type ResourceClaimSpec = TypeOf<typeof ResourceClaimSpec>;

/** Addresses of a network device. */
export const NetworkDeviceData = defineStruct('NetworkDeviceData', {
  interfaceName: text(1).omitEmpty(),
  ips: list(2, text).optional(),
  hardwareAddress: text(3).omitEmpty(),
});
export type NetworkDeviceData = TypeOf<typeof NetworkDeviceData>;

/** What a driver says of an allocated device. */
export const AllocatedDeviceStatus = defineStruct('AllocatedDeviceStatus', {
  driver: text(1),
  pool: text(2),
  device: text(3),
  conditions: list(4, Condition, { type: 'map', keys: ['type'] }).optional(),
  data: json(5).optional(),
  networkData: struct(6, NetworkDeviceData).optional(),
  shareID: text(7).optional(),
});
export type AllocatedDeviceStatus = TypeOf<typeof AllocatedDeviceStatus>;

/** Settings that came from the class or from the claim. */
export const DeviceAllocationConfiguration = defineStruct('DeviceAllocationConfiguration', {
  source: oneOf(1, ['FromClaim', 'FromClass']),
  requests: list(2, text).optional(),
  ...inlined(3, DeviceConfiguration),
});
export type DeviceAllocationConfiguration = TypeOf<typeof DeviceAllocationConfiguration>;

/** A device that was allocated for a request. */
export const DeviceRequestAllocationResult = defineStruct('DeviceRequestAllocationResult', {
  request: text(1),
  driver: text(2),
  pool: text(3),
  device: text(4),
  adminAccess: bool(5).optional(),
  tolerations: list(6, DeviceToleration).optional(),
  bindingConditions: list(7, text).optional(),
  bindingFailureConditions: list(8, text).optional(),
  shareID: text(9).optional(),
  consumedCapacity: map(10, quantity).optional(),
});
export type DeviceRequestAllocationResult = TypeOf<typeof DeviceRequestAllocationResult>;

/** All devices that were allocated, and their settings. */
export const DeviceAllocationResult = defineStruct('DeviceAllocationResult', {
  results: list(1, DeviceRequestAllocationResult).optional(),
  config: list(2, DeviceAllocationConfiguration).optional(),
});
export type DeviceAllocationResult = TypeOf<typeof DeviceAllocationResult>;

/** The devices, and the nodes on which they are. */
export const AllocationResult = defineStruct('AllocationResult', {
  devices: struct(1, DeviceAllocationResult).default({}),
  nodeSelector: struct(3, NodeSelector).optional(),
  allocationTimestamp: time(5).optional(),
});
export type AllocationResult = TypeOf<typeof AllocationResult>;

/** Who uses the devices. */
export const ResourceClaimConsumerReference = defineStruct('ResourceClaimConsumerReference', {
  apiGroup: text(1).omitEmpty(),
  resource: text(3),
  name: text(4),
  uid: text(5),
});
export type ResourceClaimConsumerReference = TypeOf<typeof ResourceClaimConsumerReference>;

/** What was allocated, and for whom. */
export const ResourceClaimStatus = defineStruct('ResourceClaimStatus', {
  allocation: struct(1, AllocationResult).optional(),
  reservedFor: list(2, ResourceClaimConsumerReference, {
    type: 'map',
    keys: ['uid'],
    mergeKey: 'uid',
    patch: 'merge',
  }).optional(),
  devices: list(4, AllocatedDeviceStatus, { type: 'map', keys: ['driver', 'device', 'pool', 'shareID'] }).optional(),
});
export type ResourceClaimStatus = TypeOf<typeof ResourceClaimStatus>;

const resourceClaimFields = {
  spec: struct(2, ResourceClaimSpec),
  status: struct(3, ResourceClaimStatus).default({}),
};
export type ResourceClaim = StoredObject<typeof resourceClaimFields>;

/** Claims devices for pods. */
export const ResourceClaim = defineResource({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  scope: 'Namespaced',
  subresources: ['status'],
  fields: resourceClaimFields,
  countsGeneration: false,
  keptFromStatus: statusMetadata,
  answersWithDeleted: true,
  columns: { State: claimState },
  immutable: ['spec'],
  defaults: ({ spec }) => defaultDeviceClaim(spec.devices),
  validate: resourceClaimErrors,
});
