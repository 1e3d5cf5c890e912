/** Validation of PersistentVolumeClaims. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../machinery/formats.ts';
import { labelSelectorErrors } from '../../machinery/label-validation.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { compareQuantities } from '../../machinery/quantity.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import type { PersistentVolumeClaim } from './persistent-volume-claim.ts';
import { claimResourceNameErrors, plainAmountErrors, quantityErrors } from './resource-validation.ts';
import { formatted, present } from './value-checks.ts';
import type { PersistentVolumeClaimSpec, TypedObjectReference } from './volume.ts';

const accessModes: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';
const resizeStates: readonly string[] = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].sort();

/** What is wrong with a PersistentVolumeClaim. */
export function claimErrors(
  claim: PersistentVolumeClaim,
  { old, subresource }: ValidationContext<PersistentVolumeClaim>,
): FieldError[] {
  if (subresource === 'status') return statusErrors(claim);
  return [...claimSpecErrors(claim.spec, 'spec'), ...(old ? changeErrors(claim, old) : [])];
}

/** What is wrong with the spec of a claim, also inside a template. */
export function claimSpecErrors(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const { resources, volumeAttributesClassName } = spec;
  const storage = resources.requests?.['storage'];
  const storagePath = `${path}.resources[storage]`;
  return [
    ...accessModeErrors(spec.accessModes, `${path}.accessModes`, 'at least 1 access mode is required'),
    ...labelSelectorErrors(spec.selector, `${path}.selector`),
    ...(storage === undefined ? [required(storagePath)] : positiveErrors(storage, storagePath)),
    ...formatted(spec.storageClassName, `${path}.storageClassName`, dns1123SubdomainErrors),
    ...(spec.dataSource ? sourceErrors(spec.dataSource, `${path}.dataSource`) : []),
    ...(spec.dataSourceRef ? sourceErrors(spec.dataSourceRef, `${path}.dataSourceRef`) : []),
    ...sourcesErrors(spec, path),
    ...formatted(volumeAttributesClassName, `${path}.volumeAttributesClassName`, dns1123SubdomainErrors),
  ];
}

/** What is wrong with the access modes of a volume or a claim; `detail` says that one is needed. */
export function accessModeErrors(modes: readonly string[] = [], path: string, detail: string): FieldError[] {
  const isAlone =
    !modes.includes('ReadWriteOncePod') || new Set(modes.filter((m) => accessModes.includes(m))).size <= 1;
  return [
    ...(modes.length === 0 ? [required(path, detail)] : []),
    ...modes.filter((mode) => !accessModes.includes(mode)).map((mode) => notSupported(path, mode, accessModes)),
    ...(isAlone ? [] : [forbidden(path, 'may not use ReadWriteOncePod with other access modes')]),
  ];
}

/** An amount that must be more than nothing. */
export function positiveErrors(amount: string, path: string): FieldError[] {
  return compareQuantities(amount, '0') > 0 ? [] : [invalid(path, amount, 'must be greater than zero')];
}

function sourceErrors({ apiGroup = '', kind, name, namespace }: TypedObjectReference, path: string): FieldError[] {
  const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
  return [
    ...present(name, `${path}.name`),
    ...present(kind, `${path}.kind`),
    ...(apiGroup === '' && kind !== 'PersistentVolumeClaim' ? [invalid(path, kind, detail)] : []),
    ...formatted(apiGroup, `${path}.apiGroup`, dns1123SubdomainErrors),
    ...formatted(namespace, `${path}.namespace`, dns1123LabelErrors),
  ];
}

