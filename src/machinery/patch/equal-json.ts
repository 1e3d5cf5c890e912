/** Whether two JSON values are equal; the order of an object's members does not matter, and undefined members are absent. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => equalJson(item, b[index]));
  }
  // The values were compared; comparing them the other way round, too, would double the work at every level.
  return contains(a, b) && Object.entries(b).every(([key, value]) => value === undefined || isPresent(a, key));
}

function contains(a: object, b: object): boolean {
  for (const [key, value] of Object.entries(a)) {
    const other: unknown = Object.hasOwn(b, key) ? (b as Record<string, unknown>)[key] : undefined;
    if (!equalJson(value, other)) return false;
  }
  return true;
}

function isPresent(object: object, key: string): boolean {
  return Object.hasOwn(object, key) && (object as Record<string, unknown>)[key] !== undefined;
}
