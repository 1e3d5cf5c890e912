export { goValueText } from '../../base/go-value-text.ts';

/** How JSON is laid out. */
export interface JsonLayout {
  /** What each level is indented by; '' writes one line. */
  readonly step: string;
  /** Keys in code point order, as Go writes maps; false keeps their order, as Go writes structs. */
  readonly sorted: boolean;
}

const oneLine: JsonLayout = { step: '', sorted: true };

/** JSON as Go writes it, with `<`, `>` and `&` escaped; in one line of sorted keys by default. */
export function toGoJson(value: unknown, layout: JsonLayout = oneLine): string {
  return write(value, layout, '');
}

/** JSON as `-o json` prints it: indented by four spaces, with a newline at the end. */
export function toPrettyJson(value: unknown, sorted = true): string {
  return `${toGoJson(value, { step: '    ', sorted })}\n`;
}

function write(value: unknown, layout: JsonLayout, indent: string): string {
  const { step } = layout;
  if (Array.isArray(value)) {
    return block(
      '[',
      ']',
      value.map((inner) => write(inner, layout, indent + step)),
      { step, indent },
    );
  }
  if (typeof value === 'object' && value !== null) {
    const present = Object.entries(value).filter(([, inner]) => inner !== undefined);
    const entries = layout.sorted ? present.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) : present;
    const lines = entries.map(
      ([key, inner]) => `${text(key)}:${step ? ' ' : ''}${write(inner, layout, indent + step)}`,
    );
    return block('{', '}', lines, { step, indent });
  }
  return typeof value === 'string' ? text(value) : (JSON.stringify(value) ?? 'null');
}

function block(
  open: string,
  close: string,
  parts: readonly string[],
  layout: { step: string; indent: string },
): string {
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
