/** Validation of custom resources. Source: apiextensions' registry/customresource. */
import type { DefinitionSubresources } from '../../api/apiextensions/custom-resource-definition.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid } from '../../machinery/field-error.ts';
import { qualifiedNameErrors } from '../../machinery/formats.ts';
import type { ApiObject, ValidationContext } from '../../machinery/resource.ts';
import { validateEmbedded } from '../../machinery/structural/embedded.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { propertySchema } from '../../machinery/structural/json-schema.ts';
import { duplicateItems } from '../../machinery/structural/list-types.ts';
import { hasRules } from '../../machinery/structural/compiled-rules.ts';
import { validateRules } from '../../machinery/structural/validate-rules.ts';
import { validateValue } from '../../machinery/structural/validate-value.ts';
import { scaleErrors } from './custom-scale.ts';

/** What a version says of its objects. */
export interface CustomRules {
  readonly schema: JsonSchema;
  readonly subresources: DefinitionSubresources;
}

/** Everything that is wrong with an object, apart from its metadata. What did not change is not refused. */
export function validateCustom(
  { schema, subresources }: CustomRules,
  object: ApiObject,
  { old, subresource }: ValidationContext<ApiObject>,
): FieldError[] {
  const isStatus = subresource === 'status';
  const { scale } = subresources;
  const errors = [
    ...(isStatus
      ? statusErrors(schema, object, old)
      : validateValue(schema, object, old ? { old: { value: old } } : {})),
    ...(scale ? scaleErrors(object, scale, { status: isStatus }) : []),
    ...(isStatus ? [] : validateEmbedded(object, schema)),
    ...listErrors(schema, object, old),
  ];
  if (!hasRules(schema)) return errors;
  if (errors.some(({ type }) => blocking.has(type))) return [...errors, unchecked];
  return [...errors, ...validateRules(schema, object, { old: old && { value: old }, ratcheting: true })];
}

/** Faults that keep rules from being evaluated: they could not rely on the types of what they look at. */
const blocking = new Set<FieldError['type']>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const unchecked = invalid(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
);

/** The status is validated on its own, so its paths begin within it. */
function statusErrors(schema: JsonSchema, object: ApiObject, old: ApiObject | undefined): FieldError[] {
  const status = propertySchema(schema, 'status');
  const [value, before] = [memberOf(object), memberOf(old)];
  if (!status || value === undefined) return [];
  const options = before === undefined ? {} : { old: { value: before } };
  return validateValue(status, value, { ...options, prefix: 'status' });
}

function memberOf(object: ApiObject | undefined): unknown {
  return object && 'status' in object ? object.status : undefined;
}

function listErrors(schema: JsonSchema, object: ApiObject, old: ApiObject | undefined): FieldError[] {
  const errors = duplicateItems(object, schema);
  return old && errors.length > 0 && duplicateItems(old, schema).length > 0 ? [] : errors;
}

const standardFinalizers = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** What the author of an object is warned of: finalizers that others may use as well. */
export function customWarnings({ metadata }: ApiObject, { old, subresource }: ValidationContext<ApiObject>): string[] {
  if (subresource === 'status') return [];
  const known = new Set(old?.metadata.finalizers);
  const added = [...new Set(metadata.finalizers)].filter((finalizer) => !known.has(finalizer)).sort();
  return added.flatMap(finalizerWarnings);
}

function finalizerWarnings(finalizer: string): string[] {
  const place = `metadata.finalizers: ${JSON.stringify(finalizer)}: `;
  const warnings = qualifiedNameErrors(finalizer).map((wrong) => place + wrong);
  if (finalizer.includes('/') || standardFinalizers.has(finalizer)) return warnings;
  const path = finalizer.includes('.') ? ' including a path (/)' : '';
  const advice = `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
  return [...warnings, place + advice];
}
