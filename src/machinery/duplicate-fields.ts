/**
 * The `duplicate field "spec.x"` messages of a JSON document that JSON.parse accepts; JSON.parse keeps the last value
 * and says nothing. A first pass compares the number of colons outside strings with the number of keys that were kept,
 * so that only documents that do have duplicates pay for the second.
 */
export function duplicateFields(text: string, parsed: unknown): readonly string[] {
  return countColons(text) === countKeys(parsed) ? [] : new DuplicateScanner(text).scan();
}

const quote = 34;
const colon = 58;
const backslash = 92;

function countColons(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === colon) count++;
    else if (code === quote) i = endOfString(text, i);
  }
  return count;
}

/** The index of the quote that closes the string opened at `open`. */
function endOfString(text: string, open: number): number {
  let end = text.indexOf('"', open + 1);
  while (end >= 0) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item);
    return count;
  }
  for (const member of Object.values(value)) count += 1 + countKeys(member);
  return count;
}

interface Frame {
  readonly keys: Set<string> | undefined;
  step: string;
  index: number;
}

class DuplicateScanner {
  readonly #text: string;
  readonly #frames: Frame[] = [];
  readonly #found: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  scan(): readonly string[] {
    for (let i = 0; i < this.#text.length; i++) {
      const char = this.#text[i];
      if (char === '{') this.#frames.push({ keys: new Set(), step: '', index: 0 });
      else if (char === '[') this.#frames.push({ keys: undefined, step: '[0]', index: 0 });
      else if (char === '}' || char === ']') this.#frames.pop();
      else if (char === ',') this.#nextElement();
      else if (char === '"') i = this.#string(i);
    }
    return this.#found;
  }

  #nextElement(): void {
    const frame = this.#frames.at(-1);
    if (frame && !frame.keys) frame.step = `[${++frame.index}]`;
  }

  #string(open: number): number {
    const end = endOfString(this.#text, open);
    const frame = this.#frames.at(-1);
    if (!frame?.keys || !/^\s*:/.test(this.#text.slice(end + 1, end + 64))) return end;
    const key = String(JSON.parse(this.#text.slice(open, end + 1)));
    frame.step = key;
    if (frame.keys.has(key) && this.#found.length < 100) this.#found.push(`duplicate field "${this.#path()}"`);
    frame.keys.add(key);
    return end;
  }

  #path(): string {
    return this.#frames
      .map(({ step }) => (step.startsWith('[') ? step : `.${step}`))
      .join('')
      .replace(/^\./, '');
  }
}
