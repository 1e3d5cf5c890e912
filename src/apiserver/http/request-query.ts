/** Reads the options that travel in a request's query. */
import { StatusError } from '../../base/errors.ts';
import type { DeleteOptions } from '../../machinery/meta.ts';
import { DeleteOptions as DeleteOptionsStruct } from '../../machinery/meta.ts';
import { decodeStruct } from '../../machinery/decode.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { badRequest } from '../resources/api-errors.ts';
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
    limit: integer(query, 'limit'),
    continue: query.get('continue') || undefined,
    resourceVersion: query.get('resourceVersion') ?? undefined,
    resourceVersionMatch: query.get('resourceVersionMatch') ?? undefined,
  };
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
export function dryRun(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun').filter((value) => value !== '');
  for (const value of values) {
    if (value !== 'All') {
      throw new StatusError(
        'Invalid',
        `CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ${JSON.stringify(value)}: supported values: "All"`,
      );
    }
  }
  return values.length > 0;
}

/** `fieldValidation`; clients that do not say are warned. */
export function fieldValidation(query: URLSearchParams): FieldValidation {
  const value = query.get('fieldValidation') ?? '';
  if (value === '') return 'Warn';
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore') return value;
  throw new StatusError(
    'Invalid',
    `CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: ${JSON.stringify(value)}: supported values: "Ignore", "Strict", "Warn"`,
  );
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
    const fromQuery = dryRun(query) ? { dryRun: ['All'] } : {};
    return { ...(decoded.object as DeleteOptions), ...fromQuery };
  }
  const policy = query.get('propagationPolicy') || undefined;
  return {
    gracePeriodSeconds: integer(query, 'gracePeriodSeconds'),
    propagationPolicy: policy as DeleteOptions['propagationPolicy'],
    orphanDependents: query.has('orphanDependents') ? flag(query, 'orphanDependents') : undefined,
    dryRun: dryRun(query) ? ['All'] : undefined,
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
