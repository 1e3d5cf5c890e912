/** What the defaults in a schema must be like. Source: apiextensions' schema/defaulting/validation.go. */
import type { FieldError } from '../field-error.ts';
import { fieldErrorText, invalid } from '../field-error.ts';
import { equalJson } from '../patch/equal-json.ts';
import { coerceEmbedded, validateEmbedded } from './embedded.ts';
import type { JsonSchema } from './json-schema.ts';
import { itemSchema } from './json-schema.ts';
import { pruneValue, sortedCopy, typeMetaFields } from './prune.ts';
import type { MutableObject } from './prune.ts';
import { validateRules } from './validate-rules.ts';
import { validateValue } from './validate-value.ts';

/**
 * What is wrong with the defaults of a custom resource's schema: each must be a valid value of its own schema. Those of
 * `additionalProperties` are not looked at.
 */
export function defaultErrors(schema: JsonSchema, path: string): FieldError[] {
  const root = { ...schema, 'x-kubernetes-embedded-resource': true };
  return nodeErrors(root, { path, root, surround: completed, insideMeta: false });
}

/** Where a schema stands within the schema of the object around it. */
interface Place {
  readonly path: string;
  readonly root: JsonSchema;
  /** The object in which a value would be. */
  readonly surround: (value: unknown) => MutableObject;
  /** Within the apiVersion, kind or metadata of the object. */
  readonly insideMeta: boolean;
}

function completed(value: unknown): MutableObject {
  return { apiVersion: 'validation/v1', kind: 'Validation', ...(value as MutableObject) };
}

function nodeErrors(schema: JsonSchema, parent: Place): FieldError[] {
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const place: Place = embedded ? { ...parent, root: schema, surround: completed, insideMeta: false } : parent;
  const { path, surround } = place;
  const items = itemSchema(schema);
  return [
    ...(schema.default === undefined ? [] : ownErrors(schema, place)),
    ...(items ? nodeErrors(items, { ...place, path: `${path}.items`, surround: (value) => surround([value]) }) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
      nodeErrors(property, {
        ...place,
        path: `${path}.properties[${name}]`,
        surround: (value) => surround({ [name]: value }),
        insideMeta: place.insideMeta || (embedded && typeMetaFields.has(name)),
      }),
    ),
  ];
}

function ownErrors(schema: JsonSchema, place: Place): FieldError[] {
  const path = `${place.path}.default`;
  const value = sortedCopy(schema.default);
  if (!place.insideMeta) return [...prunedErrors(schema, path), ...valueErrors(schema, value, path)];
  const object = place.surround(sortedCopy(schema.default));
  const wrong = embeddedErrors(object, place.root, '').map(fieldErrorText);
  if (wrong.length === 0) return schemaErrors(schema, value, path);
  const text = wrong.length === 1 ? wrong[0] : `[${wrong.join(', ')}]`;
  return [invalid(path, schema.default, `must result in valid metadata: ${text}`)];
}

function prunedErrors(schema: JsonSchema, path: string): FieldError[] {
  const pruned = sortedCopy(schema.default);
  pruneValue(pruned, schema, []);
  return equalJson(schema.default, pruned) ? [] : [invalid(path, schema.default, 'must not have unknown fields')];
}

function valueErrors(schema: JsonSchema, value: unknown, path: string): FieldError[] {
  const embedded = embeddedErrors(value, schema, path);
  return embedded.length > 0 ? embedded : schemaErrors(schema, value, path);
}

function embeddedErrors(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  const malformed = coerceEmbedded(value, schema, { path, unknown: [] });
  return malformed ? [malformed] : validateEmbedded(value, schema, path);
}

function schemaErrors(schema: JsonSchema, value: unknown, path: string): FieldError[] {
  const errors = validateValue(schema, value, { prefix: path });
  if (errors.length > 0) return errors;
  // A default must hold as a value that is new, and as one that stays.
  const kept = validateRules(schema, value, { path, isResource: false, old: { value } });
  return kept.length > 0 ? kept : validateRules(schema, value, { path, isResource: false });
}
