import { compareQuantities } from '../../machinery/quantity.ts';

/** Orders values as `--sort-by` does: numbers, times and quantities by value, texts with numbers inside by number. */
export function compareNaturally(left: unknown, right: unknown): number {
  if (left === undefined || left === null) return right === undefined || right === null ? 0 : -1;
  if (right === undefined || right === null) return 1;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return compareTexts(String(left), String(right));
}

const quantityForm = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+|[KMGTPE]i|[numkMGTPE])?$/;

function compareTexts(left: string, right: string): number {
  if (quantityForm.test(left) && quantityForm.test(right)) return compareQuantities(left, right);
  const [a, b] = [chunks(left), chunks(right)];
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [x = '', y = ''] = [a[at], b[at]];
    if (x === y) continue;
    if (/^\d/.test(x) && /^\d/.test(y)) {
      const difference = BigInt(x) - BigInt(y);
      if (difference !== 0n) return difference < 0n ? -1 : 1;
      return x.length - y.length;
    }
    return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

function chunks(text: string): readonly string[] {
  return text.match(/\d+|\D+/g) ?? [];
}
