/** Validation of references to what is scaled or measured. Source: kubernetes' autoscaling validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid } from '../../machinery/field-error.ts';
import { pathSegmentErrors } from '../../machinery/formats.ts';
import { present } from '../core/value-checks.ts';
import type { CrossVersionObjectReference } from './horizontal-pod-autoscaler.ts';

/** What is wrong with a reference to what is scaled or measured. */
export function targetReferenceErrors(reference: CrossVersionObjectReference, path: string): FieldError[] {
  return (['kind', 'name'] as const).flatMap((part) => [
    ...present(reference[part], `${path}.${part}`),
    ...pathSegmentErrors(reference[part]).map((detail) => invalid(`${path}.${part}`, reference[part], detail)),
  ]);
}
