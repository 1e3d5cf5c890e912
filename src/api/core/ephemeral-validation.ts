/** Validation of the containers that `kubectl debug` adds. Source: kubernetes' ValidatePodEphemeralContainersUpdate. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, notFound } from '../../machinery/field-error.ts';
import { dns1123LabelErrors } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { EphemeralContainer } from './container.ts';
import type { PodSpec } from './pod-spec.ts';
import { each, present, requiredFormat } from './value-checks.ts';

const path = 'spec.ephemeralContainers';
/** What a container that is only looked through does not have. */
const unavailable = ['ports', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const;

/** What is wrong with a pod's ephemeral containers: they may be added, and never change or go. */
export function ephemeralErrors(spec: PodSpec, old: PodSpec | undefined): FieldError[] {
  const names = new Set([...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name));
  const targets = new Set(names);
  const errors = each(spec.ephemeralContainers, path, (container, own) => {
    const isDuplicate = names.has(container.name);
    names.add(container.name);
    return [
      ...requiredFormat(container.name, `${own}.name`, dns1123LabelErrors),
      ...(isDuplicate ? [duplicate(`${own}.name`, container.name)] : []),
      ...present(container.image, `${own}.image`),
      ...targetErrors(container, targets, own),
      ...unavailable
        .filter((field) => container[field] !== undefined)
        .map((field) => forbidden(`${own}.${field}`, 'cannot be set for an Ephemeral Container')),
    ];
  });
  return [...errors, ...changeErrors(spec.ephemeralContainers ?? [], old?.ephemeralContainers ?? [])];
}

function targetErrors(
  { targetContainerName }: EphemeralContainer,
  names: ReadonlySet<string>,
  own: string,
): FieldError[] {
  const isKnown = !targetContainerName || names.has(targetContainerName);
  return isKnown ? [] : [notFound(`${own}.targetContainerName`, targetContainerName)];
}

function changeErrors(now: readonly EphemeralContainer[], before: readonly EphemeralContainer[]): FieldError[] {
  return before.flatMap((old) => {
    const current = now.find(({ name }) => name === old.name);
    if (!current) {
      return [forbidden(path, `existing ephemeral containers ${JSON.stringify(old.name)} may not be removed\n`)];
    }
    if (equalJson(current, old)) return [];
    return [forbidden(path, `existing ephemeral containers ${JSON.stringify(old.name)} may not be changed\n`)];
  });
}
