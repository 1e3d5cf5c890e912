/** A value as messages show it. */
export function valueText(value: unknown): string {
  return JSON.stringify(value);
}

/** The type of a value as Go names it. */
export function valueType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
