/** The types of the language, and how they are written in errors. Source: cel-go's common/types and checker/format.go. */

import { keywordField } from './escape-name.ts';

/** Sizes that a schema promises, for cost estimates. */
interface Sized {
  /** The most elements, entries, characters or bytes. Undefined: nothing is known. */
  readonly maxSize?: number | undefined;
  /** The fewest bytes a value takes in JSON. */
  readonly minJsonSize?: number | undefined;
}

/** Types without parameters. `error` is the type of what could not be checked. */
export type SimpleKind =
  | 'dyn'
  | 'any'
  | 'error'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration';

export interface SimpleType extends Sized {
  readonly kind: SimpleKind;
  /** The JSON form of a timestamp: with or without a time of day. */
  readonly format?: 'date' | undefined;
}

/** `list(T)`. A `set` or `map` list compares and concatenates as such (x-kubernetes-list-type). */
export interface ListType extends Sized {
  readonly kind: 'list';
  readonly element: CelType;
  readonly listType?: 'atomic' | 'set' | 'map' | undefined;
  readonly keys?: readonly string[] | undefined;
}

/** `map(K, V)`. */
export interface MapType extends Sized {
  readonly kind: 'map';
  readonly key: CelType;
  readonly value: CelType;
}

/** A field of an object type. */
export interface CelField {
  /** The field's name in JSON; the language sees it escaped. */
  readonly name: string;
  readonly type: CelType;
}

/** An object with declared fields, known by name. Fields are computed on demand, since types may be recursive. */
export interface ObjectType extends Sized {
  readonly kind: 'object';
  readonly name: string;
  /** A field that is null has that value. Without this it counts as absent, as in custom resources. */
  readonly nullFields?: boolean | undefined;
  /** Fields by escaped name. */
  fields(): ReadonlyMap<string, CelField>;
}

/** A type of a library, known by name: `optional_type(T)`, `net.IP`. */
export interface OpaqueType extends Sized {
  readonly kind: 'opaque';
  readonly name: string;
  readonly parameters: readonly CelType[];
}

/** The type of a type. */
export interface TypeType extends Sized {
  readonly kind: 'type';
  readonly of: CelType | undefined;
}

/** A type parameter of a declaration, or a type still to be found. */
export interface ParameterType extends Sized {
  readonly kind: 'param';
  readonly name: string;
}

/** Any type. */
export type CelType = SimpleType | ListType | MapType | ObjectType | OpaqueType | TypeType | ParameterType;

const simple = (kind: SimpleKind): SimpleType => ({ kind });

/** The types without parameters. */
export const celTypes = {
  dyn: simple('dyn'),
  any: simple('any'),
  error: simple('error'),
  null: simple('null'),
  bool: simple('bool'),
  int: simple('int'),
  uint: simple('uint'),
  double: simple('double'),
  string: simple('string'),
  bytes: simple('bytes'),
  timestamp: simple('timestamp'),
  duration: simple('duration'),
} as const;

/** `list(element)`. */
export const listType = (element: CelType): ListType => ({ kind: 'list', element });
/** `map(key, value)`. */
export const mapType = (key: CelType, value: CelType): MapType => ({ kind: 'map', key, value });
/** A library's type. */
export const opaqueType = (name: string, parameters: readonly CelType[] = []): OpaqueType => ({
  kind: 'opaque',
  name,
  parameters,
});
/** `optional_type(T)`. */
export const optionalType = (value: CelType): OpaqueType => opaqueType('optional_type', [value]);
/** A type parameter. */
export const typeParam = (name: string): ParameterType => ({ kind: 'param', name });
/** The type of types. */
export const typeType = (of?: CelType): TypeType => ({ kind: 'type', of });

/** A field by the name that an expression gives it: escaped, or a reserved word as it is. */
export function fieldOf<F>(fields: ReadonlyMap<string, F>, name: string): F | undefined {
  const field = fields.get(name);
  if (field) return field;
  const keyword = keywordField(name);
  return keyword === undefined ? undefined : fields.get(keyword);
}

const noFields: ReadonlyMap<string, CelField> = new Map();

/** An object type; without `fields` one that only a library's functions can look into. */
export function objectType(
  name: string,
  fields: () => ReadonlyMap<string, CelField> = () => noFields,
  { nullFields }: { readonly nullFields?: boolean } = {},
): ObjectType {
  return { kind: 'object', name, fields, nullFields };
}

/** The types inside a type, in order. */
export function parametersOf(type: CelType): readonly CelType[] {
  switch (type.kind) {
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'opaque':
      return type.parameters;
    case 'type':
      return type.of ? [type.of] : [];
    default:
      return [];
  }
}

/** Whether two types are the same; objects and library types by name. */
export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || typeName(a) !== typeName(b)) return false;
  const [left, right] = [parametersOf(a), parametersOf(b)];
  return left.length === right.length && left.every((type, index) => sameType(type, right[index] ?? celTypes.error));
}

/** The name by which a type is known at run time: `google.protobuf.Timestamp`, `null_type`, `list`. */
export function typeName(type: CelType): string {
  switch (type.kind) {
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'any':
      return 'google.protobuf.Any';
    case 'null':
      return 'null_type';
    case 'object':
    case 'opaque':
    case 'param':
      return type.name;
    default:
      return type.kind;
  }
}

/** A type as errors show it. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'error':
      return '!error!';
    case 'object':
    case 'param':
      return type.name;
    case 'list':
    case 'map':
    case 'opaque':
    case 'type': {
      const parameters = parametersOf(type);
      const name = typeName(type);
      return parameters.length === 0 ? name : `${name}(${parameters.map(formatType).join(', ')})`;
    }
    default:
      return type.kind;
  }
}

/** The type inside an optional; undefined when `type` is none. */
export function optionalValue(type: CelType): CelType | undefined {
  return type.kind === 'opaque' && type.name === 'optional_type' ? type.parameters[0] : undefined;
}

/** Whether values of the type are only known at run time. */
export function isDynamic(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'any';
}
