/** What tests ask of a kind's rules: what it says of an object, and what its columns show. */
import { decodeObject } from '../../machinery/decode.ts';
import { enumErrors } from '../../machinery/enum-validation.ts';
import { fieldErrorText } from '../../machinery/field-error.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';

const metadata = { name: 'x', namespace: 'ns' };

/** What is wrong with an object, or with changing `old` into it: sentence by sentence, each once. */
export function problemsOf<T extends ApiObject, D>(resource: Resource<T, D>, object: object, old?: object): string[] {
  const decoded = decodedAs(resource, object);
  const context = old ? { old: decodedAs(resource, old) } : {};
  const errors = [...enumErrors(resource.schema, decoded), ...(resource.validate?.(decoded, context) ?? [])];
  return [...new Set(errors.map(fieldErrorText))];
}

/** What the stated columns show of an object at a moment. */
export function valuesOf<T extends ApiObject, D>(
  resource: Resource<T, D>,
  object: object,
  now = 0,
): Record<string, unknown> {
  const value = decodedAs(resource, object);
  const columns = Object.entries(resource.columns ?? {});
  return Object.fromEntries(
    columns.map(([name, column]) => [
      name,
      typeof column === 'function' ? column(value, now) : column.value(value, now),
    ]),
  );
}

function decodedAs<T extends ApiObject, D>(resource: Resource<T, D>, object: object): T {
  return decodeObject(resource, { metadata, ...object }).object as T;
}
