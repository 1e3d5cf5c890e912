/** Validation of Namespaces. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid } from '../../machinery/field-error.ts';
import { qualifiedNameErrors } from '../../machinery/formats.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import type { Namespace } from './namespace.ts';

/** Finalizers that need no domain. */
const standard: readonly string[] = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** What is wrong with a Namespace. */
export function namespaceErrors(
  { metadata, spec: { finalizers = [] }, status }: Namespace,
  { old, subresource }: ValidationContext<Namespace>,
): FieldError[] {
  if (subresource === 'status') return phaseErrors(status.phase, metadata.deletionTimestamp !== undefined);
  const path = 'spec.finalizers';
  if (subresource === 'finalize') return finalizers.flatMap((name, index) => nameErrors(name, `${path}[${index}]`));
  return old ? [] : finalizers.flatMap((name) => nameErrors(name, path));
}

function nameErrors(name: string, path: string): FieldError[] {
  const errors = qualifiedNameErrors(name).map((detail) => invalid(path, name, detail));
  if (name.includes('/') || standard.includes(name)) return errors;
  return [...errors, invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified')];
}

function phaseErrors(phase: string | undefined, isGoing: boolean): FieldError[] {
  const path = 'status.Phase';
  if (isGoing) {
    const detail = "may only be 'Terminating' if `deletionTimestamp` is not empty";
    return phase === 'Terminating' ? [] : [invalid(path, phase ?? '', detail)];
  }
  const detail = "may only be 'Active' if `deletionTimestamp` is empty";
  return phase === 'Active' ? [] : [invalid(path, phase ?? '', detail)];
}
