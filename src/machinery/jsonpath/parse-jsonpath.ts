import { JsonPathError } from './jsonpath-error.ts';

/** One step of a path. */
export type PathStep =
  | { readonly kind: 'root' }
  | { readonly kind: 'current' }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | { readonly kind: 'slice'; readonly start?: number; readonly end?: number; readonly step?: number }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'union'; readonly branches: readonly (readonly PathStep[])[] }
  | { readonly kind: 'filter'; readonly left: Operand; readonly operator: string; readonly right?: Operand }
  | { readonly kind: 'literal'; readonly value: string | number | boolean };

/** A side of a filter's comparison. */
export type Operand = readonly PathStep[];

/** A part of a template. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly steps: readonly PathStep[] }
  | { readonly kind: 'range'; readonly steps: readonly PathStep[]; readonly body: readonly TemplatePart[] };

/** Parses a JSONPath template such as `{range .items[*]}{.metadata.name}{"\n"}{end}`. Source: client-go's jsonpath. */
export function parseTemplate(source: string): readonly TemplatePart[] {
  const stack: { steps: readonly PathStep[]; parts: TemplatePart[] }[] = [{ steps: [], parts: [] }];
  const top = (): TemplatePart[] => stack.at(-1)?.parts ?? [];
  let at = 0;
  while (at < source.length) {
    const open = source.indexOf('{', at);
    if (open !== at) top().push({ kind: 'text', text: source.slice(at, open < 0 ? undefined : open) });
    if (open < 0) break;
    const close = endOfAction(source, open);
    const action = source.slice(open + 1, close).trim();
    at = close + 1;
    if (action === 'end') {
      const range = stack.pop();
      if (!range || stack.length === 0) throw new JsonPathError('not in range, nothing to end');
      top().push({ kind: 'range', steps: range.steps, body: range.parts });
    } else if (/^range(?![\w-])/.test(action)) stack.push({ steps: parsePath(action.slice(5)), parts: [] });
    else top().push({ kind: 'path', steps: parsePath(action) });
  }
  // client-go takes a missing {end} for one at the end of the template.
  while (stack.length > 1) {
    const open = stack.pop();
    if (open) top().push({ kind: 'range', steps: open.steps, body: open.parts });
  }
  return stack[0]?.parts ?? [];
}

