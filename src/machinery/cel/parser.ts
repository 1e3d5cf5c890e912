/** Expressions as text to expressions as trees. Source: the grammar of cel-go (CEL.g4), whose error texts are kept. */
import type { Expr, MapEntry, StructField } from './ast.ts';
import { qualifiedName } from './ast.ts';
import type { LocatedMessage } from './cel-error.ts';
import { CelFailure, compileError } from './cel-error.ts';
import { ExpressionFactory, MacroError } from './expression-factory.ts';
import type { Token, TokenKind } from './lexer.ts';
import { tokenize } from './lexer.ts';
import { parseLiteral } from './literal.ts';
import type { Macro } from './macro.ts';

/** Code points an expression may have. Source: cel-go's expressionSizeCodePointLimit. */
const maxSize = 100_000;
/** How deep parentheses, brackets and arguments may nest. Source: cel-go's maxRecursionDepth. */
const maxNesting = 250;

const reserved = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
);
const relations = new Map<TokenKind, string>([
  ['<', '_<_'],
  ['<=', '_<=_'],
  ['>=', '_>=_'],
  ['>', '_>_'],
  ['==', '_==_'],
  ['!=', '_!=_'],
  ['in', '@in'],
]);
const sums = new Map<TokenKind, string>([
  ['+', '_+_'],
  ['-', '_-_'],
]);
const products = new Map<TokenKind, string>([
  ['*', '_*_'],
  ['/', '_/_'],
  ['%', '_%_'],
]);
const literalKinds: ReadonlySet<TokenKind> = new Set([
  'NUM_INT',
  'NUM_UINT',
  'NUM_FLOAT',
  'STRING',
  'BYTES',
  'true',
  'false',
  'null',
]);
const primaryStart =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

class SyntaxFailure extends Error {}

/** Parses `source` and expands macros. Throws a `CelError` with every mistake found. */
export function parseExpression(source: string, macros: ReadonlyMap<string, Macro>): Expr {
  if (source.length > maxSize) {
    const size = [...source].length;
    if (size > maxSize) {
      const message = `expression code point size exceeds limit: size: ${size}, limit ${maxSize}`;
      throw compileError('', [{ at: undefined, message }]);
    }
  }
  return new Parser(source, macros).parse();
}

/** The key under which a macro is found. */
export function macroKey(name: string, argCount: number, receiver: boolean): string {
  return `${name}:${argCount}:${receiver}`;
}

class Parser {
  readonly #source: string;
  readonly #macros: ReadonlyMap<string, Macro>;
  readonly #tokens: readonly Token[];
  readonly #errors: LocatedMessage[];
  readonly #factory = new ExpressionFactory();
  #position = 0;
  #nesting = 0;

  constructor(source: string, macros: ReadonlyMap<string, Macro>) {
    this.#source = source;
    this.#macros = macros;
    const { tokens, errors } = tokenize(source);
    this.#tokens = tokens;
    this.#errors = errors;
  }

