import { Condition } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
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
import { NodeSelector } from '../core/pod-spec.ts';
import { DeviceConfiguration, DeviceSelector } from './device-class.ts';

export const DeviceClaimConfiguration = defineStruct('DeviceClaimConfiguration', {
  requests: list(1, text).optional(),
  ...inlined(2, DeviceConfiguration),
});
export type DeviceClaimConfiguration = TypeOf<typeof DeviceClaimConfiguration>;

export const DeviceConstraint = defineStruct('DeviceConstraint', {
  requests: list(1, text).optional(),
  matchAttribute: text(2).optional(),
  distinctAttribute: text(3).optional(),
});
export type DeviceConstraint = TypeOf<typeof DeviceConstraint>;

export const CapacityRequirements = defineStruct('CapacityRequirements', {
  requests: map(1, quantity).optional(),
});
export type CapacityRequirements = TypeOf<typeof CapacityRequirements>;

export const DeviceToleration = defineStruct('DeviceToleration', {
  key: text(1).omitEmpty(),
  operator: oneOf(2, ['Equal', 'Exists']).default('Equal').omitEmpty(),
  value: text(3).omitEmpty(),
  effect: oneOf(4, ['NoExecute', 'NoSchedule', 'None']).omitEmpty(),
  tolerationSeconds: int64(5).optional(),
});
export type DeviceToleration = TypeOf<typeof DeviceToleration>;

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

export const DeviceRequest = defineStruct('DeviceRequest', {
  name: text(1),
  exactly: struct(2, ExactDeviceRequest).optional(),
  firstAvailable: list(3, DeviceSubRequest).optional(),
});
export type DeviceRequest = TypeOf<typeof DeviceRequest>;

export const DeviceClaim = defineStruct('DeviceClaim', {
  requests: list(1, DeviceRequest).optional(),
  constraints: list(2, DeviceConstraint).optional(),
  config: list(3, DeviceClaimConfiguration).optional(),
});
export type DeviceClaim = TypeOf<typeof DeviceClaim>;

export const ResourceClaimSpec = defineStruct('ResourceClaimSpec', {
  devices: struct(1, DeviceClaim).default({}),
});
export type ResourceClaimSpec = TypeOf<typeof ResourceClaimSpec>;

export const NetworkDeviceData = defineStruct('NetworkDeviceData', {
  interfaceName: text(1).omitEmpty(),
  ips: list(2, text).optional(),
  hardwareAddress: text(3).omitEmpty(),
});
export type NetworkDeviceData = TypeOf<typeof NetworkDeviceData>;

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

export const DeviceAllocationConfiguration = defineStruct('DeviceAllocationConfiguration', {
  source: oneOf(1, ['FromClaim', 'FromClass']),
  requests: list(2, text).optional(),
  ...inlined(3, DeviceConfiguration),
});
export type DeviceAllocationConfiguration = TypeOf<typeof DeviceAllocationConfiguration>;

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

export const DeviceAllocationResult = defineStruct('DeviceAllocationResult', {
  results: list(1, DeviceRequestAllocationResult).optional(),
  config: list(2, DeviceAllocationConfiguration).optional(),
});
export type DeviceAllocationResult = TypeOf<typeof DeviceAllocationResult>;

export const AllocationResult = defineStruct('AllocationResult', {
  devices: struct(1, DeviceAllocationResult).default({}),
  nodeSelector: struct(3, NodeSelector).optional(),
  allocationTimestamp: time(5).optional(),
});
export type AllocationResult = TypeOf<typeof AllocationResult>;

export const ResourceClaimConsumerReference = defineStruct('ResourceClaimConsumerReference', {
  apiGroup: text(1).omitEmpty(),
  resource: text(3),
  name: text(4),
  uid: text(5),
});
export type ResourceClaimConsumerReference = TypeOf<typeof ResourceClaimConsumerReference>;

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
/** A ResourceClaim. Source: resource.k8s.io/v1. */
export type ResourceClaim = StoredObject<typeof resourceClaimFields>;

export const ResourceClaim = defineResource({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  scope: 'Namespaced',
  subresources: ['status'],
  fields: resourceClaimFields,
});
