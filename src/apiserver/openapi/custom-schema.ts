/** The published schema of a custom resource, completed with what every kind has. Source: apiextensions' openapi builder. */
import { kindFieldDescriptions } from '../../machinery/descriptions.ts';
import type { JsonObject, Json } from '../../base/json.ts';
import type { Resource } from '../../machinery/resource.ts';
import { isJsonObject } from '../../machinery/schema.ts';

/** What the completed schema needs. `metadata` refers to ObjectMeta. */
export interface CustomSchemaOptions {
  readonly version: 2 | 3;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The schema of a kind that states `openApiSchema`. */
export function customSchema(
  { openApiSchema = {}, group, version, kind }: Resource,
  options: CustomSchemaOptions,
): Readonly<Record<string, unknown>> {
  const own = options.version === 2 ? forVersion2(openApiSchema) : openApiSchema;
  const named = { 'x-kubernetes-group-version-kind': [{ group, kind, version }] };
  // A schema that allows anything says nothing of fields; old clients would refuse all others if it did.
  if (own['x-kubernetes-preserve-unknown-fields'] === true && !isJsonObject(own['properties'])) {
    return { type: 'object', ...own, ...named };
  }
  const properties = isJsonObject(own['properties']) ? own['properties'] : {};
  return {
    type: 'object',
    ...own,
    properties: {
      ...properties,
      apiVersion: { description: kindFieldDescriptions['apiVersion'], type: 'string' },
      kind: { description: kindFieldDescriptions['kind'], type: 'string' },
      metadata: options.metadata,
    },
    ...named,
  };
}

/** What version 2 can't say, or what makes old clients refuse valid objects. */
const notInVersion2 = new Set(['nullable', 'oneOf', 'anyOf', 'allOf', 'not', 'default']);

/**
 * A schema as version 2 has it. What may be null, or a number or a text, or may have fields nobody knows of, is left
 * untyped, since clients below 1.17 take a type too literally.
 */
function forVersion2(schema: JsonObject): JsonObject {
  const open =
    schema['nullable'] === true ||
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true;
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(schema)) {
    if (value === undefined || notInVersion2.has(name)) continue;
    if (open && (name === 'type' || name === 'properties' || name === 'items' || name === 'required')) continue;
    kept[name] = name === 'properties' && isJsonObject(value) ? mapValues(value) : nested(name, value);
  }
  return kept;
}

function mapValues(properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, isJsonObject(value) ? forVersion2(value) : value]),
  );
}

function nested(name: string, value: Json): Json {
  const isSchema = (name === 'items' || name === 'additionalProperties') && isJsonObject(value);
  return isSchema ? forVersion2(value) : value;
}
