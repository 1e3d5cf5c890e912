/** Turns JSON into objects of a kind: checked, without unknown fields, with defaults, in the kind's field order. */
import { StatusError, messageOf } from '../base/errors.ts';
import { scalarDecoder, zeroOf } from './decode-scalars.ts';
import { TypeMismatch, describeMismatch, joinPath, typeMismatch } from './decode-path.ts';
import type { DecodeContext, FieldStep } from './decode-path.ts';
import type { ApiObject, Resource } from './resource.ts';
import { isJsonObject, unionMember } from './schema.ts';
import type { FieldNode, ListNode, MapNode, SchemaNode, StructNode, Writable } from './schema.ts';

/** What a decode yields: a fresh object that the caller owns, and what was dropped, as `unknown field "spec.x"`. */
export interface Decoded<T> {
  readonly object: Writable<T>;
  readonly unknown: readonly string[];
}

type Decode = (value: unknown, context: DecodeContext) => unknown;

/**
 * Decodes `value` as an object of `resource`. Never keeps a reference into `value`. Throws StatusError BadRequest, worded
 * as upstream words it, when a value has the wrong type.
 */
export function decodeObject<T extends ApiObject, D>(resource: Resource<T, D>, value: unknown): Decoded<T> {
  if (resource.custom) return resource.custom.decode(value) as unknown as Decoded<T>;
  const decoded = decodeStruct(resource.schema, value, resource);
  // apiVersion, kind and metadata come first in the bytes; the store's serialization relies on it.
  const { apiVersion, kind } = resource;
  const object = Object.assign({ apiVersion, kind }, decoded.object, { apiVersion, kind }) as unknown as Writable<T>;
  resource.defaults?.(object);
  return { object, unknown: decoded.unknown };
}

/** Decodes `value` as a struct on its own, such as DeleteOptions; errors name `as`. */
export function decodeStruct(
  node: StructNode,
  value: unknown,
  as: { readonly version: string; readonly kind: string },
): { readonly object: Record<string, unknown>; readonly unknown: readonly string[] } {
  const context: DecodeContext = { path: [], unknown: [] };
  try {
    return { object: structDecoder(node)(value, context), unknown: context.unknown };
  } catch (error) {
    const detail = error instanceof TypeMismatch ? describeMismatch(error, context, as) : messageOf(error);
    throw new StatusError(
      'BadRequest',
      `${as.kind} in version "${as.version}" cannot be handled as a ${as.kind}: ${detail}`,
      {
        cause: error,
      },
    );
  }
}

type StructDecode = (value: unknown, context: DecodeContext) => Record<string, unknown>;

const compiled = new WeakMap<StructNode, StructDecode>();

/** The decoder of a struct: compiled once, on first use, because structs may be recursive. */
function structDecoder(node: StructNode): StructDecode {
  const known = compiled.get(node);
  if (known) return known;
  let ready: StructDecode | undefined;
  const decode: StructDecode = (value, context) => (ready ??= compileStruct(node))(value, context);
  compiled.set(node, decode);
  return decode;
}

interface FieldPlan extends FieldStep {
  readonly decode: Decode;
  /** What an absent field becomes; undefined leaves it out. */
  readonly absent: (() => unknown) | undefined;
  /** Empty lists and maps, and zero values that say nothing, are left out, as Go's omitempty does. */
  readonly omits: ((decoded: unknown) => boolean) | undefined;
}

function compileStruct(node: StructNode): StructDecode {
  const plans = Object.entries(node.fields).map(([name, field]) => planOf(node, name, field));
  const names = new Set(plans.map((plan) => plan.name));
  return (value, context) => {
    const source = value ?? {};
    if (!isJsonObject(source)) throw typeMismatch(value, `v1.${node.name}`);
    const target: Record<string, unknown> = {};
    for (const plan of plans) {
      const decoded = decodeField(plan, source[plan.name], context);
      if (decoded !== undefined) target[plan.name] = decoded;
    }
    for (const name in source) {
      if (!names.has(name) && source[name] !== undefined) reportUnknown(name, context);
    }
    return target;
  };
}

function decodeField(plan: FieldPlan, value: unknown, context: DecodeContext): unknown {
  if (value === undefined || value === null) return plan.absent?.();
  context.path.push(plan);
  const decoded = plan.decode(value, context);
  context.path.pop();
  return plan.omits?.(decoded) ? plan.absent?.() : decoded;
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value as object) return false;
  return true;
}

function reportUnknown(name: string, context: DecodeContext): void {
  if (context.unknown.length < 100)
    context.unknown.push(`unknown field "${joinPath([...context.path, { key: name }])}"`);
}

