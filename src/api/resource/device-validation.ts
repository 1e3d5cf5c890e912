/** Validation of the devices of a slice. Source: kubernetes' resource validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, required, tooLong, tooMany } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors, labelValueErrors, qualifiedNameErrors } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { nodeSelectorErrors } from '../core/scheduling-validation.ts';
import { formatted, present } from '../core/value-checks.ts';
import { capacityErrors } from './device-capacity-validation.ts';
import { labelErrors, limited, qualifiedErrors, repeated } from './resource-checks.ts';
import type { Device, DeviceAttribute, DeviceTaint } from './resource-slice.ts';

const maxMembers = 32;
const maxValues = 48;
const maxTaints = 16;
const maxConsumptions = 2;
const maxCounters = 32;
const maxConditions = 4;
/** The longest text or version, in bytes. */
const maxText = 64;
const version =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;

/** Where a device stands, what it was, and whether each device of the slice says which nodes have it. */
export interface DevicePlace {
  readonly path: string;
  readonly old: Device | undefined;
  readonly selectsNodes: boolean;
}

/** What is wrong with a device. */
export function deviceErrors(device: Device, { path, old, selectsNodes }: DevicePlace): FieldError[] {
  const { attributes = {}, capacity = {}, taints, consumesCounters } = device;
  const sameCapacity = old !== undefined && equalJson(old.capacity, device.capacity);
  const sameTaints = old !== undefined && equalJson(old.taints, taints);
  return [
    ...labelErrors(device.name, `${path}.name`),
    ...sizeErrors(device, path),
    ...Object.entries(attributes).flatMap(([name, attribute]) => [
      ...qualifiedErrors(name, `${path}.attributes`),
      ...attributeErrors(attribute, `${path}.attributes[${name}]`),
    ]),
    ...Object.entries(sameCapacity ? {} : capacity).flatMap(([name, value]) => [
      ...qualifiedErrors(name, `${path}.capacity`),
      ...capacityErrors(value, { path: `${path}.capacity[${name}]`, shared: device.allowMultipleAllocations ?? false }),
    ]),
    ...(sameTaints ? [] : limited(taints, { path: `${path}.taints`, max: maxTaints }, taintErrors)),
    ...limited(consumesCounters, { path: `${path}.consumesCounters`, max: maxConsumptions }, (consumption, own) => [
      ...(consumption.counterSet === ''
        ? [required(`${own}.counterSet`)]
        : labelErrors(consumption.counterSet, `${own}.counterSet`)),
      ...countersErrors(consumption.counters, `${own}.counters`),
    ]),
    ...repeated(
      (consumesCounters ?? []).map(({ counterSet }) => counterSet),
      `${path}.consumesCounters`,
    ),
    ...reachErrors(device, path, selectsNodes ? 'ByDevice' : 'BySlice'),
    ...bindingErrors(device, path),
  ];
}

/** What is wrong with a set of counters. */
export function countersErrors(counters: Readonly<Record<string, unknown>>, path: string): FieldError[] {
  const names = Object.keys(counters);
  if (names.length === 0) return [required(path)];
  return names.length > maxCounters
    ? [tooMany(path, names.length, maxCounters)]
    : names.flatMap((name) => labelErrors(name, path));
}

function sizeErrors({ attributes = {}, capacity = {} }: Device, path: string): FieldError[] {
  const members = Object.keys(attributes).length + Object.keys(capacity).length;
  const values = Object.values(attributes).reduce((sum, { bools, ints, strings, versions }) => {
    const listed = [bools, ints, strings, versions].reduce((count, list) => count + (list?.length ?? 0), 0);
    return sum + Math.max(1, listed);
  }, 0);
  const tooManyOf = (count: number, max: number, what: string): FieldError[] =>
    count > max ? [invalid(path, count, `the total number of ${what} must not exceed ${max}`)] : [];
  return [
    ...tooManyOf(members, maxMembers, 'attributes and capacities'),
    ...tooManyOf(values, maxValues, 'attribute values'),
  ];
}

