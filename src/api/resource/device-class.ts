/** DeviceClass: devices that claims may ask for by one name. Source: resource.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, inlined, json, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { deviceClassErrors } from './device-class-validation.ts';

/** Settings that only their driver understands. */
export const OpaqueDeviceConfiguration = defineStruct('OpaqueDeviceConfiguration', {
  driver: text(1),
  parameters: json(2),
});
export type OpaqueDeviceConfiguration = TypeOf<typeof OpaqueDeviceConfiguration>;

/** Settings of devices. */
export const DeviceConfiguration = defineStruct('DeviceConfiguration', {
  opaque: struct(1, OpaqueDeviceConfiguration).optional(),
});
export type DeviceConfiguration = TypeOf<typeof DeviceConfiguration>;

/** Settings of all devices of a class. */
export const DeviceClassConfiguration = defineStruct('DeviceClassConfiguration', {
  ...inlined(1, DeviceConfiguration),
});
export type DeviceClassConfiguration = TypeOf<typeof DeviceClassConfiguration>;

/** An expression about a `device`. */
export const CELDeviceSelector = defineStruct('CELDeviceSelector', {
  expression: text(1),
});
export type CELDeviceSelector = TypeOf<typeof CELDeviceSelector>;

/** Says which devices are meant. */
export const DeviceSelector = defineStruct('DeviceSelector', {
  cel: struct(1, CELDeviceSelector).optional(),
});
export type DeviceSelector = TypeOf<typeof DeviceSelector>;

/** The devices of the class, and their settings. */
export const DeviceClassSpec = defineStruct('DeviceClassSpec', {
  selectors: list(1, DeviceSelector).optional(),
  config: list(2, DeviceClassConfiguration).optional(),
  extendedResourceName: text(4).optional(),
});
export type DeviceClassSpec = TypeOf<typeof DeviceClassSpec>;

const deviceClassFields = {
  spec: struct(2, DeviceClassSpec),
};
export type DeviceClass = StoredObject<typeof deviceClassFields>;

/** A kind of device, by name. */
export const DeviceClass = defineResource({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  scope: 'Cluster',
  fields: deviceClassFields,
  answersWithDeleted: true,
  validate: deviceClassErrors,
});