/** The two sources of a claim say the same, unless the newer one leads to another namespace. */
function sourcesErrors({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, path: string): FieldError[] {
  if (!dataSource || !dataSourceRef) return [];
  const own = `${path}.dataSource`;
  if (dataSourceRef.namespace)
    return [invalid(path, own, 'may not be specified when dataSourceRef.namespace is specified')];
  const isSame = (['apiGroup', 'kind', 'name'] as const).every((part) => dataSource[part] === dataSourceRef[part]);
  return isSame ? [] : [invalid(path, own, 'must match dataSourceRef')];
}

function changeErrors(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const { spec } = claim;
  const changed = differingMembers(comparable(claim, old), comparable(old, old));
  const detail =
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
  const annotation = claim.metadata.annotations?.[classAnnotation] ?? '';
  return [
    ...(annotation === (old.metadata.annotations?.[classAnnotation] ?? '') || upgradesClass(claim, old)
      ? []
      : [invalid(`metadata.annotations.${classAnnotation}`, annotation, 'field is immutable')]),
    ...(changed === '' ? [] : [forbidden('spec', `${detail}\n${changed}`)]),
    ...shrinkErrors(claim, old),
    ...(spec.volumeMode === old.spec.volumeMode ? [] : [invalid('volumeMode', spec.volumeMode, 'field is immutable')]),
    ...attributesClassErrors(spec.volumeAttributesClassName, old.spec.volumeAttributesClassName),
  ];
}

/** Moves the class from the annotation that once held it to its field. */
function upgradesClass({ spec, metadata }: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const before = old.metadata.annotations?.[classAnnotation];
  const after = metadata.annotations?.[classAnnotation];
  return (
    before !== undefined &&
    old.spec.storageClassName === undefined &&
    spec.storageClassName === before &&
    (after === undefined || after === before)
  );
}

/** A claim's spec with what may change put back to what it was. */
function comparable({ spec, status }: PersistentVolumeClaim, old: PersistentVolumeClaim): object {
  const isBound = status.phase === 'Bound';
  const before = old.spec;
  const annotation = old.metadata.annotations?.[classAnnotation];
  const takesClass =
    before.storageClassName === undefined && (annotation === undefined || spec.storageClassName === annotation);
  const storage = isBound && spec.resources.requests ? { storage: before.resources.requests?.['storage'] } : {};
  return {
    ...spec,
    ...(before.volumeName ? {} : { volumeName: undefined }),
    ...(takesClass ? { storageClassName: undefined } : {}),
    ...(isBound && spec.volumeAttributesClassName !== undefined
      ? { volumeAttributesClassName: before.volumeAttributesClassName }
      : {}),
    resources: { ...spec.resources, requests: { ...spec.resources.requests, ...storage } },
  };
}

function differingMembers(now: object, before: object): string {
  const [after, was]: readonly Readonly<Record<string, unknown>>[] = [{ ...now }, { ...before }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names
    .filter((name) => !equalJson(after?.[name], was?.[name]))
    .map((name) => `- ${name}: ${JSON.stringify(was?.[name])}\n+ ${name}: ${JSON.stringify(after?.[name])}\n`)
    .join('');
}

/** A claim may only shrink while it grows: back to more than what its volume has. */
function shrinkErrors({ spec }: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const size = spec.resources.requests?.['storage'] ?? '0';
  const isSmaller = compareQuantities(size, old.spec.resources.requests?.['storage'] ?? '0') < 0;
  if (!isSmaller || compareQuantities(size, old.status.capacity?.['storage'] ?? '0') > 0) return [];
  return [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')];
}

function attributesClassErrors(name: string | undefined, old: string | undefined): FieldError[] {
  const path = 'spec.volumeAttributesClassName';
  if (old === undefined || name === old) return [];
  if (name === undefined) return [forbidden(path, 'update from non-nil value to nil is forbidden')];
  return name === '' ? [forbidden(path, 'update from non-nil value to an empty string is forbidden')] : [];
}

function statusErrors({ spec, status }: PersistentVolumeClaim): FieldError[] {
  const { capacity = {}, allocatedResources = {}, allocatedResourceStatuses = {} } = status;
  const states = 'status.allocatedResourceStatus';
  const allocated = 'status.allocatedResources';
  return [
    ...((spec.accessModes ?? []).length === 0 ? [required('Spec.accessModes')] : []),
    ...Object.entries(capacity).flatMap(([name, amount]) => plainAmountErrors(amount, `status.capacity[${name}]`)),
    ...Object.entries(allocatedResourceStatuses).flatMap(([name, state]) => [
      ...claimResourceNameErrors(name, states),
      ...(resizeStates.includes(state) ? [] : [notSupported(states, name, resizeStates)]),
    ]),
    ...Object.entries(allocatedResources).flatMap(([name, amount]) => {
      const wrong = claimResourceNameErrors(name, allocated);
      return wrong.length > 0 ? wrong : quantityErrors('storage', amount, `${allocated}[${name}]`);
    }),
  ];
}
