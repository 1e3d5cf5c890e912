/** Structural schemas as the schema nodes of the machinery, for what is derived for every kind: apply, field sets. */
import { DraftMeta } from '../meta.ts';
import type { FieldNode, ListNode, SchemaNode, StructNode } from '../schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { additionalSchema, itemSchema } from './json-schema.ts';

/** The node of a whole object. */
export function objectNode(schema: JsonSchema, kind: string): StructNode {
  const { properties, additionalProperties: _none, ...rest } = schema;
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...own } = properties ?? {};
  const node = structNode({ ...rest, properties: own }, kind);
  return { ...node, fields: { ...typeAndMeta, ...node.fields } };
}

/** The node of any value. */
function nodeOf(schema: JsonSchema, name: string): SchemaNode {
  if (schema['x-kubernetes-int-or-string']) return { kind: 'intOrString' };
  switch (schema.type) {
    case 'object':
      return objectOrMap(schema, name);
    case 'array':
      return listNode(schema, name);
    case 'string':
      return { kind: 'string' };
    case 'boolean':
      return { kind: 'bool' };
    case 'integer':
      return { kind: 'int64' };
    case 'number':
      return { kind: 'double' };
    default:
      return { kind: 'json' };
  }
}

function objectOrMap(schema: JsonSchema, name: string): SchemaNode {
  const additional = additionalSchema(schema);
  const atomic = schema['x-kubernetes-map-type'] === 'atomic';
  if (additional) return { kind: 'map', values: nodeOf(additional, name), atomic };
  if (schema.additionalProperties === true) return { kind: 'map', values: { kind: 'json' }, atomic };
  return structNode(schema, name);
}

function structNode(schema: JsonSchema, name: string): StructNode {
  const meta = schema['x-kubernetes-embedded-resource'] ? typeAndMeta : {};
  const properties = Object.entries(schema.properties ?? {}).map(([member, property]) => [
    member,
    field(nodeOf(property, `${name}.${member}`)),
  ]);
  return {
    kind: 'struct',
    name,
    fields: { ...Object.fromEntries(properties), ...meta } as Record<string, FieldNode>,
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    ...(schema['x-kubernetes-preserve-unknown-fields'] ? { open: true } : {}),
  };
}

function listNode(schema: JsonSchema, name: string): ListNode {
  const type = schema['x-kubernetes-list-type'];
  const items = itemSchema(schema);
  return {
    kind: 'list',
    items: items ? nodeOf(items, name) : { kind: 'json' },
    listType: type === 'set' || type === 'map' ? type : 'atomic',
    keys: schema['x-kubernetes-list-map-keys'] ?? [],
    mergeKey: undefined,
    patchStrategy: undefined,
  };
}

function field(type: SchemaNode): FieldNode {
  return {
    id: 0,
    type,
    required: false,
    default: undefined,
    patchStrategy: undefined,
    via: undefined,
    zeroIsUnset: false,
  };
}

/** What every object has, whatever its schema says. */
const typeAndMeta = {
  apiVersion: field({ kind: 'string' }),
  kind: field({ kind: 'string' }),
  metadata: field(DraftMeta.node),
};
