/** Label and field selectors. Source: apimachinery pkg/labels and pkg/fields. */
import { StatusError } from '../base/errors.ts';
import type { LabelSelector } from './meta.ts';
import { parseInteger, parseLabelRequirements } from './parse-label-requirements.ts';
import type { LabelOperator, LabelRequirement } from './parse-label-requirements.ts';

/** The labels of an object; absent counts as empty. */
export type Labels = Readonly<Record<string, string>> | undefined;

/** Whether an object with these labels is selected. */
export type LabelMatcher = (labels: Labels) => boolean;

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
    if (term.startsWith('!=', i)) return fieldTerm(term, { at: i, length: 2, operator: '!=' });
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

const operators: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

function operatorOf(operator: string): LabelOperator {
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
  const tests = requirements.map(safeTestOf);
  if (tests.length === 0) return () => true;
  if (tests.length === 1) return tests[0]!;
  return (labels) => tests.every((test) => test(labels));
}

/** A label may be called as something that every object of JavaScript has, such as `constructor`. */
function safeTestOf(requirement: LabelRequirement): LabelMatcher {
  const test = testOf(requirement);
  if (!(requirement.key in Object.prototype)) return test;
  return (labels) => test({ __proto__: null, ...labels } as unknown as Labels);
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
  const bound = parseInteger(limit) ?? 0n;
  return (labels) => {
    const value = parseInteger(labels?.[key] ?? '');
    if (value === undefined) return false;
    return operator === '>' ? value > bound : value < bound;
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
