/** Everything that is checked of an object before it is stored. */
import { enumErrors } from '../../machinery/enum-validation.ts';
import { invalid } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { invalidError } from './api-errors.ts';
import { validateMetadata, validateMetadataUpdate } from '../../machinery/validate-metadata.ts';

/** What a validation is about. */
export interface ValidationSubject {
  readonly resource: Resource;
  readonly object: ApiObject;
  readonly old?: ApiObject | undefined;
  readonly subresource?: string | undefined;
}

/**
 * Throws Invalid with everything that is wrong with a new object or an update. What was wrong already when the object was
 * stored, under rules that were less strict then, does not keep anybody from updating it.
 */
export function validateObject({ resource, object, old, subresource }: ValidationSubject): void {
  const errors = faultsOf({ resource, object, old, subresource });
  if (errors.length === 0) return;
  // What of custom resources did not change, their own validation tolerates; upstream tolerates no more.
  const fresh =
    old && !resource.custom ? withoutKnown(errors, faultsOf({ resource, object: old, old, subresource })) : errors;
  if (fresh.length > 0) throw invalidError(resource, object.metadata.name ?? '', withoutDuplicates(fresh));
}

function faultsOf({ resource, object, old, subresource }: ValidationSubject): FieldError[] {
  const errors: FieldError[] = validateMetadata(resource, object);
  if (old) errors.push(...validateMetadataUpdate(object, old), ...validateImmutable(resource, object, old));
  errors.push(...enumErrors(resource.schema, object));
  errors.push(...(resource.validate?.(object, { old, subresource }) ?? []));
  return errors;
}

function withoutKnown(errors: readonly FieldError[], known: readonly FieldError[]): readonly FieldError[] {
  const seen = new Set(known.map((error) => JSON.stringify(error)));
  return errors.filter((error) => !seen.has(JSON.stringify(error)));
}

function validateImmutable(resource: Resource, object: ApiObject, old: ApiObject): FieldError[] {
  return (resource.immutable ?? []).flatMap((path) => {
    const value = valueAt(object, path);
    return equalJson(value, valueAt(old, path)) ? [] : [invalid(path, value, 'field is immutable')];
  });
}

function valueAt(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((node, name) => (isJsonObject(node) ? node[name] : undefined), object);
}

/** The same fault is told once; an unsupported value may be found by the generic check and, in other words, by the kind's own. */
function withoutDuplicates(errors: readonly FieldError[]): readonly FieldError[] {
  const seen = new Set<string>();
  return errors.filter((error) => {
    const detail = error.type === 'FieldValueNotSupported' ? '' : error.detail;
    const key = JSON.stringify([error.field, error.type, error.value, detail]);
    return !seen.has(key) && seen.add(key);
  });
}
