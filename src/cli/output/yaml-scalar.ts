/** How strings look in kubectl's YAML. Source: go-yaml v2's resolver and emitter, as sigs.k8s.io/yaml uses them. */

/** Where a scalar is written. */
export interface ScalarPlace {
  /** Spaces before continuation lines. */
  readonly indent: string;
  /** Characters already on the line. */
  readonly column: number;
  readonly isKey: boolean;
}

const bestWidth = 80;
const words = new Set(
  'y Y yes Yes YES on On ON n N no No NO off Off OFF true True TRUE false False FALSE ~ null Null NULL'.split(' '),
);
const specialFloats = new Set('.nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF'.split(' '));
const integer = /^[-+]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/;
const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const day = String.raw`\d{4}-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01])`;
const clock = String.raw`(?:[01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d(?:\.\d+)?`;
const timestamp = new RegExp(`^${day}(?:[Tt]${clock}(?:Z|[-+]\\d\\d:\\d\\d)| ${clock})?$`);

/** The text of a string as go-yaml writes it at a place, quoted and folded as it must be. */
export function scalarText(value: string, place: ScalarPlace): string {
  const traits = traitsOf(value);
  if (value.includes('\n')) {
    return traits.blockAllowed && !place.isKey ? literalText(value, place) : doubleQuoted(value, place);
  }
  if (looksTyped(value)) return doubleQuoted(value, place);
  if (traits.plainAllowed) return folded(value, place, (i, text) => text[i + 1] !== ' ');
  return traits.singleAllowed ? singleQuoted(value, place) : doubleQuoted(value, place);
}

/** Whether a plain scalar of this text would be read as something other than a string. */
function looksTyped(value: string): boolean {
  if (value === '' || words.has(value) || specialFloats.has(value) || base60.test(value)) return true;
  if (/^\.[0-9]/.test(value)) return float.test(value);
  if (!/^[-+0-9]/.test(value)) return false;
  const plain = value.replaceAll('_', '');
  return integer.test(plain) || float.test(plain) || timestamp.test(value);
}

interface ScalarTraits {
  readonly plainAllowed: boolean;
  readonly singleAllowed: boolean;
  readonly blockAllowed: boolean;
}

function traitsOf(value: string): ScalarTraits {
  const special =
    /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u.test(value) || / [\n\x85\u2028\u2029]/.test(value);
  const breakSpace = /[\n\x85\u2028\u2029] /.test(value);
  const edges = /^[ \n]|[ \n]$/.test(value);
  return {
    plainAllowed: !special && !edges && !value.includes('\n') && !hasIndicators(value),
    singleAllowed: !special && !breakSpace,
    blockAllowed: !special && !value.endsWith(' '),
  };
}

function hasIndicators(value: string): boolean {
  return (
    /^(?:---|\.\.\.)/.test(value) ||
    /^[#,[\]{}&*!|>'"%@`]/.test(value) ||
    /^[?:-](?:[ \t\n\r]|$)/.test(value) ||
    /:(?:[ \t\n\r]|$)/.test(value) ||
    /[ \t\n\r]#/.test(value)
  );
}

function literalText(value: string, { indent }: ScalarPlace): string {
  const leads = /^[ \n]/.test(value) ? '2' : '';
  const chomp = !value.endsWith('\n') ? '-' : value === '\n' || value.endsWith('\n\n') ? '+' : '';
  const lines = (value.endsWith('\n') ? value.slice(0, -1) : value).split('\n');
  return `|${leads}${chomp}\n${lines.map((line) => (line === '' ? '' : indent + line)).join('\n')}`;
}

function singleQuoted(value: string, place: ScalarPlace): string {
  const inner = folded(
    value,
    { ...place, column: place.column + 1 },
    (i, text) => i > 0 && i < text.length - 1 && text[i + 1] !== ' ',
    (character) => (character === "'" ? "''" : character),
  );
  return `'${inner}'`;
}

/** Writes text, breaking lines at spaces beyond the best width, as libyaml does: only after it is exceeded. */
function folded(
  value: string,
  place: ScalarPlace,
  mayBreak: (index: number, text: string) => boolean,
  write: (character: string) => string = (character) => character,
): string {
  let column = place.column;
  if (place.isKey || column + value.length <= bestWidth) return [...value].map(write).join('');
  let output = '';
  let spaces = false;
  let index = 0;
  for (const character of value) {
    if (character === ' ' && !spaces && column > bestWidth && mayBreak(index, value)) {
      output += `\n${place.indent}`;
      column = place.indent.length;
    } else {
      const written = write(character);
      output += written;
      column += written.length;
    }
    spaces = character === ' ';
    index += character.length;
  }
  return output;
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function doubleQuoted(value: string, place: ScalarPlace): string {
  let output = '"';
  let column = place.column + 1;
  let spaces = false;
  let index = 0;
  for (const character of value) {
    const inside = index > 0 && index < value.length - 1;
    if (character === ' ' && !place.isKey && !spaces && column > bestWidth && inside) {
      const more = value[index + 1] === ' ' ? '\\' : '';
      output += `\n${place.indent}${more}`;
      column = place.indent.length + more.length;
    } else {
      const written = escaped(character);
      output += written;
      column += written.length;
    }
    spaces = character === ' ';
    index += character.length;
  }
  return `${output}"`;
}

function escaped(character: string): string {
  const known = escapes[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  if (/[\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u.test(character)) return character;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
