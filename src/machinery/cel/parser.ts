/** Expressions as text to expressions as trees. Source: the grammar of cel-go (CEL.g4), whose error texts are kept. */
import type { Expr, MapEntry, StructField } from './ast.ts';
import { qualifiedName } from './ast.ts';
import { CelFailure, compileError } from './cel-error.ts';
import { ExpressionFactory, MacroError } from './expression-factory.ts';
import type { Token, TokenKind } from './lexer.ts';
import { parseLiteral } from './literal.ts';
import type { Macro } from './macro.ts';
import { expressionStart, SyntaxFailure, TokenReader } from './token-reader.ts';

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

const fieldStart: readonly TokenKind[] = ['}', ',', '?', 'IDENTIFIER', 'ESC_IDENTIFIER'];

class Parser {
  readonly #source: string;
  readonly #macros: ReadonlyMap<string, Macro>;
  readonly #tokens: TokenReader;
  readonly #factory = new ExpressionFactory();
  #nesting = 0;

  constructor(source: string, macros: ReadonlyMap<string, Macro>) {
    this.#source = source;
    this.#macros = macros;
    this.#tokens = new TokenReader(source);
  }

  parse(): Expr {
    try {
      const expr = this.#expression();
      this.#tokens.expect('<EOF>');
      if (this.#tokens.errors.length === 0) return expr;
    } catch (error) {
      if (error instanceof CelFailure) this.#tokens.mistake(undefined, error.message);
      else if (!(error instanceof SyntaxFailure)) throw error;
    }
    throw compileError(this.#source, this.#tokens.errors);
  }

  #expression(): Expr {
    if (++this.#nesting > maxNesting) throw new CelFailure(`expression recursion limit exceeded: ${maxNesting}`);
    const condition = this.#logic('||', '_||_');
    const question = this.#tokens.take('?');
    let expr = condition;
    if (question) {
      const whenTrue = this.#logic('||', '_||_');
      this.#tokens.expect(':');
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
    for (let token = this.#tokens.take(operator); token; token = this.#tokens.take(operator)) {
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
      const { kind, at } = this.#tokens.next;
      const name = operators.get(kind);
      if (name === undefined) return left;
      this.#tokens.advance();
      left = this.#factory.call(at, name, [left, operand()]);
    }
  }

  #unary(): Expr {
    const first = this.#tokens.next;
    if (first.kind !== '!' && (first.kind !== '-' || this.#negativeNumberFollows())) return this.#member();
    let count = 0;
    while (this.#tokens.next.kind === first.kind && !(count > 0 && this.#negativeNumberFollows())) {
      this.#tokens.advance();
      count++;
    }
    const operand = this.#member();
    if (count % 2 === 0) return operand;
    return this.#factory.call(first.at, first.kind === '!' ? '!_' : '-_', [operand]);
  }

  #negativeNumberFollows(): boolean {
    const kind = this.#tokens.afterNext?.kind;
    return this.#tokens.next.kind === '-' && (kind === 'NUM_INT' || kind === 'NUM_FLOAT');
  }

  #member(): Expr {
    const start = this.#tokens.next;
    let expr = this.#primary();
    // Only a bare chain of names, not a parenthesized one, can be the type of a message.
    let chain = start.kind === '.' || start.kind === 'IDENTIFIER';
    for (;;) {
      const dot = this.#tokens.take('.');
      if (dot) {
        const { expr: selected, plain } = this.#selection(expr, dot);
        chain &&= plain;
        expr = selected;
        continue;
      }
      const bracket = this.#tokens.take('[');
      if (bracket) {
        chain = false;
        const name = this.#tokens.take('?') ? '_[?_]' : '_[_]';
        const index = this.#expression();
        this.#tokens.expect(']');
        expr = this.#factory.call(bracket.at, name, [expr, index]);
        continue;
      }
      const typeName = chain && this.#tokens.next.kind === '{' ? qualifiedName(expr) : undefined;
      if (typeName === undefined) return expr;
      chain = false;
      expr = this.#message(typeName);
    }
  }

  #selection(operand: Expr, dot: Token): { readonly expr: Expr; readonly plain: boolean } {
    const optional = this.#tokens.take('?') !== undefined;
    const escaped = this.#tokens.take('ESC_IDENTIFIER');
    const field = escaped ? escaped.text.slice(1, -1) : this.#tokens.expect('IDENTIFIER').text;
    if (optional) {
      const name = this.#factory.literal(dot.at, field);
      return { expr: this.#factory.call(dot.at, '_?._', [operand, name]), plain: false };
    }
    const open = escaped ? undefined : this.#tokens.take('(');
    if (!open) return { expr: this.#factory.select(dot.at, operand, field), plain: !escaped };
    return { expr: this.#call(field, operand, open.at), plain: false };
  }

  #call(name: string, target: Expr | undefined, at: number): Expr {
    const args: Expr[] = [];
    if (!this.#tokens.take(')')) {
      this.#tokens.expectStart([')']);
      do args.push(this.#expression());
      while (this.#tokens.take(','));
      this.#tokens.expect(')');
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
    const token = this.#tokens.next;
    if (literalKinds.has(token.kind) || this.#negativeNumberFollows()) return this.#literal();
    if (this.#tokens.take('(')) {
      const expr = this.#expression();
      this.#tokens.expect(')');
      return expr;
    }
    if (this.#tokens.take('[')) return this.#list(token.at);
    if (this.#tokens.take('{')) return this.#map(token.at);
    this.#tokens.expectStart();
    if (token.kind !== '.' && token.kind !== 'IDENTIFIER') this.#tokens.unexpected(expressionStart);
    const dot = this.#tokens.take('.') ? '.' : '';
    const name = this.#tokens.expect('IDENTIFIER');
    if (reserved.has(name.text)) return this.#mistake(token.at, `reserved identifier: ${name.text}`);
    const open = this.#tokens.take('(');
    if (open) return this.#call(dot + name.text, undefined, open.at);
    return this.#factory.ident(name.at, dot + name.text);
  }

  #literal(): Expr {
    const sign = this.#tokens.take('-');
    const token = this.#tokens.next;
    this.#tokens.advance();
    const at = sign?.at ?? token.at;
    const value = parseLiteral(token, sign !== undefined);
    return 'problem' in value ? this.#mistake(at, value.problem) : this.#factory.literal(at, value.value);
  }

  #list(at: number): Expr {
    const elements: Expr[] = [];
    const optional = new Set<number>();
    this.#tokens.expectStart([']', ',', '?']);
    this.#items(']', () => {
      if (this.#tokens.take('?')) optional.add(elements.length);
      elements.push(this.#expression());
    });
    return this.#factory.list(at, elements, optional);
  }

  #map(at: number): Expr {
    const entries: MapEntry[] = [];
    this.#tokens.expectStart(['}', ',', '?']);
    this.#items('}', () => {
      const optional = this.#tokens.take('?') !== undefined;
      const key = this.#expression();
      const colon = this.#tokens.expect(':');
      entries.push({ id: this.#factory.id(), at: colon.at, key, value: this.#expression(), optional });
    });
    return this.#factory.map(at, entries);
  }

  #message(name: string): Expr {
    const open = this.#tokens.expect('{');
    const fields: StructField[] = [];
    if (!fieldStart.includes(this.#tokens.next.kind)) this.#tokens.unexpected(fieldStart);
    this.#items('}', () => {
      const optional = this.#tokens.take('?') !== undefined;
      const escaped = this.#tokens.take('ESC_IDENTIFIER');
      const field = escaped ? escaped.text.slice(1, -1) : this.#tokens.expect('IDENTIFIER').text;
      const colon = this.#tokens.expect(':');
      fields.push({ id: this.#factory.id(), at: colon.at, name: field, value: this.#expression(), optional });
    });
    return this.#factory.struct(open.at, name, fields);
  }

  /** Items between commas up to `end`; a comma may follow the last. */
  #items(end: ']' | '}', item: () => void): void {
    if (this.#tokens.take(',')) return void this.#tokens.expect(end);
    while (!this.#tokens.take(end)) {
      item();
      if (!this.#tokens.take(',')) return void this.#tokens.expect(end);
    }
  }

  /** Reports a mistake after which parsing can go on; the node stands in for what is wrong. */
  #mistake(at: number, message: string): Expr {
    this.#tokens.mistake(at, message);
    return this.#factory.literal(at, null);
  }
}
