/** Label and field selectors. Source: apimachinery pkg/labels and pkg/fields. */
import { StatusError } from '../base/errors.ts';
import { labelValueErrors, qualifiedNameErrors } from './formats.ts';
import type { LabelSelector } from './meta.ts';

/** The labels of an object; absent counts as empty. */
export type Labels = Readonly<Record<string, string>> | undefined;

/** Whether an object with these labels is selected. */
export type LabelMatcher = (labels: Labels) => boolean;

type Operator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';

/** One comparison of a label selector. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** One comparison of a field selector. */
export interface FieldRequirement {
  readonly path: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** The matcher of a selector in string form, such as `app=web,tier in (a,b),!canary`. Throws StatusError BadRequest. */
export function parseLabelSelector(text: string): LabelMatcher {
  return matcherOf(parseLabelRequirements(text));
}

/** The comparisons of a selector in string form. Throws StatusError BadRequest. */
export function parseLabelRequirements(text: string): readonly LabelRequirement[] {
  return new SelectorParser(tokenize(text)).parse();
}

/**
 * The matcher of a selector in object form: undefined matches nothing, the empty selector everything. Throws StatusError
 * BadRequest for operators that there are not.
 */
export function labelSelectorMatcher(selector: LabelSelector | undefined): LabelMatcher {
  return selector === undefined ? () => false : matcherOf(requirementsOf(selector));
}

/** The string form of a selector, with its parts sorted by key, as upstream prints it. */
export function formatLabelSelector(selector: LabelSelector): string {
  return requirementsOf(selector)
    .toSorted((a, b) => compareText(a.key, b.key))
    .map(formatRequirement)
    .join(',');
}

/** The string form of a map of exact matches, such as a Service's selector. */
export function equalitySelector(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .toSorted(compareText)
    .map((key) => `${key}=${map[key]}`)
    .join(',');
}

/** The comparisons of a field selector such as `spec.nodeName=a,status.phase!=Failed`. Throws StatusError BadRequest. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return splitTerms(text)
    .filter((term) => term !== '')
    .map((term) => fieldRequirement(term, text));
}

function fieldRequirement(term: string, selector: string): FieldRequirement {
  for (let i = 0; i < term.length; i++) {
    if (term[i] === '\\') i++;
    else if (term.startsWith('!=', i)) return fieldTerm(term, { at: i, length: 2, operator: '!=' });
    else if (term.startsWith('==', i)) return fieldTerm(term, { at: i, length: 2, operator: '=' });
    else if (term[i] === '=') return fieldTerm(term, { at: i, length: 1, operator: '=' });
  }
  throw new StatusError('BadRequest', `invalid selector: '${selector}'; can't understand '${term}'`);
}

function fieldTerm(
  term: string,
  split: { readonly at: number; readonly length: number; readonly operator: '=' | '!=' },
): FieldRequirement {
  return {
    path: term.slice(0, split.at),
    operator: split.operator,
    value: unescapeValue(term.slice(split.at + split.length)),
  };
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function unescapeValue(value: string): string {
  if (!/[\\,=]/.test(value)) return value;
  let out = '';
  for (let i = 0; i < value.length; i++) {
    const char = value[i]!;
    if (char === '\\') {
      const next = value[++i];
      if (next !== '\\' && next !== ',' && next !== '=') {
        throw new StatusError('BadRequest', `invalid field selector: invalid escape sequence: \\${next ?? ''}`);
      }
      out += next;
    } else if (char === ',' || char === '=') {
      throw new StatusError('BadRequest', `invalid field selector: unescaped character in value: ${char}`);
    } else out += char;
  }
  return out;
}

const operators: Readonly<Record<string, Operator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };

function operatorOf(operator: string): Operator {
  const known = operators[operator];
  if (known === undefined) {
    throw new StatusError('BadRequest', `${JSON.stringify(operator)} is not a valid label selector operator`);
  }
  return known;
}

function requirementsOf(selector: LabelSelector): LabelRequirement[] {
  const exact = Object.entries(selector.matchLabels ?? {}).map(([key, value]): LabelRequirement => ({
    key,
    operator: '=',
    values: [value],
  }));
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }): LabelRequirement => ({
    key,
    operator: operatorOf(operator),
    values: values ?? [],
  }));
  return [...exact, ...expressions];
}

function matcherOf(requirements: readonly LabelRequirement[]): LabelMatcher {
  const tests = requirements.map(testOf);
  if (tests.length === 0) return () => true;
  if (tests.length === 1) return tests[0]!;
  return (labels) => tests.every((test) => test(labels));
}

function testOf({ key, operator, values }: LabelRequirement): LabelMatcher {
  const first = values[0] ?? '';
  const set = new Set(values);
  switch (operator) {
    case '=':
      return (labels) => labels?.[key] === first;
    case '!=':
      return (labels) => labels?.[key] !== first;
    case 'in':
      return (labels) => {
        const value = labels?.[key];
        return value !== undefined && set.has(value);
      };
    case 'notin':
      return (labels) => {
        const value = labels?.[key];
        return value === undefined || !set.has(value);
      };
    case 'exists':
      return (labels) => labels?.[key] !== undefined;
    case '!':
      return (labels) => labels?.[key] === undefined;
    default:
      return numericTest(key, operator, first);
  }
}

function numericTest(key: string, operator: '>' | '<', limit: string): LabelMatcher {
  const bound = BigInt(limit);
  return (labels) => {
    const value = labels?.[key];
    if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
    return operator === '>' ? BigInt(value) > bound : BigInt(value) < bound;
  };
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.toSorted(compareText).join(',')})`;
    default:
      return `${key}${operator}${values[0] ?? ''}`;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function tokenize(text: string): string[] {
  return text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
}

const symbols = new Set(['=', '==', '!=', '!', '<', '>', '(', ')', ',']);

class SelectorParser {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    while (this.#peek() !== undefined) {
      requirements.push(this.#requirement());
      const next = this.#next();
      if (next === undefined) break;
      if (next !== ',') throw malformed(`found '${next}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (after === undefined || (symbols.has(after) && after !== '!')) {
        throw malformed(`found '${after ?? ''}', expected: identifier after ','`);
      }
    }
    return requirements;
  }

  #requirement(): LabelRequirement {
    const negated = this.#peek() === '!';
    if (negated) this.#next();
    const key = this.#identifier();
    if (qualifiedNameErrors(key).length > 0) throw malformed(`invalid label key ${JSON.stringify(key)}`);
    if (negated) return { key, operator: '!', values: [] };
    const token = this.#peek();
    if (token === undefined || token === ',') return { key, operator: 'exists', values: [] };
    this.#next();
    const operator = token === '==' ? '=' : token;
    if (operator === 'in' || operator === 'notin') return checked({ key, operator, values: this.#set() });
    if (operator === '=' || operator === '!=' || operator === '>' || operator === '<') {
      return checked({ key, operator, values: [this.#value()] });
    }
    throw malformed(`found '${token}', expected: in, notin, =, ==, !=, gt, lt`);
  }

  #identifier(): string {
    const token = this.#next();
    if (token === undefined || symbols.has(token)) throw malformed(`found '${token ?? ''}', expected: identifier`);
    return token;
  }

  #value(): string {
    const token = this.#peek();
    if (token === undefined || token === ',') return '';
    return this.#identifier();
  }

  #set(): string[] {
    const open = this.#next();
    if (open !== '(') throw malformed(`found '${open ?? ''}' expected: '('`);
    const values: string[] = [];
    for (let expectValue = true; ;) {
      const token = this.#next();
      if (token === undefined) throw malformed(`found '', expected: ',' or ')'`);
      if (token === ')') {
        if (expectValue) values.push('');
        return values;
      }
      if (token === ',') {
        if (expectValue) values.push('');
        expectValue = true;
      } else if (!expectValue || symbols.has(token)) {
        throw malformed(`found '${token}', expected: ',' or ')'`);
      } else {
        values.push(token);
        expectValue = false;
      }
    }
  }

  #peek(): string | undefined {
    return this.#tokens[this.#position];
  }

  #next(): string | undefined {
    return this.#tokens[this.#position++];
  }
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const { key, operator, values } = requirement;
  if (operator === '>' || operator === '<') {
    if (!/^[+-]?\d+$/.test(values[0] ?? '')) {
      throw malformed(
        `values[0][${key}]: Invalid value: ${JSON.stringify(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    }
    return requirement;
  }
  const index = values.findIndex((value) => labelValueErrors(value).length > 0);
  if (index < 0) return requirement;
  throw malformed(
    `values[${index}][${key}]: Invalid value: ${JSON.stringify(values[index])}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
  );
}

function malformed(detail: string): StatusError {
  return new StatusError('BadRequest', `unable to parse requirement: ${detail}`);
}
