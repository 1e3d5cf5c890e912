/** How large values are. */
import { CelList, CelMap, CelOpaque, CelOptional } from './values.ts';
import type { CelValue } from './values.ts';

/** Characters (code points) of a string. */
export function characterCount(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = text.charCodeAt(index + 1);
      if (next >= 0xdc00 && next <= 0xdfff) {
        count--;
        index++;
      }
    }
  }
  return count;
}

/** What costs are computed with: characters, bytes, elements, entries; 1 for everything else. */
export function sizeForCost(value: CelValue): number {
  if (typeof value === 'string') return characterCount(value);
  if (typeof value !== 'object' || value === null) return 1;
  if (value instanceof CelList || value instanceof CelMap || value instanceof CelOpaque) return value.size;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof CelOptional) return value.value === undefined ? 1 : sizeForCost(value.value);
  return 1;
}
