import type { ValidationContext } from '../../machinery/resource.ts';
import { isKnownFormat } from '../../machinery/structural/formats.ts';
import { itemSchema, someSchema } from '../../machinery/structural/json-schema.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import type { CustomResourceDefinition } from './custom-resource-definition.ts';

/** What the author of a definition is warned of. */
export function definitionWarnings(
  definition: CustomResourceDefinition,
  { old, subresource }: ValidationContext<CustomResourceDefinition>,
): string[] {
  if (subresource === 'status') return [];
  const known = new Set(old ? unknownFormats(old) : []);
  const formats = unknownFormats(definition).filter((format) => !known.has(format));
  return [...formats.map((format) => `unrecognized format ${JSON.stringify(format)}`), ...setWarnings(definition)];
}

function schemasOf({ spec }: CustomResourceDefinition): JsonSchema[] {
  const schemas: JsonSchema[] = [];
  for (const { schema } of spec.versions) {
    if (schema?.openAPIV3Schema) someSchema(schema.openAPIV3Schema, (inner) => schemas.push(inner) < 0);
  }
  return schemas;
}

function unknownFormats(definition: CustomResourceDefinition): string[] {
  return schemasOf(definition).flatMap(({ format, type = '' }) =>
    format === undefined || isKnownFormat(format, type) ? [] : [format],
  );
}

function setWarnings(definition: CustomResourceDefinition): string[] {
  const types = schemasOf(definition).flatMap((schema) => {
    const type = itemSchema(schema)?.type;
    return schema['x-kubernetes-list-type'] === 'set' && (type === 'object' || type === 'array') ? [type] : [];
  });
  return [...new Set(types)].sort().map(setWarning);
}

function setWarning(type: string): string {
  return `x-kubernetes-list-type: set for items of type ${JSON.stringify(type)} is not supported by server-side apply or CEL validation rules`;
}
