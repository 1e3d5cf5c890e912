/** The values of string and bytes literals. Source: cel-go's parser/unescape.go. */

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
};

const escapePattern =
  /\\(?:(?<simple>[abfnrtv"'\\?`])|(?<octal>[0-3][0-7][0-7])|[xX](?<byte>[0-9a-fA-F]{2})|u(?<short>[0-9a-fA-F]{4})|U(?<long>[0-9a-fA-F]{8}))/g;

/** The text between the quotes, and whether escapes are to be left alone. */
function bodyOf(literal: string): { readonly body: string; readonly raw: boolean } {
  const text = literal.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  const raw = /^[rR]/.test(text);
  const quoted = raw ? text.slice(1) : text;
  const quote = quoted.startsWith('"""') || quoted.startsWith("'''") ? 3 : 1;
  return { body: quoted.slice(quote, quoted.length - quote), raw };
}

/** The value of a string literal as written; undefined when an escape names no code point. */
export function parseStringLiteral(literal: string): string | undefined {
  const { body, raw } = bodyOf(literal);
  if (raw || !body.includes('\\')) return body;
  let valid = true;
  const value = body.replace(escapePattern, (escape: string) => {
    const simple = simpleEscapes[escape.slice(1)];
    if (simple !== undefined) return simple;
    const code = escapeCode(escape);
    if (code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)) return String.fromCodePoint(code);
    valid = false;
    return '';
  });
  return valid ? value : undefined;
}

function escapeCode(escape: string): number {
  return /^\\[xXuU]/.test(escape) ? Number.parseInt(escape.slice(2), 16) : Number.parseInt(escape.slice(1), 8);
}

/** The value of a bytes literal without its `b`: escapes are bytes, the rest is UTF-8. Undefined: `\u` has no place. */
export function parseBytesLiteral(literal: string): Uint8Array | undefined {
  const { body, raw } = bodyOf(literal);
  const encoder = new TextEncoder();
  if (raw || !body.includes('\\')) return encoder.encode(body);
  const bytes: number[] = [];
  let end = 0;
  for (const match of body.matchAll(escapePattern)) {
    const { simple, short, long } = match.groups ?? {};
    if (short !== undefined || long !== undefined) return undefined;
    bytes.push(...encoder.encode(body.slice(end, match.index)));
    if (simple === undefined) bytes.push(escapeCode(match[0]));
    else bytes.push(...encoder.encode(simpleEscapes[simple]));
    end = match.index + match[0].length;
  }
  bytes.push(...encoder.encode(body.slice(end)));
  return Uint8Array.from(bytes);
}
