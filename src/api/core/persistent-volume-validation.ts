/** Validation of PersistentVolumes. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { accessModeErrors, positiveErrors } from './persistent-volume-claim-validation.ts';
import { PersistentVolumeSource } from './persistent-volume-source.ts';
import type { CSIPersistentVolumeSource } from './persistent-volume-source.ts';
import type { PersistentVolume, PersistentVolumeSpec } from './persistent-volume.ts';
import { plainAmountErrors } from './resource-validation.ts';
import { nodeSelectorErrors } from './scheduling-validation.ts';
import { formatted, present } from './value-checks.ts';
import { csiDriverNameErrors, secretReferenceErrors, volumeSourceErrors } from './volume-source-validation.ts';

const sourceNames = Object.keys(PersistentVolumeSource.fields);
/** Where upstream's paths say something else than the field's name. */
const sourcePaths: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };

/** What is wrong with a PersistentVolume. */
export function persistentVolumeErrors(
  { spec }: PersistentVolume,
  { old, subresource }: ValidationContext<PersistentVolume>,
): FieldError[] {
  if (subresource === 'status') return [];
  const attributesClass = spec.volumeAttributesClassName;
  return [
    ...accessModeErrors(spec.accessModes, 'spec.accessModes', ''),
    ...capacityErrors(spec.capacity),
    ...affinityErrors(spec),
    ...sourcesErrors(spec),
    ...formatted(spec.storageClassName, 'spec.storageClassName', dns1123SubdomainErrors),
    ...(attributesClass === undefined ? [] : attributesClassErrors(attributesClass, spec)),
    ...(old ? changeErrors(spec, old.spec) : []),
  ];
}

function capacityErrors(capacity: PersistentVolumeSpec['capacity'] = {}): FieldError[] {
  const path = 'spec.capacity';
  const names = Object.keys(capacity);
  const isStorage = names.length === 1 && names[0] === 'storage';
  return [
    ...(names.length === 0 ? [required(path)] : []),
    ...(isStorage ? [] : [notSupported(path, capacity, ['storage'])]),
    ...Object.entries(capacity).flatMap(([name, amount]) => [
      ...plainAmountErrors(amount, `${path}[${name}]`),
      ...positiveErrors(amount, `${path}[${name}]`),
    ]),
  ];
}

function affinityErrors({ nodeAffinity, local }: PersistentVolumeSpec): FieldError[] {
  const path = 'spec.nodeAffinity';
  const needsOne = local !== undefined && nodeAffinity?.required === undefined;
  return [
    ...(nodeAffinity && !nodeAffinity.required
      ? [required(`${path}.required`, 'must specify required node constraints')]
      : []),
    ...(nodeAffinity?.required ? nodeSelectorErrors(nodeAffinity.required, `${path}.required`) : []),
    ...(needsOne ? [required(path, 'Local volume requires node affinity')] : []),
  ];
}

function sourcesErrors(spec: PersistentVolumeSpec): FieldError[] {
  const members: Readonly<Record<string, unknown>> = { ...spec };
  const [first, ...more] = sourceNames.filter((name) => members[name] !== undefined);
  if (first === undefined) return [required('spec', 'must specify a volume type')];
  const { hostPath, csi } = spec;
  const isRoot = hostPath !== undefined && /^\/(?:\.?\/)*\.?$/.test(hostPath.path);
  return [
    ...more.map((name) => forbidden(`spec.${name}`, 'may not specify more than 1 volume type')),
    ...volumeSourceErrors(first, members[first], `spec.${sourcePaths[first] ?? first}`),
    ...(first === 'csi' && csi ? csiErrors(csi, 'spec.csi') : []),
    ...(isRoot && spec.persistentVolumeReclaimPolicy === 'Recycle'
      ? [forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
  ];
}

function csiErrors(source: CSIPersistentVolumeSource, path: string): FieldError[] {
  const secrets = [
    'controllerPublishSecretRef',
    'controllerExpandSecretRef',
    'nodePublishSecretRef',
    'nodeExpandSecretRef',
  ] as const;
  return [
    ...csiDriverNameErrors(source.driver, `${path}.driver`),
    ...present(source.volumeHandle, `${path}.volumeHandle`),
    ...secrets.flatMap((name) => secretReferenceErrors(source[name], `${path}.${name}`)),
  ];
}

function attributesClassErrors(name: string, { csi }: PersistentVolumeSpec): FieldError[] {
  const path = 'spec.volumeAttributesClassName';
  return [
    ...(name === '' ? [required(path, 'an empty string is disallowed')] : []),
    ...formatted(name, path, dns1123SubdomainErrors),
    ...(csi ? [] : [required('spec.csi', 'has to be specified when using volumeAttributesClassName')]),
  ];
}

function changeErrors(spec: PersistentVolumeSpec, old: PersistentVolumeSpec): FieldError[] {
  const immutable = 'field is immutable';
  const isLost = old.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined;
  const hasMoved = old.nodeAffinity !== undefined && !equalJson(spec.nodeAffinity, old.nodeAffinity);
  return [
    ...sourceChangeErrors(spec, old),
    ...(spec.volumeMode === old.volumeMode ? [] : [invalid('volumeMode', spec.volumeMode, immutable)]),
    ...(hasMoved ? [invalid('nodeAffinity', spec.nodeAffinity ?? null, immutable)] : []),
    ...(isLost ? [forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden')] : []),
  ];
}

function sourceChangeErrors(spec: PersistentVolumeSpec, old: PersistentVolumeSpec): FieldError[] {
  const sourcesOf = (members: Readonly<Record<string, unknown>>): object =>
    Object.fromEntries(sourceNames.map((name) => [name, members[name]]));
  // A Secret for expansion may be named later.
  const isAdded = old.csi !== undefined && old.csi.controllerExpandSecretRef === undefined;
  const csi = spec.csi && isAdded ? { ...spec.csi, controllerExpandSecretRef: undefined } : spec.csi;
  const [before, after] = [sourcesOf({ ...old }), sourcesOf({ ...spec, csi })];
  if (equalJson(before, after)) return [];
  const difference = `- ${JSON.stringify(before)}\n+ ${JSON.stringify(after)}\n`;
  const detail = `spec.persistentvolumesource is immutable after creation\n${difference}`;
  return [forbidden('spec.persistentvolumesource', detail)];
}
