/** Whether two JSON values are equal; the order of an object's members does not matter, and undefined members are absent. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => equalJson(item, b[index]));
  }
  return equalMembers(a as Members, b as Members);
}

type Members = Readonly<Record<string, unknown>>;

/** Whether two objects have equal members, but for those to be passed over. */
export function equalBut(a: object, b: object, isPassedOver: (name: string) => boolean): boolean {
  return equalMembers(a as Members, b as Members, isPassedOver);
}

/** Without lists of the members, which would cost more than comparing them. */
function equalMembers(a: Members, b: Members, isPassedOver?: (name: string) => boolean): boolean {
  for (const key in a) {
    if (isPassedOver?.(key)) continue;
    if (!equalJson(a[key], Object.hasOwn(b, key) ? b[key] : undefined)) return false;
  }
  // The values were compared; comparing them the other way round, too, would double the work at every level.
  for (const key in b) {
    if (b[key] === undefined || isPassedOver?.(key)) continue;
    if (!Object.hasOwn(a, key) || a[key] === undefined) return false;
  }
  return true;
}
