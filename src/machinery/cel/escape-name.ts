/** Field names as identifiers of the language. Source: apiserver's pkg/cel/escaping.go. */

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const escapes: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};
const unescapes = new Map(Object.entries(escapes).map(([text, escape]) => [escape, text]));

/** The identifier of a field name; undefined for names that expressions can't reach. */
export function escapeCelName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_.\-/][A-Za-z0-9_.\-/]*$/.test(name)) return undefined;
  return name.replace(/__|[.\-/]/g, (part) => escapes[part] ?? part);
}

/** The escaped form under which a reserved word used as a field name is declared; undefined for other names. */
export function keywordField(name: string): string | undefined {
  return reserved.has(name) ? `__${name}__` : undefined;
}

/** The field name of an identifier; undefined when its escapes are malformed. */
export function unescapeCelName(identifier: string): string | undefined {
  let valid = true;
  const name = identifier.replace(/__[^_]+__/g, (part) => {
    const text = unescapes.get(part);
    if (text !== undefined) return text;
    const word = part.slice(2, -2);
    if (!reserved.has(word) || part !== identifier) valid = false;
    return word;
  });
  return valid ? name : undefined;
}
