/** Strings as Go writes them with `%q`. */

const short: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** A double-quoted string literal. */
export function goQuote(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is quoted
  const body = text.replace(/[\u0000-\u001f\u007f\\"]/g, (character) => {
    return short[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${body}"`;
}
