import type { ApiResource } from '../resource/discovery.ts';

/** A schema of OpenAPI v3, as far as explaining needs it. */
export interface OpenApiSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly required?: readonly string[];
  readonly items?: OpenApiSchema;
  readonly additionalProperties?: OpenApiSchema | boolean;
  readonly allOf?: readonly OpenApiSchema[];
  readonly oneOf?: readonly OpenApiSchema[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

/** The document of one group version. */
export interface OpenApiDocument {
  readonly components?: { readonly schemas?: Readonly<Record<string, OpenApiSchema>> };
}

/** The schema of a resource's kind. */
export function kindSchema(
  document: OpenApiDocument,
  resource: Pick<ApiResource, 'group' | 'version' | 'kind'>,
): OpenApiSchema | undefined {
  return Object.values(document.components?.schemas ?? {}).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some(
      ({ group, version, kind }) => group === resource.group && version === resource.version && kind === resource.kind,
    ),
  );
}

/** Follows references; what stands beside one (a description of its own) wins. */
export function resolved(document: OpenApiDocument, schema: OpenApiSchema): OpenApiSchema {
  const reference = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined);
  if (reference === undefined) return schema;
  const target = document.components?.schemas?.[reference.slice(reference.lastIndexOf('/') + 1)];
  if (!target) return schema;
  const { $ref: _reference, allOf: _all, ...own } = schema;
  return { ...resolved(document, target), ...own };
}

/** The type as explain writes it: `string`, `[]Container`, `map[string]string`. */
export function typeName(document: OpenApiDocument, schema: OpenApiSchema): string {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  const whole = resolved(document, schema);
  if (whole.type === 'array') return `[]${whole.items ? typeName(document, whole.items) : ''}`;
  if (whole.additionalProperties !== undefined) {
    return `map[string]${typeof whole.additionalProperties === 'object' ? typeName(document, whole.additionalProperties) : ''}`;
  }
  const simple = whole.type !== undefined && whole.type !== 'object';
  if (reference !== undefined && !simple) return reference.slice(reference.lastIndexOf('.') + 1);
  return whole.type ?? 'Object';
}

/** What lies below a list or a map: the schema of its elements; else the schema itself. */
export function elementOf(document: OpenApiDocument, schema: OpenApiSchema): OpenApiSchema {
  const whole = resolved(document, schema);
  if (whole.items) return elementOf(document, whole.items);
  if (typeof whole.additionalProperties === 'object') return elementOf(document, whole.additionalProperties);
  return whole;
}

/** What is said of a field, then of its type, then of the elements of that. */
export function descriptionsOf(document: OpenApiDocument, schema: OpenApiSchema): readonly string[] {
  const own = schema.description ? [schema.description] : [];
  const reference = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined);
  const target = reference && document.components?.schemas?.[reference.slice(reference.lastIndexOf('/') + 1)];
  if (target) return [...own, ...descriptionsOf(document, target)];
  if (schema.items) return [...own, ...descriptionsOf(document, schema.items)];
  const { additionalProperties } = schema;
  return typeof additionalProperties === 'object' ? [...own, ...descriptionsOf(document, additionalProperties)] : own;
}
