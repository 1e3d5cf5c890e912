/** Validation of RuntimeClasses. Source: kubernetes' node validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, required } from '../../machinery/field-error.ts';
import { dns1123LabelErrors } from '../../machinery/formats.ts';
import { labelsErrors } from '../../machinery/label-validation.ts';
import type { Toleration } from '../core/pod-spec.ts';
import { resourceErrors } from '../core/resource-validation.ts';
import { tolerationErrors } from '../core/scheduling-validation.ts';
import { each, formatted } from '../core/value-checks.ts';
import type { RuntimeClass } from './runtime-class.ts';

/** What is wrong with a RuntimeClass. */
export function runtimeClassErrors({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  return [
    ...(handler ? formatted(handler, 'handler', dns1123LabelErrors) : [required('handler')]),
    ...(overhead ? resourceErrors({ limits: overhead.podFixed }, 'overhead') : []),
    ...labelsErrors(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
    ...tolerationsErrors(scheduling?.tolerations, 'scheduling.tolerations'),
  ];
}

function tolerationsErrors(tolerations: readonly Toleration[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return each(tolerations, path, (toleration, own) => {
    const { key, operator, value, effect } = toleration;
    const identity = JSON.stringify([key, operator, value, effect]);
    const isDouble = seen.has(identity);
    seen.add(identity);
    return [...tolerationErrors(toleration, own), ...(isDouble ? [duplicate(own, toleration)] : [])];
  });
}
