/** How large a YAML document is once its aliases are written out: a few lines can stand for more than fits in memory. */
import { isJsonObject } from '../../machinery/schema.ts';

/** Bounds of a document without aliases. */
export interface ExpansionLimits {
  /** Characters, about. */
  readonly size: number;
  readonly depth: number;
}

interface Extent {
  readonly size: number;
  readonly height: number;
}

/** Throws an Error, worded as go-yaml's, for a value that contains itself, or grows beyond the limits by aliases. */
export function refuseExpansion(value: unknown, limits: ExpansionLimits): void {
  // A part that several aliases lead to is the same object, and measured once.
  const measured = new Map<object, Extent | 'open'>();
  const measure = (part: unknown, depth: number): Extent => {
    if (typeof part === 'string') return { size: part.length + 3, height: 0 };
    if (typeof part !== 'object' || part === null) return { size: 6, height: 0 };
    let extent = measured.get(part);
    if (extent === 'open') throw new Error('anchor value contains itself');
    if (!extent) {
      measured.set(part, 'open');
      extent = extentOf(part, depth);
      measured.set(part, extent);
    }
    if (extent.size > limits.size || depth + extent.height > limits.depth) throw excessive();
    return extent;
  };
  const extentOf = (part: object, depth: number): Extent => {
    if (depth > limits.depth) throw excessive();
    let size = 2;
    let height = 0;
    const add = (child: unknown): void => {
      const extent = measure(child, depth + 1);
      size += extent.size;
      height = Math.max(height, extent.height + 1);
      if (size > limits.size) throw excessive();
    };
    if (Array.isArray(part)) for (const item of part) add(item);
    else if (isJsonObject(part)) {
      for (const key of Object.keys(part)) {
        size += key.length + 4;
        add(part[key]);
      }
    }
    return { size, height };
  };
  measure(value, 1);
}

function excessive(): Error {
  return new Error('document contains excessive aliasing');
}