/** Accepts `x.y`, `.x.y`, `{x.y}` and `{.x.y}` for the same path. Source: kubectl's RelaxedJSONPathExpression. */
export function parseRelaxedPath(source: string): readonly PathStep[] {
  const match = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(source);
  if (source === '') return [];
  const body = match?.[1] ?? match?.[2];
  if (body === undefined) {
    throw new JsonPathError(
      `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    );
  }
  return parsePath(body.startsWith('[') ? body : `.${body}`);
}

function endOfAction(source: string, open: number): number {
  let quote = '';
  for (let at = open + 1; at < source.length; at += 1) {
    const character = source[at] ?? '';
    if (character === '\\') at += 1;
    else if (quote) quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '}') return at;
  }
  throw new JsonPathError('unclosed action');
}

function parsePath(source: string): readonly PathStep[] {
  const steps: PathStep[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const [step, length] = nextStep(rest, source);
    if (step) steps.push(step);
    at += length;
  }
  return steps;
}

function nextStep(rest: string, source: string): readonly [PathStep | undefined, number] {
  const head = rest[0] ?? '';
  if (/\s/.test(head)) return [undefined, 1];
  if (head === '$') return [{ kind: 'root' }, 1];
  if (head === '@') return [{ kind: 'current' }, 1];
  if (head === '*') return [{ kind: 'wildcard' }, 1];
  if (rest.startsWith('..')) {
    const field = fieldName(rest.slice(2));
    return field.length === 0 ? [{ kind: 'recursive' }, 2] : [{ kind: 'recursive' }, 1];
  }
  if (head === '.') return fieldStep(rest.slice(1), 1);
  if (head === '[') return bracketStep(rest);
  if (head === '"' || head === "'") {
    const end = closingQuote(rest);
    return [{ kind: 'literal', value: unquoted(rest.slice(0, end + 1)) }, end + 1];
  }
  const number = /^[-+]?\d+(\.\d+)?/.exec(rest)?.[0];
  if (number !== undefined) return [{ kind: 'literal', value: Number(number) }, number.length];
  const word = /^[A-Za-z]\w*/.exec(rest)?.[0];
  if (word === 'true' || word === 'false') return [{ kind: 'literal', value: word === 'true' }, word.length];
  throw new JsonPathError(
    word ? `unrecognized identifier ${word}` : `unrecognized character in action: ${codeOf(head)} in ${source}`,
  );
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} '${character}'`;
}

function fieldStep(rest: string, before: number): readonly [PathStep | undefined, number] {
  const raw = fieldName(rest);
  if (raw === '') return [undefined, before];
  const name = raw.replaceAll(/\\(.)/g, '$1');
  return [raw === '*' ? { kind: 'wildcard' } : { kind: 'field', name }, before + raw.length];
}

function fieldName(rest: string): string {
  return /^(?:\\.|[^\s.[\]()"'|:@{}$\\=!<>,])*/.exec(rest)?.[0] ?? '';
}

function bracketStep(rest: string): readonly [PathStep, number] {
  const end = closingBracket(rest);
  const inner = rest.slice(1, end).trim();
  if (inner === '*') return [{ kind: 'wildcard' }, end + 1];
  if (inner.startsWith('?(')) return [filterStep(inner.slice(2, -1)), end + 1];
  const parts = splitOutsideQuotes(inner);
  if (parts.length > 1) {
    return [{ kind: 'union', branches: parts.map((part) => [bracketStep(`[${part}]`)[0]]) }, end + 1];
  }
  // client-go reads ['a.b'] as .a.b; a dot in a name is escaped.
  if (/^['"]/.test(inner)) return [{ kind: 'union', branches: [parsePath(`.${inner.slice(1, -1)}`)] }, end + 1];
  if (/^-?\d+$/.test(inner)) return [{ kind: 'index', index: Number(inner) }, end + 1];
  const slice = /^(-?\d*):(-?\d*)(?::(-?\d*))?$/.exec(inner);
  if (!slice) throw new JsonPathError(`invalid array index ${inner}`);
  const [, start, stop, step] = slice;
  return [
    {
      kind: 'slice',
      ...(start ? { start: Number(start) } : {}),
      ...(stop ? { end: Number(stop) } : {}),
      ...(step ? { step: Number(step) } : {}),
    },
    end + 1,
  ];
}

function filterStep(text: string): PathStep {
  const match = /^([^!<>=]+)([!<>=]+)(.+?)$/s.exec(text);
  if (!match) return { kind: 'filter', left: parsePath(text.trim()), operator: 'exists' };
  const [, left = '', operator = '', right = ''] = match;
  return { kind: 'filter', left: parsePath(left.trim()), operator: operator.trim(), right: parsePath(right.trim()) };
}

function closingBracket(rest: string): number {
  let depth = 0;
  let quote = '';
  for (let at = 0; at < rest.length; at += 1) {
    const character = rest[at] ?? '';
    if (character === '\\') at += 1;
    else if (quote) quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '[') depth += 1;
    else if (character === ']' && (depth -= 1) === 0) return at;
  }
  throw new JsonPathError('unterminated array');
}

function closingQuote(rest: string): number {
  for (let at = 1; at < rest.length; at += 1) {
    if (rest[at] === '\\') at += 1;
    else if (rest[at] === rest[0]) return at;
  }
  throw new JsonPathError('unterminated quoted string');
}

function splitOutsideQuotes(text: string): readonly string[] {
  return [...text.matchAll(/(?:'(?:\\.|[^'])*'|"(?:\\.|[^"])*"|[^,])+/g)].map((match) => match[0].trim());
}

const escapeValues: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

function unquoted(text: string): string {
  return text
    .trim()
    .slice(1, -1)
    .replaceAll(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/gs, (_, code: string) =>
      code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (escapeValues[code] ?? code),
    );
}
