/** Whose fields a write sets, as the request says. Source: apiserver's managerOrUserAgent, meta/v1 validation. */
import { forbidden, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { fieldManagerErrors, maxFieldManagerBytes } from '../../machinery/apply/field-manager-name.ts';
import { invalidOptions } from '../resources/api-errors.ts';
import { flag } from './request-query.ts';

/** The field manager that the client names, or the first part of its user agent. Throws Invalid. */
export function fieldManagerOf(query: URLSearchParams, userAgent: string | undefined, kind: OptionsKind): string {
  const named = query.get('fieldManager') ?? '';
  if (named === '') return fromUserAgent(userAgent ?? '');
  refuse(kind, fieldManagerErrors(named, 'fieldManager'));
  return named;
}

/** The options of an apply, which must name its field manager. Throws Invalid. */
export function applyOptions(query: URLSearchParams): { readonly fieldManager: string; readonly force: boolean } {
  const fieldManager = query.get('fieldManager') ?? '';
  refuse('PatchOptions', [
    ...(fieldManager === '' ? [required('fieldManager', 'is required for apply patch')] : []),
    ...fieldManagerErrors(fieldManager, 'fieldManager'),
  ]);
  return { fieldManager, force: flag(query, 'force') };
}

/** Throws Invalid for `force`, which only an apply may have. */
export function refuseForce(query: URLSearchParams): void {
  if (query.has('force')) refuse('PatchOptions', [forbidden('force', 'may not be specified for non-apply patch')]);
}

/** The kind of the options that a verb has. */
export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

function refuse(kind: OptionsKind, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidOptions(kind, errors);
}

const known = new Map<string, string>();

/** Clients repeat their user agent with every request, so what it says is remembered. */
function fromUserAgent(userAgent: string): string {
  let manager = known.get(userAgent);
  if (manager !== undefined) return manager;
  manager = '';
  for (const character of userAgent.split('/', 1)[0]!) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) continue;
    if (Buffer.byteLength(manager + character) > maxFieldManagerBytes) break;
    manager += character;
  }
  if (known.size > 1000) known.clear();
  known.set(userAgent, manager);
  return manager;
}
