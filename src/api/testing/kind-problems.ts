/** What tests of kinds ask: what decoding makes of an object, what its columns show, what validation says of it. */
import { decodeObject } from '../../machinery/decode.ts';
import { enumErrors } from '../../machinery/enum-validation.ts';
import { fieldErrorText } from '../../machinery/field-error.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';

const metadata = { name: 'x', namespace: 'ns', creationTimestamp: '2026-01-01T00:00:00Z' };

/** An hour after the test objects were made. */
export const now = Date.parse('2026-01-01T01:00:00Z');

/** An object as it is after decoding: with defaults. */
export function decoded<T extends ApiObject, D>(resource: Resource<T, D>, object: object): T {
  return decodeObject(resource, { metadata, ...object }).object as T;
}

/** Everything that is said of a new object or of an update, sentence by sentence. */
export function problems<T extends ApiObject, D>(resource: Resource<T, D>, object: object, old?: object): string[] {
  return problemsOf(resource, { object, old });
}

/** Everything that is said of a write of the status. */
export function statusProblems<T extends ApiObject, D>(
  resource: Resource<T, D>,
  object: object,
  old: object = object,
): string[] {
  return problemsOf(resource, { object, old, subresource: 'status' });
}

/** Everything that is said of a write through a subresource, each once as the server tells it. */
export function problemsOf<T extends ApiObject, D>(
  resource: Resource<T, D>,
  {
    object,
    old,
    subresource,
  }: { readonly object: object; readonly old?: object | undefined; readonly subresource?: string },
): string[] {
  const value = decoded(resource, object);
  const context = { old: old && decoded(resource, old), subresource };
  const errors = [...enumErrors(resource.schema, value), ...(resource.validate?.(value, context) ?? [])];
  return [...new Set(errors.map(fieldErrorText))];
}

/** The cells of an object under the columns that its kind states. */
export function cells<T extends ApiObject, D>(resource: Resource<T, D>, object: object): Record<string, unknown> {
  const value = decoded(resource, object);
  const columns = Object.entries(resource.columns ?? {});
  return Object.fromEntries(
    columns.map(([name, column]) => [
      name,
      typeof column === 'function' ? column(value, now) : column.value(value, now),
    ]),
  );
}
