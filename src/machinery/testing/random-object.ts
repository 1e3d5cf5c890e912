/** Random values of a type, in the canonical form in which they are stored, for tests that try many. */
import { timestamp } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { formatDuration } from '../duration.ts';
import { canonicalQuantity } from '../quantity.ts';
import type { FieldNode, ListNode, ScalarKind, ScalarNode, SchemaNode, StructNode } from '../schema.ts';

/** Structs are nested at most so deep; recursive types would never end. */
const maxDepth = 8;

/** A random value of a struct: each optional field is there or not. kind and apiVersion are left out. */
export function randomObject(node: StructNode, random: Random): Record<string, unknown> {
  return randomStruct(node, { random, depth: 0 });
}

interface Context {
  readonly random: Random;
  readonly depth: number;
}

function randomStruct(node: StructNode, { random, depth }: Context): Record<string, unknown> {
  const context = { random, depth: depth + 1 };
  const made: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(node.fields)) {
    const value = field.id === 0 ? undefined : randomField(field, context);
    if (value !== undefined) made[name] = value;
  }
  return made;
}

function randomField({ type, required }: FieldNode, context: Context): unknown {
  // Wide types stay small: the deeper, the fewer of the fields that may be absent are there.
  if (!required && !chance(context, 0.6 / context.depth)) return undefined;
  return randomValue(type, context);
}

function randomValue(type: SchemaNode, context: Context): unknown {
  switch (type.kind) {
    case 'struct':
      return type.union ? randomUnion(type, context) : context.depth > maxDepth ? {} : randomStruct(type, context);
    case 'list':
      return randomList(type, context);
    case 'map':
      return Object.fromEntries(
        some(context)
          .map(() => key(context))
          .toSorted()
          .map((name) => [name, randomValue(type.values, context)]),
      );
    default:
      return randomScalar(type, context);
  }
}

function randomUnion(node: StructNode, context: Context): unknown {
  const members = Object.values(node.fields);
  const { type } = members[below(context, members.length)]!;
  return context.depth > maxDepth && type.kind !== 'bool' ? {} : randomValue(type, context);
}

function randomList({ items }: ListNode, context: Context): unknown[] {
  return some(context).map(() => randomValue(items, context));
}

function randomScalar({ kind, values }: ScalarNode, context: Context): unknown {
  if (values && values.length > 0) return values[below(context, values.length)];
  return scalars[kind](context);
}

const scalars: Readonly<Record<ScalarKind, (context: Context) => unknown>> = {
  string: text,
  int32: (context) => integer(context, 2 ** 31),
  int64: (context) => integer(context, Number.MAX_SAFE_INTEGER),
  double: (context) => (chance(context, 0.3) ? below(context, 100) : integer(context, 2 ** 20) / 7),
  bool: (context) => chance(context, 0.5),
  bytes: (context) =>
    Buffer.from(Array.from({ length: below(context, 40) }, () => below(context, 256))).toString('base64'),
  time: (context) => timestamp(below(context, 4_000_000_000) * 1000),
  microTime: (context) =>
    timestamp(below(context, 4_000_000_000) * 1000).replace('Z', `.${String(below(context, 1e6)).padStart(6, '0')}Z`),
  duration: (context) => formatDuration(below(context, 1e9)),
  quantity: (context) => canonicalQuantity(`${below(context, 5000)}${['', 'm', 'Ki', 'Mi', 'Gi'][below(context, 5)]}`),
  intOrString: (context) => (chance(context, 0.5) ? integer(context, 2 ** 31) : text(context)),
  json: (context) => ({ kind: 'Anything', [key(context)]: [text(context), integer(context, 100), null, { a: true }] }),
};

const words = [
  '',
  'a',
  'default',
  'kube-system',
  'Grüße',
  '日本語',
  '🚢 ahoy',
  'x: {y}\n- "z"',
  'true',
  '12',
  'null',
  '~',
];

function text(context: Context): string {
  const word = words[below(context, words.length)]!;
  return chance(context, 0.1) ? word.repeat(below(context, 50)) : word;
}

function key(context: Context): string {
  return `${['app', 'example.com/Kx', 'Ünï', 'a.b_c', 'k'][below(context, 5)]}${below(context, 30)}`;
}

/** Whole numbers of every size, of both signs; small ones are the most likely. */
function integer(context: Context, limit: number): number {
  const size = Math.floor(limit ** context.random.next()) - 1;
  return chance(context, 0.2) ? -size - 1 : size;
}

function some(context: Context): readonly undefined[] {
  return Array.from({ length: 1 + below(context, 3) }, () => undefined);
}

function below({ random }: Context, limit: number): number {
  return Math.floor(random.next() * limit);
}

function chance({ random }: Context, probability: number): boolean {
  return random.next() < probability;
}
