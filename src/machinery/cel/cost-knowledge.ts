/** What cost estimates know of values: sizes that schemas promise, and those of what expressions make. */
import type { CostNode, Range } from './call-cost.ts';
import { anySize, exactly } from './call-cost.ts';
import type { CelType } from './cel-type.ts';
import { fieldOf, optionalValue, parametersOf } from './cel-type.ts';

/** What is known of a value: the schema's type of it, its size, and the sizes of what is inside. */
export interface Known {
  readonly size?: Range | undefined;
  /** The size of a local variable when nothing else tells one. */
  readonly fallback?: Range | undefined;
  readonly entries?: Entries | undefined;
  /** The type in the schema, when it was reached by a path from a variable. */
  readonly declared?: CelType | undefined;
  readonly path: boolean;
}

/** Sizes of the keys and values of a container that the expression makes. */
export interface Entries {
  readonly kind: 'list' | 'map';
  readonly key: Range;
  readonly value: Range;
}

/** The type of a field in the schema. */
export function fieldType(type: CelType, name: string): CelType | undefined {
  return type.kind === 'object' ? fieldOf(type.fields(), name)?.type : undefined;
}

/** The type of a list's elements or a map's values in the schema. */
export function elementType(type: CelType): CelType | undefined {
  if (type.kind === 'list') return type.element;
  return type.kind === 'map' ? type.value : undefined;
}

/** The type of a map's keys in the schema. */
export function keyType(type: CelType): CelType | undefined {
  return type.kind === 'map' ? type.key : undefined;
}

/** The size that a schema promises. Where sizes are promised at all, scalars have none: upstream says zero. */
export function declaredSize({ maxSize }: CelType): Range | undefined {
  return maxSize === undefined ? undefined : { min: 0, max: maxSize };
}

/** The size of scalars, which every value of their type has. */
export function typeSize(type: CelType): Range | undefined {
  const inner = optionalValue(type);
  if (inner) return typeSize(inner);
  return ['bool', 'double', 'duration', 'int', 'timestamp', 'uint'].includes(type.kind) ? exactly(1) : undefined;
}

/** An element of a list as library functions ask for it: known by its type, and sized by the schema. */
export function elementNode(type: CelType, { declared }: Known): CostNode | undefined {
  const [element] = parametersOf(type);
  if (!element) return undefined;
  const declaredElement = declared && elementType(declared);
  const size = declaredElement && declaredSize(declaredElement);
  return {
    type: element,
    size: size ?? anySize,
    sized: size !== undefined,
    literal: undefined,
    element: () => undefined,
  };
}
