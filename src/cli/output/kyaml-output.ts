/** The value as `-o kyaml` prints it: YAML in flow style, with all strings quoted. */
export function toKyaml(value: unknown, sorted = true): string {
  return `---\n${node(value, { sorted, level: 0 })}\n`;
}

interface Place {
  /** Keys in code point order, as Go writes maps. */
  readonly sorted: boolean;
  readonly level: number;
}

const indent = (level: number): string => '  '.repeat(level);

function node(value: unknown, place: Place): string {
  if (Array.isArray(value)) return sequence(value, place);
  if (typeof value === 'object' && value !== null) return mapping(value, place);
  return typeof value === 'string' ? stringText(value, place.level + 1) : (JSON.stringify(value) ?? 'null');
}

/** Lists of maps and lists share their lines with the brackets of these. */
function sequence(items: readonly unknown[], place: Place): string {
  if (items.length === 0) return '[]';
  if (items.every((item) => typeof item === 'object' && item !== null)) {
    return `[${items.map((item) => node(item, place)).join(', ')}]`;
  }
  const inner = { ...place, level: place.level + 1 };
  const lines = items.map((item) => `${indent(inner.level)}${node(item, inner)},\n`);
  return `[\n${lines.join('')}${indent(place.level)}]`;
}

function mapping(value: object, place: Place): string {
  const present = Object.entries(value).filter(([, inner]) => inner !== undefined);
  if (present.length === 0) return '{}';
  const entries = place.sorted ? present.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) : present;
  const inner = { ...place, level: place.level + 1 };
  const lines = entries.map(([key, one]) => `${indent(inner.level)}${keyText(key)}: ${node(one, inner)},\n`);
  return `{\n${lines.join('')}${indent(place.level)}}`;
}

const foldedLine = '\\\n';

/** A quoted string; one of several lines is folded, so that it shows as such and reads back as it was. */
function stringText(value: string, level: number): string {
  if (!value.includes('\n')) return `"${escaped(value)}"`;
  const lines = value.split('\n');
  const last = lines.pop();
  const shown = lines.map((line) => `${lineStart(line, level)}${escaped(line)}\\n${foldedLine}`);
  const rest = last ? `${lineStart(last, level)}${escaped(last)}${foldedLine}` : '';
  return `"${foldedLine}${shown.join('')}${rest}${indent(level)}"`;
}

/**
 * White space at the start of a folded line would be lost, were it not escaped. What has an escape of its own gets no
 * other here: upstream writes two, and the text reads back as another one.
 */
function lineStart(line: string, level: number): string {
  return indent(level) + (/^[ \t]/.test(line) ? '\\' : ' ');
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\v': '\\v',
  '\0': '\\0',
  '\x1b': '\\e',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
  '"': '\\"',
  '\\': '\\\\',
};

function escaped(text: string): string {
  return text.replaceAll(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} \t]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = (width: number): string => code.toString(16).padStart(width, '0');
    return (
      shortEscapes[character] ??
      (code < 0x20 || code === 0x7f ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`)
    );
  });
}

/** A key; without quotes when no reader of YAML can take it for anything but a string. */
function keyText(key: string): string {
  const safe = /^[\p{L}\p{N}_]([\p{L}\p{N}_\-./]*[\p{L}\p{N}_])?$/u.test(key);
  return safe && !looksLikeOtherType(key) ? key : `"${escaped(key)}"`;
}

function looksLikeOtherType(text: string): boolean {
  if (/^(null|t|f|true|false|y|n|yes|no|on|off)$/i.test(text)) return true;
  if (/^\d{4}-\d{1,2}-\d{1,2}$/.test(text)) return isDate(text);
  const digits = text.replaceAll('_', '');
  const named = /^(inf|infinity|nan)$/i.test(digits);
  const hexFloat = /^0x[\da-f]*(\.[\da-f]*)?p[+-]?\d+$/i.test(digits);
  return named || hexFloat || (digits !== '' && Number.isFinite(Number(digits)));
}

function isDate(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
