/** What the defaults in a schema must be like. Source: apiextensions' schema/defaulting/validation.go. */
import type { FieldError } from '../field-error.ts';
import { invalid } from '../field-error.ts';
import { equalJson } from '../patch/equal-json.ts';
import { coerceEmbedded, validateEmbedded } from './embedded.ts';
import type { JsonSchema } from './json-schema.ts';
import { additionalSchema, itemSchema } from './json-schema.ts';
import { pruneValue, sortedCopy } from './prune.ts';
import { validateRules } from './validate-rules.ts';
import { validateValue } from './validate-value.ts';

/** What is wrong with the defaults of a schema and of all below it: each must be a valid value of its own schema. */
export function defaultErrors(schema: JsonSchema, path: string): FieldError[] {
  const items = itemSchema(schema);
  const additional = additionalSchema(schema);
  return [
    ...(schema.default === undefined ? [] : ownErrors(schema, `${path}.default`)),
    ...(items ? defaultErrors(items, `${path}.items`) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
      defaultErrors(property, `${path}.properties[${name}]`),
    ),
    ...(additional ? defaultErrors(additional, `${path}.additionalProperties`) : []),
  ];
}

function ownErrors(schema: JsonSchema, path: string): FieldError[] {
  const value = sortedCopy(schema.default);
  const pruned = sortedCopy(schema.default);
  pruneValue(pruned, schema, []);
  if (!equalJson(value, pruned)) return [invalid(path, schema.default, 'must not have unknown fields')];
  const malformed = coerceEmbedded(value, schema, { path, unknown: [] });
  if (malformed) return [malformed];
  const embedded = validateEmbedded(value, schema, { path, validateMetadata: () => [] });
  if (embedded.length > 0) return embedded;
  const errors = validateValue(schema, value, { prefix: path });
  if (errors.length > 0) return errors;
  // A default must hold as a value that is new, and as one that stays.
  const kept = validateRules(schema, value, { path, isResource: false, old: { value } });
  return kept.length > 0 ? kept : validateRules(schema, value, { path, isResource: false });
}
