/** How large values may be when a schema does not say: as large as a request. Source: apiserver's pkg/cel/limits.go. */
import type { CelType, ListType, MapType, SimpleKind, SimpleType } from './cel-type.ts';
import { celTypes } from './cel-type.ts';
import { maxRequestSizeBytes } from './limits.ts';

/** Bytes of the smallest JSON of a type. */
export const minSizes = { string: 2, bool: 4, number: 1, duration: 3, date: 12, dateTime: 21 } as const;
/** The longest text that fits into a request, without its quotes. */
export const unboundedText = maxRequestSizeBytes - 2;
/** The longest timestamp, and duration, with quotes. */
export const dateTimeSize = 32;

/** A bool or number. Its size is zero, as upstream's types have it. */
export function sizedScalar(kind: Extract<SimpleKind, 'bool' | 'int' | 'double'>): SimpleType {
  return { kind, maxSize: 0, minJsonSize: kind === 'bool' ? minSizes.bool : minSizes.number };
}

/** How a list is bounded and merged. */
export interface ListShape {
  readonly maxItems?: number | undefined;
  readonly listType?: ListType['listType'];
  readonly keys?: readonly string[] | undefined;
}

/** A list with as many elements as fit into a request, unless bounded. Its elements may be defined later. */
export function listOfSize(element: () => CelType, { maxItems, listType, keys }: ListShape = {}): ListType {
  return {
    kind: 'list',
    listType,
    keys,
    minJsonSize: 2,
    get element() {
      return element();
    },
    get maxSize() {
      return maxItems ?? Math.floor((maxRequestSizeBytes - 2) / ((element().minJsonSize ?? 1) + 1));
    },
  };
}

const key: SimpleType = { ...celTypes.string, maxSize: 0, minJsonSize: minSizes.string };

/** A map with as many entries as fit into a request, unless bounded. */
export function mapOfSize(value: () => CelType, bound?: number): MapType {
  return {
    kind: 'map',
    key,
    minJsonSize: 2,
    get value() {
      return value();
    },
    get maxSize() {
      return bound ?? Math.floor((maxRequestSizeBytes - 2) / ((value().minJsonSize ?? 1) + 6));
    },
  };
}