function planOf(struct: StructNode, name: string, field: FieldNode): FieldPlan {
  const { type } = field;
  return {
    name,
    struct: struct.name,
    decode: decoderOf(type),
    absent: absentValue(field),
    omits: omissionOf(field),
  };
}

function omissionOf({ type, required, default: fallback, zeroIsUnset }: FieldNode): FieldPlan['omits'] {
  if (zeroIsUnset) return isZero;
  const isCollection = type.kind === 'list' || type.kind === 'map';
  return isCollection && !required && fallback === undefined ? isEmpty : undefined;
}

/**
 * A default; or for required fields Go's zero value, so that stored objects have the shape their type promises.
 * A required label selector stays absent: absent and empty mean opposite things.
 */
function absentValue(field: FieldNode): (() => unknown) | undefined {
  const { type, default: fallback } = field;
  if (fallback !== undefined) {
    if (typeof fallback !== 'object' || fallback === null) return () => fallback;
    return () => decoderOf(type)(fallback, { path: [], unknown: [] });
  }
  if (!field.required) return undefined;
  if (type.kind === 'struct') {
    if (type.name === 'LabelSelector') return undefined;
    return () => structDecoder(type)({}, { path: [], unknown: [] });
  }
  if (type.kind === 'list') return () => [];
  if (type.kind === 'map') return () => ({});
  const zero = zeroOf(type.kind);
  return zero === undefined ? undefined : () => zero;
}

function decoderOf(node: SchemaNode): Decode {
  switch (node.kind) {
    case 'struct':
      return node.union ? unionDecoder(node) : structDecoder(node);
    case 'list':
      return listDecoder(node);
    case 'map':
      return mapDecoder(node);
    default:
      return scalarDecoder(node.kind);
  }
}

/** Source: apiextensions' JSONSchemaPropsOrBool and its like. */
function unionDecoder(node: StructNode): Decode {
  return (value, context) => {
    const member = unionMember(node, value);
    if (!member) throw new Error('boolean or JSON schema expected');
    return decoderOf(member[1].type)(value, context);
  };
}

function listDecoder(node: ListNode): Decode {
  const decode = decoderOf(node.items);
  const zero = itemZero(node.items);
  const type = goType(node);
  return (value, context) => {
    if (!Array.isArray(value)) throw typeMismatch(value, type);
    const items: unknown[] = [];
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      context.path.push(i);
      items.push(item === null || item === undefined ? zero(context) : decode(item, context));
      context.path.pop();
    }
    return items;
  };
}

function mapDecoder(node: MapNode): Decode {
  const decode = decoderOf(node.values);
  const zero = itemZero(node.values);
  const type = goType(node);
  return (value, context) => {
    if (!isJsonObject(value)) throw typeMismatch(value, type);
    const target: Record<string, unknown> = {};
    for (const key of sortedKeys(value)) {
      const member = value[key];
      if (member === undefined) continue;
      context.path.push({ key });
      const decoded = member === null ? zero(context) : decode(member, context);
      context.path.pop();
      // Plain assignment to this name would set the prototype instead.
      if (key === '__proto__') Object.defineProperty(target, key, { value: decoded, enumerable: true });
      else target[key] = decoded;
    }
    return target;
  };
}

/** Sorted as Go marshals maps, so that equal objects have equal bytes. */
function sortedKeys(value: object): string[] {
  const keys = Object.keys(value);
  for (let i = 1; i < keys.length; i++) if (keys[i]! < keys[i - 1]!) return keys.sort();
  return keys;
}

function itemZero(node: SchemaNode): (context: DecodeContext) => unknown {
  if (node.kind === 'struct') return (context) => structDecoder(node)({}, context);
  if (node.kind === 'list') return () => [];
  if (node.kind === 'map') return () => ({});
  const zero = elementZeros[node.kind] ?? zeroOf(node.kind) ?? null;
  return () => zero;
}

/** What null stands for as an element, of kinds whose zero is not written as a field. */
const elementZeros: Partial<Record<SchemaNode['kind'], string | number>> = { bytes: '', quantity: '0', intOrString: 0 };

function goType(node: SchemaNode): string {
  switch (node.kind) {
    case 'struct':
      return `v1.${node.name}`;
    case 'list':
      return `[]${goType(node.items)}`;
    case 'map':
      return `map[string]${goType(node.values)}`;
    case 'double':
      return 'float64';
    case 'bytes':
      return '[]uint8';
    case 'time':
    case 'microTime':
    case 'duration':
      return `v1.${node.kind[0]!.toUpperCase()}${node.kind.slice(1)}`;
    case 'quantity':
      return 'resource.Quantity';
    case 'intOrString':
      return 'intstr.IntOrString';
    case 'json':
      return 'runtime.RawExtension';
    default:
      return node.kind;
  }
}
