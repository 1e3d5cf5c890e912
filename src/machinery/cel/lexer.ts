/** Splits an expression into tokens. Source: cel-go's CEL.g4, whose error texts are kept. */
import type { LocatedMessage } from './cel-error.ts';

/** What a token is: a class of its own, or the punctuation and keywords themselves. */
export type TokenKind =
  | 'IDENTIFIER'
  | 'ESC_IDENTIFIER'
  | 'NUM_INT'
  | 'NUM_UINT'
  | 'NUM_FLOAT'
  | 'STRING'
  | 'BYTES'
  | '<EOF>'
  | (typeof punctuation)[number]
  | (typeof keywords)[number];

/** A piece of the source: `text` as written, `at` its offset. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

const punctuation = [
  '==',
  '!=',
  '<=',
  '>=',
  '&&',
  '||',
  '<',
  '>',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '.',
  ',',
  '-',
  '!',
  '?',
  ':',
  '+',
  '*',
  '/',
  '%',
] as const;
const keywords = ['in', 'true', 'false', 'null'] as const;
const keywordKinds: ReadonlyMap<string, TokenKind> = new Map(keywords.map((keyword) => [keyword, keyword]));

// The patterns are ours, anchored and without nested repetition: they run in linear time on any input.
const space = /(?:[\t \r\n\f]+|\/\/[^\n]*)+/y;
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const escapedIdentifier = /`[A-Za-z0-9_.\-/ ]+`/y;
const float = /(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)/y;
const integer = /(?:0x[0-9a-fA-F]+|[0-9]+)[uU]?/y;
const stringStart = /[bB]?[rR]?(?:"""|'''|"|')/y;
const escapeSequence = /\\(?:[abfnrtv"'\\?`]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/y;
/** As much of an escape as is right. */
const escapeBeginning = /\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?/y;

/** The tokens of `source`, ending with `<EOF>`. Characters that begin no token are reported and skipped. */
export function tokenize(source: string): { readonly tokens: Token[]; readonly errors: LocatedMessage[] } {
  const tokens: Token[] = [];
  const errors: LocatedMessage[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(space, source, at)?.length ?? 0;
    if (at >= source.length) break;
    const token = tokenAt(source, at);
    if ('kind' in token) tokens.push(token);
    else errors.push({ at, message: `Syntax error: token recognition error at: '${token.text}'` });
    at += token.text.length;
  }
  tokens.push({ kind: '<EOF>', text: '<EOF>', at: source.length });
  return { tokens, errors };
}

function tokenAt(source: string, at: number): Token | { readonly text: string } {
  const start = matchAt(stringStart, source, at);
  if (start !== undefined) return stringAt(source, at, start);
  const name = matchAt(identifier, source, at);
  if (name !== undefined) return { kind: keywordKinds.get(name) ?? 'IDENTIFIER', text: name, at };
  const decimal = matchAt(float, source, at);
  if (decimal !== undefined) return { kind: 'NUM_FLOAT', text: decimal, at };
  const whole = matchAt(integer, source, at);
  if (whole !== undefined) return { kind: /[uU]$/.test(whole) ? 'NUM_UINT' : 'NUM_INT', text: whole, at };
  const escaped = matchAt(escapedIdentifier, source, at);
  if (escaped !== undefined) return { kind: 'ESC_IDENTIFIER', text: escaped, at };
  const mark = punctuation.find((candidate) => source.startsWith(candidate, at));
  if (mark !== undefined) return { kind: mark, text: mark, at };
  // Half of `||`, `&&` or `==` is reported with what stands in place of the other half.
  const half = /[|&=]/.test(source[at] ?? '') ? 1 : 0;
  return { text: [...source.slice(at, at + 3)].slice(0, 1 + half).join('') };
}

function matchAt(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

function stringAt(source: string, at: number, start: string): Token | { readonly text: string } {
  const quote = start.replace(/^[bBrR]+/, '');
  const raw = /[rR]/.test(start);
  const kind: TokenKind = /^[bB]/.test(start) ? 'BYTES' : 'STRING';
  let end = at + start.length;
  while (end < source.length) {
    if (source.startsWith(quote, end)) return { kind, text: source.slice(at, end + quote.length), at };
    const character = source[end];
    if (quote.length === 1 && (character === '\n' || character === '\r')) break;
    if (character !== '\\' || raw) end++;
    else {
      const escape = matchAt(escapeSequence, source, end);
      if (escape === undefined) {
        end += matchAt(escapeBeginning, source, end)?.length ?? 0;
        break;
      }
      end += escape.length;
    }
  }
  return { text: source.slice(at, end + 1) };
}
