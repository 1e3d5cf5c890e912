import { decodeStruct } from './decode.ts';
import type { StructNode } from './schema.ts';

/** Decodes a struct that may have no fields but its own, as a configuration must. Throws an Error that names the others. */
export function decodeStrictly(
  node: StructNode,
  value: unknown,
  as: { readonly version: string; readonly kind: string },
): Record<string, unknown> {
  const { object, unknown } = decodeStruct(node, value, as);
  if (unknown.length > 0) throw new Error(`strict decoding error: ${unknown.join(', ')}`);
  return object;
}