  parse(): Expr {
    try {
      const expr = this.#expression();
      if (this.#next.kind !== '<EOF>') this.#unexpected('<EOF>');
      if (this.#errors.length === 0) return expr;
    } catch (error) {
      if (error instanceof CelFailure) this.#errors.push({ at: undefined, message: error.message });
      else if (!(error instanceof SyntaxFailure)) throw error;
    }
    throw compileError(this.#source, this.#errors);
  }

  #expression(): Expr {
    if (++this.#nesting > maxNesting) throw new CelFailure(`expression recursion limit exceeded: ${maxNesting}`);
    const condition = this.#logic('||', '_||_');
    const question = this.#take('?');
    let expr = condition;
    if (question) {
      const whenTrue = this.#logic('||', '_||_');
      this.#expect(':');
      expr = this.#factory.call(question.at, '_?_:_', [condition, whenTrue, this.#expression()]);
    }
    this.#nesting--;
    return expr;
  }

  /** `a || b || c` or `a && b && c`, as a balanced tree: a thousand terms are ten levels deep. */
  #logic(operator: '||' | '&&', name: string): Expr {
    const operand = (): Expr => (operator === '||' ? this.#logic('&&', '_&&_') : this.#relation());
    const terms = [operand()];
    const positions: number[] = [];
    for (let token = this.#take(operator); token; token = this.#take(operator)) {
      positions.push(token.at);
      terms.push(operand());
    }
    const balance = (low: number, high: number): Expr => {
      const middle = Math.floor((low + high + 1) / 2);
      const left = middle - 1 === low ? terms[low] : balance(low, middle - 1);
      const right = middle === high ? terms[high] : balance(middle, high);
      if (!left || !right) throw new RangeError('unbalanced terms');
      return this.#factory.call(positions[middle - 1] ?? 0, name, [left, right]);
    };
    return terms.length === 1 && terms[0] ? terms[0] : balance(0, terms.length - 1);
  }

  #relation(): Expr {
    return this.#binary(relations, () => this.#binary(sums, () => this.#binary(products, () => this.#unary())));
  }

  #binary(operators: ReadonlyMap<TokenKind, string>, operand: () => Expr): Expr {
    let left = operand();
    for (;;) {
      const { kind, at } = this.#next;
      const name = operators.get(kind);
      if (name === undefined) return left;
      this.#position++;
      left = this.#factory.call(at, name, [left, operand()]);
    }
  }

  #unary(): Expr {
    const first = this.#next;
    if (first.kind !== '!' && (first.kind !== '-' || this.#negativeNumberFollows())) return this.#member();
    let count = 0;
    while (this.#next.kind === first.kind && !(count > 0 && this.#negativeNumberFollows())) {
      this.#position++;
      count++;
    }
    const operand = this.#member();
    if (count % 2 === 0) return operand;
    return this.#factory.call(first.at, first.kind === '!' ? '!_' : '-_', [operand]);
  }

  #negativeNumberFollows(): boolean {
    const kind = this.#tokens[this.#position + 1]?.kind;
    return this.#next.kind === '-' && (kind === 'NUM_INT' || kind === 'NUM_FLOAT');
  }

  #member(): Expr {
    const start = this.#next;
    let expr = this.#primary();
    // Only a bare chain of names, not a parenthesized one, can be the type of a message.
    let chain = start.kind === '.' || start.kind === 'IDENTIFIER';
    for (;;) {
      const dot = this.#take('.');
      if (dot) {
        const { expr: selected, plain } = this.#selection(expr, dot);
        chain &&= plain;
        expr = selected;
        continue;
      }
      const bracket = this.#take('[');
      if (bracket) {
        chain = false;
        const name = this.#take('?') ? '_[?_]' : '_[_]';
        const index = this.#expression();
        this.#expect(']');
        expr = this.#factory.call(bracket.at, name, [expr, index]);
        continue;
      }
      const typeName = chain && this.#next.kind === '{' ? qualifiedName(expr) : undefined;
      if (typeName === undefined) return expr;
      chain = false;
      expr = this.#message(typeName);
    }
  }

