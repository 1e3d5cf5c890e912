/** ResourceSlice: devices that a driver offers. Source: resource.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, int64, list, map, oneOf, quantity, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { resourceSliceErrors } from './resource-slice-validation.ts';
import { NodeSelector } from '../core/pod-spec.ts';

/** An amount that devices share. */
export const Counter = defineStruct('Counter', {
  value: quantity(1),
});
export type Counter = TypeOf<typeof Counter>;

/** Counters under a name. */
export const CounterSet = defineStruct('CounterSet', {
  name: text(1),
  counters: map(2, Counter),
});
export type CounterSet = TypeOf<typeof CounterSet>;

/** A property of a device; exactly one member is set. */
export const DeviceAttribute = defineStruct('DeviceAttribute', {
  int: int64(2).optional(),
  bool: bool(3).optional(),
  string: text(4).optional(),
  version: text(5).optional(),
  ints: list(6, int64).optional(),
  bools: list(7, bool).optional(),
  strings: list(8, text).optional(),
  versions: list(9, text).optional(),
});
export type DeviceAttribute = TypeOf<typeof DeviceAttribute>;

/** Amounts from `min` to `max` in steps. */
export const CapacityRequestPolicyRange = defineStruct('CapacityRequestPolicyRange', {
  min: quantity(1),
  max: quantity(2).optional(),
  step: quantity(3).optional(),
});
export type CapacityRequestPolicyRange = TypeOf<typeof CapacityRequestPolicyRange>;

/** Which amounts of a capacity claims may ask for. */
export const CapacityRequestPolicy = defineStruct('CapacityRequestPolicy', {
  default: quantity(1).optional(),
  validValues: list(3, quantity).optional(),
  validRange: struct(4, CapacityRequestPolicyRange).optional(),
});
export type CapacityRequestPolicy = TypeOf<typeof CapacityRequestPolicy>;

/** How much a device has of something. */
export const DeviceCapacity = defineStruct('DeviceCapacity', {
  value: quantity(1),
  requestPolicy: struct(2, CapacityRequestPolicy).optional(),
});
export type DeviceCapacity = TypeOf<typeof DeviceCapacity>;

/** What a device takes of shared counters. */
export const DeviceCounterConsumption = defineStruct('DeviceCounterConsumption', {
  counterSet: text(1),
  counters: map(2, Counter),
});
export type DeviceCounterConsumption = TypeOf<typeof DeviceCounterConsumption>;

/** Keeps claims away that don't tolerate it. */
export const DeviceTaint = defineStruct('DeviceTaint', {
  key: text(1),
  value: text(2).omitEmpty(),
  effect: oneOf(3, ['NoExecute', 'NoSchedule', 'None']),
  timeAdded: time(4).optional(),
});
export type DeviceTaint = TypeOf<typeof DeviceTaint>;

/** What of a node's own resources goes with a device. */
export const NodeAllocatableResourceMapping = defineStruct('NodeAllocatableResourceMapping', {
  capacityKey: text(1).optional(),
  allocationMultiplier: quantity(2).optional(),
});
export type NodeAllocatableResourceMapping = TypeOf<typeof NodeAllocatableResourceMapping>;

/** A device, as selectors and claims see it. */
export const Device = defineStruct('Device', {
  name: text(1),
  attributes: map(2, DeviceAttribute).optional(),
  capacity: map(3, DeviceCapacity).optional(),
  consumesCounters: list(4, DeviceCounterConsumption).optional(),
  nodeName: text(5).optional(),
  nodeSelector: struct(6, NodeSelector).optional(),
  allNodes: bool(7).optional(),
  taints: list(8, DeviceTaint).optional(),
  bindsToNode: bool(9).optional(),
  bindingConditions: list(10, text).optional(),
  bindingFailureConditions: list(11, text).optional(),
  allowMultipleAllocations: bool(12).optional(),
  nodeAllocatableResourceMappings: map(13, NodeAllocatableResourceMapping).optional(),
});
export type Device = TypeOf<typeof Device>;

/** All slices of a pool in one generation. */
export const ResourcePool = defineStruct('ResourcePool', {
  name: text(1),
  generation: int64(2),
  resourceSliceCount: int64(3),
});
export type ResourcePool = TypeOf<typeof ResourcePool>;

/** The devices, and the nodes that have them. */
export const ResourceSliceSpec = defineStruct('ResourceSliceSpec', {
  driver: text(1),
  pool: struct(2, ResourcePool),
  nodeName: text(3).optional(),
  nodeSelector: struct(4, NodeSelector).optional(),
  allNodes: bool(5).optional(),
  devices: list(6, Device).optional(),
  perDeviceNodeSelection: bool(7).optional(),
  sharedCounters: list(8, CounterSet).optional(),
});
export type ResourceSliceSpec = TypeOf<typeof ResourceSliceSpec>;

const resourceSliceFields = {
  spec: struct(2, ResourceSliceSpec),
};
export type ResourceSlice = StoredObject<typeof resourceSliceFields>;

/** A part of the devices that a driver offers. */
export const ResourceSlice = defineResource({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  scope: 'Cluster',
  fields: resourceSliceFields,
  answersWithDeleted: true,
  columns: {
    Node: ({ spec }) => spec.nodeName ?? '',
    Driver: ({ spec }) => spec.driver,
    Pool: ({ spec }) => spec.pool.name,
  },
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.driver': ({ spec }) => spec.driver,
  },
  validate: resourceSliceErrors,
});
