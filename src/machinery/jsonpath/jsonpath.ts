/** JSONPath as Kubernetes speaks it: kubectl's templates, printer columns, selectable fields. Source: client-go's util/jsonpath. */
import { JsonPathError } from './jsonpath-error.ts';
import { parseRelaxedPath, parseTemplate } from './parse-jsonpath.ts';
import type { Operand, PathStep, TemplatePart } from './parse-jsonpath.ts';

/** How a template is evaluated. */
export interface JsonPathOptions {
  /** A field that is not there yields nothing instead of an error. */
  readonly allowMissing: boolean;
}

/** What each action of a template finds in `data`, in order. */
export type FindInTemplate = (data: unknown) => readonly (readonly unknown[])[];

/** Compiles a template such as `{.metadata.name}`; throws JsonPathError when it is malformed. */
export function compileTemplate(source: string, options: JsonPathOptions = { allowMissing: true }): FindInTemplate {
  const parts = parseTemplate(source);
  return (data) => [...resultsOf(parts, { root: data, current: data, options })];
}

/** Compiles a bare path (`.metadata.name`) into the function that finds its values. */
export function compilePath(
  source: string,
  options: JsonPathOptions = { allowMissing: true },
): (data: unknown) => readonly unknown[] {
  const steps = parseRelaxedPath(source);
  return (data) => walk(steps, { root: data, current: data, options });
}

interface Scope {
  readonly root: unknown;
  readonly current: unknown;
  readonly options: JsonPathOptions;
}

function* resultsOf(parts: readonly TemplatePart[], scope: Scope): Generator<readonly unknown[]> {
  for (const part of parts) {
    if (part.kind === 'text') yield [part.text];
    else if (part.kind === 'path') yield walk(part.steps, scope);
    else
      for (const current of walk(part.steps, scope)) yield* resultsOf(part.body, { ...scope, root: current, current });
  }
}

function walk(steps: readonly PathStep[], scope: Scope): readonly unknown[] {
  let values: readonly unknown[] = [scope.current];
  for (const step of steps) values = advance(step, values, scope);
  return values;
}

function advance(step: PathStep, values: readonly unknown[], scope: Scope): readonly unknown[] {
  switch (step.kind) {
    case 'root':
      return [scope.root];
    case 'current':
      return [scope.current];
    case 'literal':
      return [step.value];
    case 'field':
      return values.flatMap((value) => fieldOf(value, step.name, scope.options));
    case 'wildcard':
      return values.flatMap(childrenOf);
    case 'recursive':
      return values.flatMap((value) => [...descendantsOf(value)]);
    case 'index':
      return values.flatMap((value) =>
        Array.isArray(value) ? [elementAt(value, step.index)] : notArray(value, scope),
      );
    case 'slice':
      return values.flatMap((value) => (Array.isArray(value) ? sliceOf(value, step) : notArray(value, scope)));
    case 'union':
      return step.branches.flatMap((branch) => branch.reduce((found, one) => advance(one, found, scope), values));
    case 'filter':
      return values.flatMap((value) => childrenOf(value).filter((child) => passes(step, child, scope)));
  }
}

function fieldOf(value: unknown, name: string, options: JsonPathOptions): readonly unknown[] {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, name)) {
    return [(value as Record<string, unknown>)[name]];
  }
  if (options.allowMissing || value === null) return [];
  throw new JsonPathError(`${name} is not found`);
}

function notArray(value: unknown, scope: Scope): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (scope.options.allowMissing && typeof value !== 'object') return [];
  throw new JsonPathError(`${typeof value === 'object' ? 'map' : typeof value} is not array or slice`);
}

function elementAt(list: readonly unknown[], index: number): unknown {
  const at = index < 0 ? index + list.length : index;
  if (at < 0 || at >= list.length) {
    throw new JsonPathError(`array index out of bounds: index ${index < 0 ? at : index}, length ${list.length}`);
  }
  return list[at];
}

function sliceOf(list: readonly unknown[], range: { start?: number; end?: number; step?: number }): readonly unknown[] {
  const absolute = (at: number): number => (at < 0 ? at + list.length : at);
  const start = absolute(range.start ?? 0);
  const end = Math.min(absolute(range.end ?? list.length), list.length);
  const step = range.step ?? 1;
  if (step <= 0) throw new JsonPathError('step must be > 0');
  return list.slice(start, end).filter((_, at) => at % step === 0);
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, inner]) => inner as unknown);
}

function* descendantsOf(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  yield value;
  for (const child of childrenOf(value)) yield* descendantsOf(child);
}

function passes(filter: Extract<PathStep, { kind: 'filter' }>, child: unknown, scope: Scope): boolean {
  const side = (operand: Operand): readonly unknown[] =>
    walk(operand, { root: scope.root, current: child, options: { allowMissing: true } });
  const left = side(filter.left);
  if (filter.operator === 'exists') return left.length > 0;
  const right = side(filter.right ?? []);
  if (left.length === 0) return false;
  if (left.length > 1 || right.length > 1) throw new JsonPathError('can only compare one element at a time');
  return right.length > 0 && compare(left[0], filter.operator, right[0]);
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  const comparable = typeof left === typeof right && (typeof left === 'number' || typeof left === 'string');
  if (!comparable) throw new JsonPathError('incompatible types for comparison');
  const [a, b] = [left as string, right as string];
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      throw new JsonPathError(`unrecognized filter operator ${operator}`);
  }
}