  #selection(operand: Expr, dot: Token): { readonly expr: Expr; readonly plain: boolean } {
    const optional = this.#take('?') !== undefined;
    const escaped = this.#take('ESC_IDENTIFIER');
    const field = escaped ? escaped.text.slice(1, -1) : this.#expect('IDENTIFIER').text;
    if (optional) {
      const name = this.#factory.literal(dot.at, field);
      return { expr: this.#factory.call(dot.at, '_?._', [operand, name]), plain: false };
    }
    const open = escaped ? undefined : this.#take('(');
    if (!open) return { expr: this.#factory.select(dot.at, operand, field), plain: !escaped };
    return { expr: this.#call(field, operand, open.at), plain: false };
  }

  #call(name: string, target: Expr | undefined, at: number): Expr {
    const args: Expr[] = [];
    if (!this.#take(')')) {
      do args.push(this.#expression());
      while (this.#take(','));
      this.#expect(')');
    }
    const macro = this.#macros.get(macroKey(name, args.length, target !== undefined));
    if (macro) {
      try {
        const none = { kind: 'literal', id: 0, at, value: null } as const;
        const expanded = macro.expand({ factory: this.#factory, at, target: target ?? none, args });
        if (expanded) return expanded;
      } catch (error) {
        if (!(error instanceof MacroError)) throw error;
        return this.#mistake(error.at, error.message);
      }
    }
    return target ? this.#factory.memberCall(at, name, target, args) : this.#factory.call(at, name, args);
  }

  #primary(): Expr {
    const token = this.#next;
    if (literalKinds.has(token.kind) || this.#negativeNumberFollows()) return this.#literal();
    if (this.#take('(')) {
      const expr = this.#expression();
      this.#expect(')');
      return expr;
    }
    if (this.#take('[')) return this.#list(token.at);
    if (this.#take('{')) return this.#map(token.at);
    if (token.kind !== '.' && token.kind !== 'IDENTIFIER') this.#unexpected(primaryStart);
    const dot = this.#take('.') ? '.' : '';
    const name = this.#expect('IDENTIFIER');
    if (reserved.has(name.text)) return this.#mistake(token.at, `reserved identifier: ${name.text}`);
    const open = this.#take('(');
    if (open) return this.#call(dot + name.text, undefined, open.at);
    return this.#factory.ident(name.at, dot + name.text);
  }

  #literal(): Expr {
    const sign = this.#take('-');
    const token = this.#next;
    this.#position++;
    const at = sign?.at ?? token.at;
    const value = parseLiteral(token, sign !== undefined);
    return 'problem' in value ? this.#mistake(at, value.problem) : this.#factory.literal(at, value.value);
  }

  #list(at: number): Expr {
    const elements: Expr[] = [];
    const optional = new Set<number>();
    this.#items(']', () => {
      if (this.#take('?')) optional.add(elements.length);
      elements.push(this.#expression());
    });
    return this.#factory.list(at, elements, optional);
  }

  #map(at: number): Expr {
    const entries: MapEntry[] = [];
    this.#items('}', () => {
      const optional = this.#take('?') !== undefined;
      const key = this.#expression();
      const colon = this.#expect(':');
      entries.push({ id: this.#factory.id(), at: colon.at, key, value: this.#expression(), optional });
    });
    return this.#factory.map(at, entries);
  }

  #message(name: string): Expr {
    const open = this.#expect('{');
    const fields: StructField[] = [];
    this.#items('}', () => {
      const optional = this.#take('?') !== undefined;
      const escaped = this.#take('ESC_IDENTIFIER');
      const field = escaped ? escaped.text.slice(1, -1) : this.#expect('IDENTIFIER').text;
      const colon = this.#expect(':');
      fields.push({ id: this.#factory.id(), at: colon.at, name: field, value: this.#expression(), optional });
    });
    return this.#factory.struct(open.at, name, fields);
  }

  /** Items between commas up to `end`; a comma may follow the last. */
  #items(end: ']' | '}', item: () => void): void {
    if (this.#take(',')) return void this.#expect(end);
    while (!this.#take(end)) {
      item();
      if (!this.#take(',')) return void this.#expect(end);
    }
  }

  get #next(): Token {
    const token = this.#tokens[this.#position];
    if (!token) throw new RangeError('read past the end of the expression');
    return token;
  }

  #take(kind: TokenKind): Token | undefined {
    const token = this.#next;
    if (token.kind !== kind) return undefined;
    this.#position++;
    return token;
  }

  #expect(kind: TokenKind): Token {
    const token = this.#take(kind);
    return token ?? this.#unexpected(/^[A-Z]/.test(kind) ? kind : `'${kind}'`);
  }

  #unexpected(expected: string): never {
    const { text, at } = this.#next;
    this.#errors.push({ at, message: `Syntax error: mismatched input '${text}' expecting ${expected}` });
    throw new SyntaxFailure();
  }

  /** Reports a mistake after which parsing can go on; the node stands in for what is wrong. */
  #mistake(at: number, message: string): Expr {
    this.#errors.push({ at, message });
    return this.#factory.literal(at, null);
  }
}
