/** The text of label selectors. Source: apimachinery pkg/labels, whose sentences clients show. */
import { StatusError } from '../base/errors.ts';
import { labelValueErrors, qualifiedNameErrors } from './formats.ts';

/** How a requirement compares. */
export type LabelOperator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';

/** One comparison of a label selector. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** The comparisons of a selector in string form. Throws StatusError BadRequest. */
export function parseLabelRequirements(text: string): readonly LabelRequirement[] {
  return new SelectorParser(tokenize(text)).parse();
}

/** An integer of 64 bits in decimal notation; undefined for anything else. */
export function parseInteger(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,30}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function tokenize(text: string): string[] {
  return text.match(/==|!=|[=!<>(),]|[^ \t\r\n=!<>(),]+/g) ?? [];
}

const symbols = new Set(['=', '==', '!=', '!', '<', '>', '(', ')', ',']);
const binaryOperators = new Map<string, LabelOperator>([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '='],
  ['!=', '!='],
  ['>', '>'],
  ['<', '<'],
]);

class SelectorParser {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    while (this.#peek() !== '') {
      if (!startsRequirement(this.#peek())) {
        throw malformed(`found '${this.#peek()}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const next = this.#next();
      if (next === '') break;
      if (next !== ',') throw malformed(`found '${next}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (!startsRequirement(after)) throw malformed(`found '${after}', expected: identifier after ','`);
    }
    return requirements;
  }

  #requirement(): LabelRequirement {
    const negated = this.#peek() === '!';
    if (negated) this.#next();
    const key = this.#identifier();
    const problems = qualifiedNameErrors(key);
    if (problems.length > 0) throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problems.join('; ')}`);
    if (negated) return { key, operator: '!', values: [] };
    if (this.#peek() === '' || this.#peek() === ',') return { key, operator: 'exists', values: [] };
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#set() : [this.#value()];
    return checked({ key, operator, values });
  }

  #operator(): LabelOperator {
    const token = this.#next();
    const operator = binaryOperators.get(token);
    if (!operator) throw unparsable(`found '${token}', expected: in, notin, =, ==, !=, gt, lt`);
    return operator;
  }

  #identifier(): string {
    const token = this.#next();
    if (!isIdentifier(token)) throw unparsable(`found '${token}', expected: identifier`);
    return token;
  }

  #value(): string {
    return this.#peek() === '' || this.#peek() === ',' ? '' : this.#identifier();
  }

  #set(): string[] {
    const open = this.#next();
    if (open !== '(') throw unparsable(`found '${open}' expected: '('`);
    const values = new Set<string>();
    const first = this.#peek();
    if (first !== ')' && first !== ',' && !isIdentifier(first)) {
      throw unparsable(`found '${first}', expected: ',', ')' or identifier`);
    }
    for (;;) {
      values.add(isIdentifier(this.#peek()) ? this.#next() : '');
      const token = this.#next();
      if (token === ')') return [...values].toSorted();
      if (token !== ',') throw unparsable(`found '${token}', expected: ',' or ')'`);
      const after = this.#peek();
      if (after !== ')' && after !== ',' && !isIdentifier(after)) {
        throw unparsable(`found '${after}', expected: ',', or identifier`);
      }
    }
  }

  /** The token that comes next; the empty text at the end. */
  #peek(): string {
    return this.#tokens[this.#position] ?? '';
  }

  #next(): string {
    return this.#tokens[this.#position++] ?? '';
  }
}

function isIdentifier(token: string): boolean {
  return token !== '' && !symbols.has(token);
}

function startsRequirement(token: string): boolean {
  return token === '!' || isIdentifier(token);
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const { key, operator, values } = requirement;
  const problems: string[] = [];
  if ((operator === '>' || operator === '<') && parseInteger(values[0] ?? '') === undefined) {
    const value = JSON.stringify(values[0] ?? '');
    problems.push(`values[0]: Invalid value: ${value}: for 'Gt', 'Lt' operators, the value must be an integer`);
  }
  for (const [index, value] of values.entries()) {
    const errors = labelValueErrors(value);
    if (errors.length > 0) {
      problems.push(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${errors.join('; ')}`);
    }
  }
  if (problems.length > 0) throw unparsable(problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`);
  return requirement;
}

function unparsable(detail: string): StatusError {
  return malformed(`unable to parse requirement: ${detail}`);
}

function malformed(detail: string): StatusError {
  return new StatusError('BadRequest', detail);
}
