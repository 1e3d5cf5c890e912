/** Validation of ResourceClaims. Source: kubernetes' resource validation. */
import { conditionsErrors } from '../../machinery/condition-validation.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, tooLong } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { nodeSelectorErrors } from '../core/scheduling-validation.ts';
import { present } from '../core/value-checks.ts';
import {
  deviceClaimErrors,
  referenceErrors,
  referencesErrors,
  requestNames,
  tolerationErrors,
} from './device-request-validation.ts';
import {
  configurationErrors,
  driverErrors,
  labelErrors,
  limited,
  poolErrors,
  rawErrors,
  repeated,
} from './resource-checks.ts';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceRequestAllocationResult,
  ResourceClaim,
  ResourceClaimStatus,
} from './resource-claim.ts';

const maxConsumers = 256;
const maxResults = 32;
/** Those of the class and those of the claim. */
const maxConfigurations = 64;
const maxTolerations = 16;
const maxInterfaceName = 256;
const maxHardwareAddress = 128;

/** What is wrong with a ResourceClaim; what it asks for never changes. */
export function resourceClaimErrors(
  claim: ResourceClaim,
  { old, subresource }: ValidationContext<ResourceClaim>,
): FieldError[] {
  if (subresource === 'status' && old) return statusErrors(claim, old.status);
  return old ? [] : deviceClaimErrors(claim.spec.devices, 'spec.devices');
}

function statusErrors({ metadata, spec, status }: ResourceClaim, old: ResourceClaimStatus): FieldError[] {
  const { reservedFor = [], allocation, devices } = status;
  const names = requestNames(spec.devices);
  const path = 'status.reservedFor';
  const isNew = reservedFor.some((consumer) => !old.reservedFor?.some((known) => equalJson(known, consumer)));
  const allocated = new Set((allocation?.devices.results ?? []).map(deviceKey));
  return [
    ...limited(reservedFor, { path, max: maxConsumers }, ({ resource, name, uid }, own) => [
      ...present(resource, `${own}.resource`),
      ...present(name, `${own}.name`),
      ...present(uid, `${own}.uid`),
    ]),
    ...repeated(
      reservedFor.map(({ uid }) => uid),
      path,
    ),
    ...limited(devices, { path: 'status.devices', max: Infinity }, (device, own) => [
      ...deviceStatusErrors(device, own),
      ...(allocated.has(deviceKey(device))
        ? []
        : [invalid(own, deviceKey(device), 'must be an allocated device in the claim')]),
    ]),
    ...repeated((devices ?? []).map(deviceKey), 'status.devices'),
    ...(reservedFor.length > 0 && !allocation
      ? [forbidden(path, 'may not be specified when `allocated` is not set')]
      : []),
    ...(allocation && metadata.deletionTimestamp && isNew
      ? [forbidden(path, 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set')]
      : []),
    ...(allocation ? allocationChangeErrors(allocation, old.allocation, names) : []),
  ];
}

function deviceKey({
  driver,
  pool,
  device,
  shareID,
}: Pick<AllocatedDeviceStatus, 'driver' | 'pool' | 'device' | 'shareID'>): string {
  return [driver, pool, device, ...(shareID === undefined ? [] : [shareID])].join('/');
}

function allocationChangeErrors(
  allocation: AllocationResult,
  old: AllocationResult | undefined,
  names: ReadonlySet<string>,
): FieldError[] {
  const path = 'status.allocation';
  if (old) return equalJson(allocation, old) ? [] : [invalid(path, allocation, 'field is immutable')];
  const { devices, nodeSelector } = allocation;
  return [
    ...limited(devices.results, { path: `${path}.devices.results`, max: maxResults }, (result, own) =>
      resultErrors(result, names, own),
    ),
    ...limited(devices.config, { path: `${path}.devices.config`, max: maxConfigurations }, (configuration, own) => [
      ...present(configuration.source, `${own}.source`),
      ...referencesErrors(configuration.requests, names, `${own}.requests`),
      ...configurationErrors(configuration, own),
    ]),
    ...(nodeSelector ? nodeSelectorErrors(nodeSelector, `${path}.nodeSelector`) : []),
  ];
}

function resultErrors(result: DeviceRequestAllocationResult, names: ReadonlySet<string>, path: string): FieldError[] {
  return [
    ...referenceErrors(result.request, names, `${path}.request`),
    ...driverErrors(result.driver, `${path}.driver`),
    ...poolErrors(result.pool, `${path}.pool`),
    ...labelErrors(result.device, `${path}.device`),
    ...limited(result.tolerations, { path: `${path}.tolerations`, max: maxTolerations }, tolerationErrors),
    ...shareErrors(result.shareID, `${path}.shareID`),
  ];
}

function shareErrors(uid: string | undefined, path: string): FieldError[] {
  if (uid === undefined || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uid)) return [];
  const detail =
    'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';
  return [invalid(path, uid, detail)];
}

function deviceStatusErrors(device: AllocatedDeviceStatus, path: string): FieldError[] {
  const { interfaceName = '', hardwareAddress = '' } = device.networkData ?? {};
  const own = `${path}.networkData`;
  return [
    ...driverErrors(device.driver, `${path}.driver`),
    ...poolErrors(device.pool, `${path}.pool`),
    ...labelErrors(device.device, `${path}.device`),
    ...shareErrors(device.shareID, `${path}.shareID`),
    ...conditionsErrors(device.conditions, `${path}.conditions`),
    ...(device.data === undefined ? [] : rawErrors(device.data, `${path}.data`)),
    ...(interfaceName.length > maxInterfaceName ? [tooLong(`${own}.interfaceName`, '', maxInterfaceName)] : []),
    ...(hardwareAddress.length > maxHardwareAddress ? [tooLong(`${own}.hardwareAddress`, '', maxHardwareAddress)] : []),
  ];
}
