import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, inlined, json, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const OpaqueDeviceConfiguration = defineStruct('OpaqueDeviceConfiguration', {
  driver: text(1),
  parameters: json(2),
});
export type OpaqueDeviceConfiguration = TypeOf<typeof OpaqueDeviceConfiguration>;

export const DeviceConfiguration = defineStruct('DeviceConfiguration', {
  opaque: struct(1, OpaqueDeviceConfiguration).optional(),
});
export type DeviceConfiguration = TypeOf<typeof DeviceConfiguration>;

export const DeviceClassConfiguration = defineStruct('DeviceClassConfiguration', {
  ...inlined(1, DeviceConfiguration),
});
export type DeviceClassConfiguration = TypeOf<typeof DeviceClassConfiguration>;

export const CELDeviceSelector = defineStruct('CELDeviceSelector', {
  expression: text(1),
});
export type CELDeviceSelector = TypeOf<typeof CELDeviceSelector>;

export const DeviceSelector = defineStruct('DeviceSelector', {
  cel: struct(1, CELDeviceSelector).optional(),
});
export type DeviceSelector = TypeOf<typeof DeviceSelector>;

export const DeviceClassSpec = defineStruct('DeviceClassSpec', {
  selectors: list(1, DeviceSelector).optional(),
  config: list(2, DeviceClassConfiguration).optional(),
  extendedResourceName: text(4).optional(),
});
export type DeviceClassSpec = TypeOf<typeof DeviceClassSpec>;

const deviceClassFields = {
  spec: struct(2, DeviceClassSpec),
};
/** A DeviceClass. Source: resource.k8s.io/v1. */
export type DeviceClass = StoredObject<typeof deviceClassFields>;

export const DeviceClass = defineResource({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  scope: 'Cluster',
  fields: deviceClassFields,
});
