/** What Go says of a text that is no JSON. Source: encoding/json's scanner. */

/** The sentence of Go's decoder for a text that JSON.parse refuses. */
export function goJsonError(text: string): string {
  try {
    const scanner = new Scanner(text);
    scanner.value();
    scanner.end();
    return 'unexpected end of JSON input';
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

class Refusal extends Error {}

const space = /[ \t\r\n]*/y;
const digits = /\d*/y;
const literals: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Goes over one value. Containers are not gone into by calls, as texts may nest very deeply. */
  value(): void {
    const open: ('{' | '[')[] = [];
    for (;;) {
      const begun = this.#begin(open);
      if (!begun && !this.#close(open)) return;
    }
  }

  /** What follows the value must be nothing. */
  end(): void {
    this.#skip(space);
    if (this.#at < this.#text.length) this.#refuse('after top-level value');
  }

  /** Begins a value; true when it is a container with a member, whose value comes next. */
  #begin(open: ('{' | '[')[]): boolean {
    this.#skip(space);
    const first = this.#peek();
    if (first === '{' || first === '[') {
      this.#at++;
      this.#skip(space);
      const isEmpty = this.#peek() === (first === '{' ? '}' : ']');
      if (isEmpty) this.#at++;
      else {
        open.push(first);
        if (first === '{') this.#key();
        return true;
      }
    } else if (first === '"') this.#string();
    else if (first === '-' || isDigit(first)) this.#number();
    else if (literals[first]) this.#literal(literals[first]);
    else this.#refuse('looking for beginning of value');
    return false;
  }

  /** After a value: whether another one follows. */
  #close(open: ('{' | '[')[]): boolean {
    for (;;) {
      const container = open.at(-1);
      if (!container) return false;
      this.#skip(space);
      const next = this.#peek();
      if (next !== ',' && next !== (container === '{' ? '}' : ']')) {
        this.#refuse(container === '{' ? 'after object key:value pair' : 'after array element');
      }
      this.#at++;
      if (next === ',') {
        if (container === '{') this.#key();
        return true;
      }
      open.pop();
    }
  }

  #key(): void {
    this.#skip(space);
    if (this.#peek() !== '"') this.#refuse('looking for beginning of object key string');
    this.#string();
    this.#skip(space);
    if (this.#peek() !== ':') this.#refuse('after object key');
    this.#at++;
  }

  #string(): void {
    for (this.#at++; this.#peek() !== '"'; this.#at++) {
      if (this.#peek() < ' ') this.#refuse('in string literal');
      if (this.#peek() !== '\\') continue;
      this.#at++;
      const escaped = this.#peek();
      if (!'bfnrtu\\/"'.includes(escaped)) this.#refuse('in string escape code');
      for (let left = escaped === 'u' ? 4 : 0; left > 0; left--) {
        this.#at++;
        if (!/[0-9a-fA-F]/.test(this.#peek())) this.#refuse('in \\u hexadecimal character escape');
      }
    }
    this.#at++;
  }

  #number(): void {
    if (this.#peek() === '-') this.#at++;
    if (!isDigit(this.#peek())) this.#refuse('in numeric literal');
    // Nothing follows a zero at the beginning.
    if (this.#peek() === '0') this.#at++;
    else this.#skip(digits);
    if (this.#text[this.#at] === '.') this.#digitsAfter(1, 'after decimal point in numeric literal');
    const exponent = /[eE][-+]?/y;
    exponent.lastIndex = this.#at;
    const found = exponent.exec(this.#text);
    if (found) this.#digitsAfter(found[0].length, 'in exponent of numeric literal');
  }

  #digitsAfter(length: number, where: string): void {
    this.#at += length;
    if (!isDigit(this.#peek())) this.#refuse(where);
    this.#skip(digits);
  }

  #literal(word: string): void {
    for (const letter of word) {
      if (this.#peek() !== letter) this.#refuse(`in literal ${word} (expecting '${letter}')`);
      this.#at++;
    }
  }

  #skip(what: RegExp): void {
    what.lastIndex = this.#at;
    what.test(this.#text);
    this.#at = what.lastIndex;
  }

  /** The next character, of which there must be one. */
  #peek(): string {
    const next = this.#text[this.#at];
    if (next === undefined) throw new Refusal('unexpected end of JSON input');
    return next;
  }

  #refuse(where: string): never {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    throw new Refusal(`invalid character ${quoted(character)} ${where}`);
  }
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

/** As Go quotes a character. */
function quoted(character: string): string {
  if (character === "'") return String.raw`'\''`;
  if (character === '"') return `'"'`;
  return `'${JSON.stringify(character).slice(1, -1)}'`;
}
