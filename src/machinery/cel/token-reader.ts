/** Reads tokens one after another, and says what is wrong with them as ANTLR does for cel-go. */
import type { LocatedMessage } from './cel-error.ts';
import type { Token, TokenKind } from './lexer.ts';
import { tokenize } from './lexer.ts';

/** Ends parsing: what comes after a wrong token says little. */
export class SyntaxFailure extends Error {}

/** Tokens in the order in which errors list them. */
const listed: readonly TokenKind[] = [
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
  'true',
  'false',
  'null',
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
];
const notAtStart: ReadonlySet<TokenKind> = new Set<TokenKind>([']', '}', ')', ',', '?']);

/** The tokens with which an expression may begin. */
export const expressionStart: readonly TokenKind[] = listed.filter((kind) => !notAtStart.has(kind));

/** The tokens of an expression, and the mistakes found so far. */
export class TokenReader {
  readonly errors: LocatedMessage[];
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(source: string) {
    const { tokens, errors } = tokenize(source);
    this.#tokens = tokens;
    this.errors = errors;
  }

  get next(): Token {
    const token = this.#tokens[this.#position];
    if (!token) throw new RangeError('read past the end of the expression');
    return token;
  }

  /** The token after the next. */
  get afterNext(): Token | undefined {
    return this.#tokens[this.#position + 1];
  }

  /** Consumes the next token, whatever it is. */
  advance(): Token {
    const token = this.next;
    this.#position++;
    return token;
  }

  /** Consumes the next token if it is of that kind. */
  take(kind: TokenKind): Token | undefined {
    return this.next.kind === kind ? this.advance() : undefined;
  }

  /** Consumes a token that must be there. */
  expect(kind: TokenKind): Token {
    return this.take(kind) ?? this.unexpected([kind]);
  }

  /** Refuses what can't begin an expression; `more` may stand there too. */
  expectStart(more: readonly TokenKind[] = []): void {
    const { kind } = this.next;
    if (expressionStart.includes(kind) || more.includes(kind)) return;
    this.unexpected(listed.filter((candidate) => expressionStart.includes(candidate) || more.includes(candidate)));
  }

  /** Reports that the next token is none of `expected`; without it the one after might be. */
  unexpected(expected: readonly TokenKind[]): never {
    const { text, at } = this.next;
    const extraneous = this.afterNext && expected.includes(this.afterNext.kind);
    const shown = expected.map((kind) => (/^[A-Z<]/.test(kind) && kind !== '<' ? kind : `'${kind}'`));
    const set = shown.length === 1 ? shown.join() : `{${shown.join(', ')}}`;
    this.mistake(at, `Syntax error: ${extraneous ? 'extraneous' : 'mismatched'} input '${text}' expecting ${set}`);
    throw new SyntaxFailure();
  }

  mistake(at: number | undefined, message: string): void {
    this.errors.push({ at, message });
  }
}
