/** Reads the options that travel in a request's query. */
import type { DeleteOptions } from '../../machinery/meta.ts';
import { DeleteOptions as DeleteOptionsStruct } from '../../machinery/meta.ts';
import { decodeStruct } from '../../machinery/decode.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { badRequest, invalidOptions } from '../resources/api-errors.ts';
import { notSupported } from '../../machinery/field-error.ts';
import type { OptionsKind } from './field-manager.ts';
import type { FieldValidation, RequestBody } from '../resources/handler-context.ts';
import type { ListRequest } from '../resources/list-objects.ts';
import type { SelectionText } from '../cache/selection.ts';

/** `labelSelector` and `fieldSelector`. */
export function selectionOf(query: URLSearchParams): SelectionText {
  return {
    labelSelector: query.get('labelSelector') ?? undefined,
    fieldSelector: query.get('fieldSelector') ?? undefined,
  };
}

/** The options of a list. */
export function listRequest(query: URLSearchParams): ListRequest {
  // Of no use here, but not to be nonsense either.
  timeoutSeconds(query);
  return {
    ...selectionOf(query),
    limit: limitOf(query),
    continue: query.get('continue') || undefined,
    resourceVersion: query.get('resourceVersion') ?? undefined,
    resourceVersionMatch: query.get('resourceVersionMatch') ?? undefined,
    sendInitialEvents: sendInitialEvents(query),
  };
}

/** `sendInitialEvents`, if the client says either. */
export function sendInitialEvents(query: URLSearchParams): boolean | undefined {
  return query.get('sendInitialEvents') ? flag(query, 'sendInitialEvents') : undefined;
}

/** `limit`, if it is one. */
export function limitOf(query: URLSearchParams): number | undefined {
  const limit = integer(query, 'limit') ?? 0;
  return limit > 0 ? limit : undefined;
}

/** `timeoutSeconds`, if the client says how long. */
export function timeoutSeconds(query: URLSearchParams): number | undefined {
  return integer(query, 'timeoutSeconds') || undefined;
}

/** Whether a flag is set: `?watch`, `?watch=1`, `?watch=true`. Source: queryparams' strconv.ParseBool. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && !['0', 'f', 'F', 'false', 'False', 'FALSE'].includes(value);
}

/** `dryRun`; only `All` is known. */
export function dryRun(query: URLSearchParams, kind: OptionsKind): boolean {
  if (!query.has('dryRun')) return false;
  const values = query.getAll('dryRun').filter((value) => value !== '');
  const wrong = values.filter((value) => value !== 'All');
  if (wrong.length > 0) throw invalidOptions(kind, [notSupported('dryRun', wrong, ['All'])]);
  return values.length > 0;
}

/** `fieldValidation`; clients that do not say are warned. */
export function fieldValidation(query: URLSearchParams, kind: OptionsKind): FieldValidation {
  const value = query.get('fieldValidation') ?? '';
  if (value === '') return 'Warn';
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore') return value;
  throw invalidOptions(kind, [notSupported('fieldValidation', value, ['Ignore', 'Strict', 'Warn'])]);
}

/** The options of a delete: those in the body, or those in the query. */
export function deleteOptions(sent: RequestBody | undefined, query: URLSearchParams): DeleteOptions {
  const body = sent?.value(DeleteOptionsStruct.node);
  if (body !== undefined) {
    if (!isJsonObject(body)) throw badRequest('the body of a delete must be DeleteOptions');
    const { kind = 'DeleteOptions' } = body;
    if (kind !== 'DeleteOptions')
      throw badRequest(`the body of a delete must be DeleteOptions, not ${JSON.stringify(kind)}`);
    const decoded = decodeStruct(DeleteOptionsStruct.node, body, { version: 'v1', kind: 'DeleteOptions' });
    const fromQuery = dryRun(query, 'DeleteOptions') ? { dryRun: ['All'] } : {};
    return { ...(decoded.object as DeleteOptions), ...fromQuery };
  }
  const policy = query.get('propagationPolicy') || undefined;
  return {
    gracePeriodSeconds: integer(query, 'gracePeriodSeconds'),
    propagationPolicy: policy as DeleteOptions['propagationPolicy'],
    orphanDependents: query.has('orphanDependents') ? flag(query, 'orphanDependents') : undefined,
    dryRun: dryRun(query, 'DeleteOptions') ? ['All'] : undefined,
  };
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d{1,15}$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}
