/** The types that values have at run time. */
import type { CelType } from './cel-type.ts';
import { formatType } from './cel-type.ts';
import {
  CelDouble,
  CelDuration,
  CelList,
  CelMap,
  CelMessage,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
} from './values.ts';
import type { CelValue } from './values.ts';

const dyn: CelType = { kind: 'dyn' };
const simple = {
  null: { kind: 'null' },
  bool: { kind: 'bool' },
  int: { kind: 'int' },
  uint: { kind: 'uint' },
  double: { kind: 'double' },
  string: { kind: 'string' },
  bytes: { kind: 'bytes' },
  timestamp: { kind: 'timestamp' },
  duration: { kind: 'duration' },
  list: { kind: 'list', element: dyn },
  map: { kind: 'map', key: dyn, value: dyn },
  type: { kind: 'type', of: undefined },
  optional: { kind: 'opaque', name: 'optional_type', parameters: [dyn] },
} as const satisfies Record<string, CelType>;

/** The type of a value as far as it shows: elements are `dyn`. */
export function typeOf(value: CelValue): CelType {
  switch (typeof value) {
    case 'boolean':
      return simple.bool;
    case 'number':
    case 'bigint':
      return simple.int;
    case 'string':
      return simple.string;
    default:
  }
  if (value === null) return simple.null;
  if (value instanceof CelMap) return value instanceof CelMessage ? value.type : simple.map;
  if (value instanceof CelList) return simple.list;
  if (value instanceof CelDouble) return simple.double;
  if (value instanceof CelUint) return simple.uint;
  if (value instanceof Uint8Array) return simple.bytes;
  if (value instanceof CelTimestamp) return simple.timestamp;
  if (value instanceof CelDuration) return simple.duration;
  if (value instanceof CelOptional) return simple.optional;
  if (value instanceof CelTypeValue) return simple.type;
  if (value instanceof CelOpaque) return value.type;
  return dyn;
}

/** The type of a value as errors show it. */
export function describeType(value: CelValue): string {
  return formatType(typeOf(value));
}
