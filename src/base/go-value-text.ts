/** A JSON value as Go's `%v` prints it: `map[a:1]`, `[x y]`, `<nil>`. */
export function goValueText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValueText).join(' ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, inner]) => `${key}:${goValueText(inner)}`).join(' ')}]`;
  }
  return String(value);
}
