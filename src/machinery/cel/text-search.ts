/** Finds texts in texts in linear time, however both look: JavaScript's own search may take the product of their sizes. */

/** Shorter texts are found faster by JavaScript, and can't cost much. */
const longText = 32;

/** A text to be found. Positions are of UTF-16 code units. */
export class Needle {
  readonly text: string;
  /** For each prefix the length of its longest proper border (Knuth, Morris and Pratt). */
  readonly #borders: Int32Array | undefined;

  constructor(text: string) {
    this.text = text;
    this.#borders = text.length > longText ? bordersOf(text) : undefined;
  }

  /** Where it first is at or after `from`; -1 when nowhere. */
  find(haystack: string, from = 0): number {
    if (!this.#borders) return haystack.indexOf(this.text, from);
    for (const at of this.#places(haystack, from, this.#borders)) return at;
    return -1;
  }

  /** Where it last is at or before `until`; -1 when nowhere. */
  findLast(haystack: string, until = Infinity): number {
    if (!this.#borders) return haystack.lastIndexOf(this.text, until);
    let last = -1;
    for (const at of this.#places(haystack, 0, this.#borders)) {
      if (at > until) break;
      last = at;
    }
    return last;
  }

  /** All places, overlapping ones too. */
  *#places(haystack: string, from: number, borders: Int32Array): Generator<number> {
    const { text } = this;
    let matched = 0;
    for (let at = from; at < haystack.length; at++) {
      const unit = haystack.charCodeAt(at);
      while (matched > 0 && text.charCodeAt(matched) !== unit) matched = borders[matched - 1] ?? 0;
      if (text.charCodeAt(matched) === unit) matched++;
      if (matched < text.length) continue;
      yield at - text.length + 1;
      matched = borders[matched - 1] ?? 0;
    }
  }
}

function bordersOf(text: string): Int32Array {
  const borders = new Int32Array(text.length);
  let length = 0;
  for (let index = 1; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    while (length > 0 && text.charCodeAt(length) !== unit) length = borders[length - 1] ?? 0;
    if (text.charCodeAt(length) === unit) length++;
    borders[index] = length;
  }
  return borders;
}

/** The parts of a text between occurrences of `separator`, `limit` parts at most: the last has the rest. */
export function splitText(text: string, separator: string, limit = Infinity): string[] {
  if (separator.length <= longText && limit === Infinity) return text.split(separator);
  const needle = new Needle(separator);
  const parts: string[] = [];
  let from = 0;
  for (let at = needle.find(text); at >= 0 && parts.length < limit - 1; at = needle.find(text, from)) {
    parts.push(text.slice(from, at));
    from = at + separator.length;
  }
  return [...parts, text.slice(from)];
}
