/**
 * Objects in which every field is filled in, by the rule that upstream's round-trip fixtures follow, so that codecs can be
 * compared with upstream's byte for byte. Source: apimachinery's apitesting/roundtrip, CompatibilityTestObject.
 */
import type { FieldNode, ScalarKind, SchemaNode, StructNode } from '../schema.ts';

/** What a value is filled from: the JSON name and the protobuf number of its field. */
interface Origin {
  readonly name: string;
  readonly id: number;
}

/** The fully populated value of a struct, without kind and apiVersion. */
export function filledObject(node: StructNode): Record<string, unknown> {
  return filledStruct(node, []);
}

function filledStruct(node: StructNode, outer: readonly string[]): Record<string, unknown> {
  const path = [...outer, node.name];
  const filled: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(node.fields)) {
    const value = field.id === 0 ? undefined : filledField(name, field, path);
    if (value !== undefined) filled[name] = value;
  }
  return filled;
}

function filledField(name: string, { type, id }: FieldNode, path: readonly string[]): unknown {
  // A type is not filled within itself: pointers to it stay empty, elements are there but empty.
  if (type.kind === 'struct' && path.includes(type.name)) return undefined;
  return filledValue(type, { name, id }, path);
}

function filledValue(type: SchemaNode, origin: Origin, path: readonly string[]): unknown {
  switch (type.kind) {
    case 'struct':
      return path.includes(type.name) ? {} : filledStruct(type, path);
    case 'list':
      return [filledValue(type.items, origin, path)];
    case 'map':
      // Times as values of maps are left at zero.
      return { [`${origin.name}Key`]: type.values.kind === 'time' ? null : filledValue(type.values, origin, path) };
    default:
      return fillers[type.kind](origin);
  }
}

const fillers: Readonly<Record<ScalarKind, (origin: Origin) => unknown>> = {
  string: ({ name }) => `${name}Value`,
  int32: ({ id }) => id,
  int64: ({ id }) => id,
  double: ({ id }) => id + 0.5,
  bool: () => true,
  bytes: ({ id }) => Buffer.from([id]).toString('base64'),
  time: ({ id }) => `${2000 + id}-01-01T01:01:01Z`,
  microTime: ({ id }) => `${2000 + id}-01-01T01:01:01.${String(id).padStart(6, '0')}Z`,
  duration: () => '1ns',
  quantity: () => '0',
  intOrString: ({ name }) => `${name}Value`,
  json({ name }) {
    if (name === 'fieldsV1') return {};
    const spec = { replicas: 1 };
    return { apiVersion: 'example.com/v1', kind: 'CustomType', spec, status: { available: 1 } };
  },
};
