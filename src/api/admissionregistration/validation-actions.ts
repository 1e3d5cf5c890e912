/** What follows when a policy is broken. Source: kubernetes' admissionregistration validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { each } from '../core/value-checks.ts';

const actions = ['Audit', 'Deny', 'Warn'];

/** What is wrong with the actions of a binding. */
export function validationActionsErrors(wanted: readonly string[], path: string): FieldError[] {
  const errors = each(wanted, path, (action, own, index) => [
    ...(actions.includes(action) ? [] : [notSupported(own, action, actions)]),
    ...(wanted.indexOf(action) < index ? [duplicate(own, action)] : []),
  ]);
  if (wanted.includes('Deny') && wanted.includes('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(invalid(path, wanted, detail));
  }
  return wanted.length > 0 ? errors : [required(path, 'at least one validation action is required')];
}