function attributeErrors(attribute: DeviceAttribute, path: string): FieldError[] {
  const { string: text, version: own, strings, versions } = attribute;
  const detail = 'exactly one value must be specified';
  const count = Object.values(attribute).filter((value) => value !== undefined).length;
  return [
    ...(text === undefined ? [] : textErrors(text, `${path}.string`)),
    ...(own === undefined ? [] : versionErrors(own, `${path}.version`)),
    ...(strings ?? []).flatMap((value, index) => textErrors(value, `${path}.strings[${index}]`)),
    ...(versions ?? []).flatMap((value, index) => versionErrors(value, `${path}.versions[${index}]`)),
    ...(count === 1 ? [] : [invalid(path, count === 0 ? '' : attribute, detail)]),
  ];
}

function textErrors(value: string, path: string): FieldError[] {
  return value.length > maxText ? [tooLong(path, '', maxText)] : [];
}

function versionErrors(value: string, path: string): FieldError[] {
  const detail = 'must be a string compatible with semver.org spec 2.0.0';
  return [...(version.test(value) ? [] : [invalid(path, value, detail)]), ...textErrors(value, path)];
}

function taintErrors({ key, value, effect }: DeviceTaint, path: string): FieldError[] {
  return [
    ...qualifiedNameErrors(key).map((detail) => invalid(`${path}.key`, key, detail)),
    ...formatted(value, `${path}.value`, labelValueErrors),
    ...present(effect, `${path}.effect`),
  ];
}

function reachErrors(device: Device, path: string, by: 'ByDevice' | 'BySlice'): FieldError[] {
  const { nodeName, nodeSelector, allNodes } = device;
  const members = { nodeName, nodeSelector, allNodes };
  const stated = Object.values(members).some((value) => value !== undefined);
  const condition = '`perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  if (by === 'BySlice') {
    const detail = `\`nodeName\`, \`nodeSelector\` and \`allNodes\` can only be set if ${condition}`;
    return stated ? [invalid(path, undefined, detail)] : [];
  }
  const set = Object.entries(members).flatMap(([name, value]) => (value ? [`\`${name}\``] : []));
  const either = `exactly one of \`nodeName\`, \`nodeSelector\`, or \`allNodes\` is required when ${condition}`;
  return [
    ...(nodeName === '' ? [invalid(`${path}.nodeName`, nodeName, 'must not be empty')] : []),
    ...formatted(nodeName, `${path}.nodeName`, dns1123SubdomainErrors),
    ...(nodeSelector ? nodeSelectorErrors(nodeSelector, `${path}.nodeSelector`) : []),
    ...(allNodes === false ? [invalid(`${path}.allNodes`, allNodes, 'must be either unset or set to true')] : []),
    ...(set.length === 0 ? [required(path, either)] : []),
    ...(set.length > 1 ? [invalid(path, `{${set.join(', ')}}`, either)] : []),
  ];
}

function bindingErrors({ bindingConditions = [], bindingFailureConditions = [] }: Device, path: string): FieldError[] {
  const [conditions, failures] = [`${path}.bindingConditions`, `${path}.bindingFailureConditions`];
  const named = (values: readonly string[], own: string): FieldError[] => [
    ...limited(values, { path: own, max: maxConditions }, (value, at) =>
      qualifiedNameErrors(value).map((detail) => invalid(at, value, detail)),
    ),
    ...values.flatMap((value, index) => (values.indexOf(value) < index ? [duplicate(`${own}[${index}]`, value)] : [])),
  ];
  const overlap = 'bindingFailureConditions must not overlap with bindingConditions';
  return [
    ...named(bindingConditions, conditions),
    ...named(bindingFailureConditions, failures),
    ...bindingFailureConditions.flatMap((value, index) =>
      bindingConditions.includes(value) ? [invalid(`${failures}[${index}]`, value, overlap)] : [],
    ),
    ...(bindingConditions.length === 0 && bindingFailureConditions.length > 0
      ? [invalid(conditions, [], 'bindingConditions are required to use bindingFailureConditions')]
      : []),
    ...(bindingConditions.length > 0 && bindingFailureConditions.length === 0
      ? [invalid(failures, [], 'bindingFailureConditions are required to use bindingConditions')]
      : []),
  ];
}
