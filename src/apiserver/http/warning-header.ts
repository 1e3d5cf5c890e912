/** The Warning header. Source: RFC 9111; apiserver's endpoints/filters/warning.go, apimachinery's util/net. */

/** Characters of all warnings together, from which on each is cut off, and of each then. */
const charactersInAll = 4096;
const charactersOfEach = 256;

/** The header that tells a client what to be warned of; nothing without warnings. */
export function warningHeader(warnings: readonly string[]): { readonly warning?: readonly string[] } {
  const texts = [...new Set(warnings.filter((text) => text !== ''))];
  if (texts.length === 0) return {};
  const total = texts.reduce((sum, text) => sum + text.length, 0);
  if (total <= charactersInAll) return { warning: texts.map(warningOf) };
  const short = texts.map((text) => [...text].slice(0, charactersOfEach).join(''));
  return { warning: short.slice(0, charactersInAll / charactersOfEach).map(warningOf) };
}

function warningOf(text: string): string {
  // Whoever writes warnings may have quoted what a client sent.
  const printable = text.replaceAll(/\p{Cc}+/gu, ' ');
  return inHeader(`299 - "${printable.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
}

/** Node writes the lower byte of each character: a character for each byte of the text makes that its UTF-8. */
function inHeader(text: string): string {
  return Buffer.from(text).toString('latin1');
}
