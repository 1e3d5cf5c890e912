/** The types of the language for our own schemas. Sizes are what fits into a request. Source: apiserver's pkg/cel/common. */
import type { FieldNode, ScalarNode, SchemaNode, StructNode } from '../schema.ts';
import type { CelField, CelType } from './cel-type.ts';
import { celTypes } from './cel-type.ts';
import { escapeCelName } from './escape-name.ts';
import { dateTimeSize, listOfSize, mapOfSize, minSizes, sizedScalar, unboundedText } from './type-sizes.ts';

const known = new WeakMap<SchemaNode, CelType>();

/** The type of values of a schema node. Structs are object types by their names. */
export function celTypeOf(node: SchemaNode): CelType {
  let type = known.get(node);
  if (!type) {
    type = typeOf(node);
    known.set(node, type);
  }
  return type;
}

function typeOf(node: SchemaNode): CelType {
  switch (node.kind) {
    case 'struct':
      return structType(node);
    case 'list':
      return listOfSize(() => celTypeOf(node.items), { listType: node.listType, keys: node.keys });
    case 'map':
      return mapOfSize(() => celTypeOf(node.values));
    default:
      return scalarType(node);
  }
}

function scalarType({ kind, values }: ScalarNode): CelType {
  switch (kind) {
    case 'bool':
      return sizedScalar('bool');
    case 'int32':
    case 'int64':
      return sizedScalar('int');
    case 'double':
      return sizedScalar('double');
    case 'bytes':
      return { kind: 'bytes', maxSize: unboundedText, minJsonSize: minSizes.string };
    case 'time':
    case 'microTime':
      return { kind: 'timestamp', maxSize: dateTimeSize, minJsonSize: minSizes.dateTime };
    case 'intOrString':
      return { kind: 'dyn', maxSize: unboundedText, minJsonSize: 1 };
    case 'json':
      return celTypes.dyn;
    // Quantities and Go durations are strings to expressions, as their OpenAPI schema says.
    case 'string':
    case 'quantity':
    case 'duration': {
      const longest = values && Math.max(0, ...values.map(({ length }) => length));
      return { kind: 'string', maxSize: longest ?? unboundedText, minJsonSize: minSizes.string };
    }
  }
}

function structType(node: StructNode): CelType {
  let fields: ReadonlyMap<string, CelField> | undefined;
  return {
    kind: 'object',
    name: node.name,
    minJsonSize: minStructSize(node),
    fields: () => (fields ??= fieldsOf(node.fields)),
  };
}

function fieldsOf(fields: Readonly<Record<string, FieldNode>>): ReadonlyMap<string, CelField> {
  return new Map(
    Object.entries(fields).flatMap(([name, { type }]) => {
      const escaped = escapeCelName(name);
      return escaped === undefined ? [] : [[escaped, { name, type: celTypeOf(type) }] as const];
    }),
  );
}

/** `{}` and the required fields without defaults, each as small as can be. Structs within count as `{}`. */
function minStructSize({ fields }: StructNode): number {
  const required = Object.entries(fields).filter(([, field]) => field.required && field.default === undefined);
  return required.reduce((size, [name]) => size + name.length + 4 + 1, 2);
}
