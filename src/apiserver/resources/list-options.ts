/** Which options of lists and watches go together. Pure. Source: apimachinery's internalversion/validation. */
import { forbidden, notSupported } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { badRequest, invalidOptions } from './api-errors.ts';

/** The options that may contradict one another. */
export interface VersionOptions {
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
  readonly sendInitialEvents?: boolean | undefined;
}

const match = 'resourceVersionMatch';

/** Throws Invalid, or BadRequest, for options of a list that contradict one another. */
export function checkListOptions(options: VersionOptions): void {
  const { resourceVersionMatch, resourceVersion, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (resourceVersionMatch) {
    if (!resourceVersion) errors.push(forbidden(match, `${match} is forbidden unless resourceVersion is provided`));
    if (options.continue) errors.push(forbidden(match, `${match} is forbidden when continue is provided`));
    if (resourceVersionMatch !== 'Exact' && resourceVersionMatch !== 'NotOlderThan') {
      errors.push(notSupported(match, resourceVersionMatch, ['Exact', 'NotOlderThan', '']));
    }
    if (resourceVersionMatch === 'Exact' && resourceVersion === '0') {
      errors.push(forbidden(match, `${match} "exact" is forbidden for resourceVersion "0"`));
    }
  }
  if (sendInitialEvents !== undefined) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (errors.length > 0) throw invalidOptions('ListOptions', errors);
  if (options.continue && resourceVersion && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
}

/** Throws Invalid for options of a watch that contradict one another. */
export function checkWatchOptions(options: VersionOptions): void {
  const { resourceVersionMatch, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && resourceVersionMatch !== 'NotOlderThan') {
    errors.push(forbidden(match, `sendInitialEvents requires setting ${match} to NotOlderThan`));
  }
  if (resourceVersionMatch) {
    if (sendInitialEvents === undefined) {
      errors.push(forbidden(match, `${match} is forbidden for watch unless sendInitialEvents is provided`));
    }
    if (resourceVersionMatch !== 'NotOlderThan') {
      errors.push(notSupported(match, resourceVersionMatch, ['NotOlderThan']));
    }
    if (options.continue) errors.push(forbidden(match, `${match} is forbidden when continue is provided`));
  }
  if (errors.length > 0) throw invalidOptions('ListOptions', errors);
}
