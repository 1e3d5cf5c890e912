/** JSON as Go writes it: keys sorted by code point, `<`, `>` and `&` escaped. `indent` '' gives one line. */
export function toGoJson(value: unknown, indent = ''): string {
  return write(value, indent, '');
}

/** JSON as `-o json` prints it: indented by four spaces, with a newline at the end. */
export function toPrettyJson(value: unknown): string {
  return `${toGoJson(value, '    ')}\n`;
}

function write(value: unknown, step: string, indent: string): string {
  if (Array.isArray(value)) {
    return block('[', ']', value.map((inner) => write(inner, step, indent + step)), { step, indent });
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, inner]) => `${text(key)}:${step ? ' ' : ''}${write(inner, step, indent + step)}`);
    return block('{', '}', entries, { step, indent });
  }
  return typeof value === 'string' ? text(value) : (JSON.stringify(value) ?? 'null');
}

function block(open: string, close: string, parts: readonly string[], layout: { step: string; indent: string }): string {
  if (parts.length === 0) return open + close;
  const { step, indent } = layout;
  if (!step) return open + parts.join(',') + close;
  return `${open}\n${parts.map((part) => indent + step + part).join(',\n')}\n${indent}${close}`;
}

function text(value: string): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

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
