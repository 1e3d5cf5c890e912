/** Validation of ResourceSlices. Source: kubernetes' resource validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors } from '../../machinery/formats.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { nodeSelectorErrors } from '../core/scheduling-validation.ts';
import { countersErrors, deviceErrors } from './device-validation.ts';
import { driverErrors, labelErrors, limited, poolErrors, repeated } from './resource-checks.ts';
import type { Device, ResourcePool, ResourceSlice, ResourceSliceSpec } from './resource-slice.ts';

const maxDevices = 128;
/** Of devices with taints, counters or lists of values. */
const maxComplexDevices = 64;
const maxCounterSets = 8;
const immutable = 'field is immutable';

/** What is wrong with a ResourceSlice; the driver, the pool and the node of it never change. */
export function resourceSliceErrors({ spec }: ResourceSlice, { old }: ValidationContext<ResourceSlice>): FieldError[] {
  return [
    ...driverErrors(spec.driver, 'spec.driver'),
    ...resourcePoolErrors(spec.pool, 'spec.pool'),
    ...(old ? changeErrors(spec, old.spec) : []),
    ...reachErrors(spec),
    ...(spec.sharedCounters && spec.devices
      ? [invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed')]
      : []),
    ...devicesErrors(spec, old?.spec),
    ...limited(spec.sharedCounters, { path: 'spec.sharedCounters', max: maxCounterSets }, ({ name, counters }, own) => [
      ...(name === '' ? [required(`${own}.name`)] : labelErrors(name, `${own}.name`)),
      ...countersErrors(counters, `${own}.counters`),
    ]),
    ...repeated(
      (spec.sharedCounters ?? []).map(({ name }) => name),
      'spec.sharedCounters',
    ),
  ];
}

function resourcePoolErrors({ name, generation, resourceSliceCount }: ResourcePool, path: string): FieldError[] {
  return [
    ...poolErrors(name, `${path}.name`),
    ...(resourceSliceCount <= 0
      ? [invalid(`${path}.resourceSliceCount`, resourceSliceCount, 'must be greater than zero')]
      : []),
    ...(generation < 0 ? [invalid(`${path}.generation`, generation, 'must be greater than or equal to zero')] : []),
  ];
}

function changeErrors(spec: ResourceSliceSpec, old: ResourceSliceSpec): FieldError[] {
  return [
    ...(spec.pool.name === old.pool.name ? [] : [invalid('spec.pool.name', spec.pool.name, immutable)]),
    ...(spec.driver === old.driver ? [] : [invalid('spec.driver', spec.driver, immutable)]),
    ...(spec.nodeName === old.nodeName ? [] : [invalid('spec.nodeName', spec.nodeName, immutable)]),
  ];
}

/** Exactly one member says which nodes have the devices. */
function reachErrors(spec: ResourceSliceSpec): FieldError[] {
  const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = spec;
  const members = { nodeName, nodeSelector, allNodes, perDeviceNodeSelection };
  const set = Object.entries(members).flatMap(([name, value]) => (value ? [`\`${name}\``] : []));
  const either = `exactly one of ${Object.keys(members)
    .map((name) => `\`${name}\``)
    .join(', ')} is required`;
  const terms = nodeSelector?.nodeSelectorTerms;
  return [
    ...(nodeName === ''
      ? [invalid('spec.nodeName', nodeName, 'must be either unset or set to a non-empty string')]
      : []),
    ...(nodeName ? dns1123SubdomainErrors(nodeName) : []).map((detail) => invalid('spec.nodeName', nodeName, detail)),
    ...(nodeSelector ? nodeSelectorErrors(nodeSelector, 'spec.nodeSelector') : []),
    ...(terms && terms.length !== 1
      ? [invalid('spec.nodeSelector.nodeSelectorTerms', terms, 'must have exactly one node selector term')]
      : []),
    ...[['spec.allNodes', allNodes] as const, ['spec.perDeviceNodeSelection', perDeviceNodeSelection] as const].flatMap(
      ([path, value]) => (value === false ? [invalid(path, value, 'must be either unset or set to true')] : []),
    ),
    ...(set.length === 0 ? [required('spec', either)] : []),
    ...(set.length > 1 ? [invalid('spec', `{${set.join(', ')}}`, `${either}, but multiple fields are set`)] : []),
  ];
}

function devicesErrors(
  { devices = [], perDeviceNodeSelection }: ResourceSliceSpec,
  old: ResourceSliceSpec | undefined,
): FieldError[] {
  const path = 'spec.devices';
  const max = devices.some(isComplex) ? maxComplexDevices : maxDevices;
  const known = new Map((old?.devices ?? []).map((device) => [device.name, device]));
  return [
    ...limited(devices, { path, max }, (device, own) =>
      deviceErrors(device, { path: own, old: known.get(device.name), selectsNodes: perDeviceNodeSelection ?? false }),
    ),
    ...repeated(
      devices.map(({ name }) => name),
      path,
    ),
  ];
}

function isComplex({ taints = [], consumesCounters = [], attributes = {} }: Device): boolean {
  if (taints.length + consumesCounters.length > 0) return true;
  return Object.values(attributes).some(({ bools, ints, strings, versions }) => bools ?? ints ?? strings ?? versions);
}
