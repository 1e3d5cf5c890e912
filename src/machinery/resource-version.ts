/**
 * Orders two resource versions: negative, zero or positive. They are decimal numbers of any length; '' comes before
 * all. Source: KEP-5504, which makes versions comparable.
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
