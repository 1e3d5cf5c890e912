/** Checks of conditions. Source: apimachinery's metav1/validation. */
import type { FieldError } from './field-error.ts';
import { duplicate, invalid, notSupported, required, tooLong } from './field-error.ts';
import { conditionReasonErrors, qualifiedNameErrors } from './formats.ts';
import type { Condition } from './meta.ts';

const statuses = ['False', 'True', 'Unknown'];
/** The longest reason and message, in bytes. */
const maxReason = 1024;
const maxMessage = 32 * 1024;

/** What is wrong with a list of conditions. */
export function conditionsErrors(conditions: readonly Condition[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return (conditions ?? []).flatMap((condition, index) => {
    const own = `${path}[${index}]`;
    const errors = seen.has(condition.type) ? [duplicate(own, condition.type)] : [];
    seen.add(condition.type);
    return [...errors, ...conditionErrors(condition, own)];
  });
}

function conditionErrors(condition: Condition, path: string): FieldError[] {
  const { type, status, observedGeneration = 0, lastTransitionTime, reason, message } = condition;
  return [
    ...(type === '' ? [required(`${path}.type`, 'is required')] : []),
    ...(type === '' ? [] : qualifiedNameErrors(type).map((detail) => invalid(`${path}.type`, type, detail))),
    ...statusErrors(status, `${path}.status`),
    ...(observedGeneration < 0
      ? [invalid(`${path}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero')]
      : []),
    ...(lastTransitionTime ? [] : [required(`${path}.lastTransitionTime`)]),
    ...reasonErrors(reason, `${path}.reason`),
    ...(message.length > maxMessage ? [tooLong(`${path}.message`, '', maxMessage)] : []),
  ];
}

function statusErrors(status: string, path: string): FieldError[] {
  if (status === '') return [required(path)];
  return statuses.includes(status) ? [] : [notSupported(path, status, statuses)];
}

function reasonErrors(reason: string, path: string): FieldError[] {
  if (reason === '') return [required(path)];
  const errors = conditionReasonErrors(reason).map((detail) => invalid(path, reason, detail));
  return reason.length > maxReason ? [...errors, tooLong(path, '', maxReason)] : errors;
}
