/** Evaluates the rules of a schema for an object. Source: apiextensions' schema/cel/validation.go. */
import { messageOf } from '../../base/errors.ts';
import { CelError } from '../cel/cel-error.ts';
import type { CelProgram } from '../cel/environment.ts';
import { maxMessageExpressionBytes, perCallLimit, runtimeCostBudget } from '../cel/limits.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, forbidden, invalid, omittedValue, required } from '../field-error.ts';
import { equalJson } from '../patch/equal-json.ts';
import { compiledRules, hasRules } from './compiled-rules.ts';
import type { CompiledRule } from './compiled-rules.ts';
import type { Correlated } from './correlation.ts';
import { oldItems, oldMember, typeFields } from './correlation.ts';
import { additionalSchema, itemSchema, propertySchema } from './json-schema.ts';
import type { JsonSchema, ValidationRule } from './json-schema.ts';
import { isMutableObject } from './prune.ts';

/** What evaluating rules may know beside the value. */
export interface RuleOptions {
  /** The old version, for transition rules. */
  readonly old?: Correlated | undefined;
  /** Whether faults of parts that did not change are tolerated. */
  readonly ratcheting?: boolean;
  /** Where the value stands. */
  readonly path?: string;
  /** Whether it is a whole object. Default: it is. */
  readonly isResource?: boolean;
}

/** What the rules say against a value; at most so many as the budget of an object allows. */
export function validateRules(schema: JsonSchema, value: unknown, options: RuleOptions = {}): FieldError[] {
  if (!hasRules(schema)) return [];
  const { old, ratcheting = false, path = '', isResource = true } = options;
  const evaluation = new Evaluation();
  const unchanged = ratcheting && old ? sameness(value, old.value) : undefined;
  evaluation.visit(schema, { value, old, path, isResource, unchanged: { here: unchanged, above: undefined } });
  return evaluation.errors;
}

type Sameness = () => boolean;

/** Whether two values are the same: found out when it is asked, once. */
function sameness(value: unknown, old: unknown): Sameness {
  let known: boolean | undefined;
  return () => (known ??= equalJson(value, old));
}

interface Place {
  readonly value: unknown;
  readonly old: Correlated | undefined;
  readonly path: string;
  readonly isResource: boolean;
  /** Whether this part changed; of parts that no old one stands for, whether the nearest part around them did. */
  readonly unchanged: { readonly here: Sameness | undefined; readonly above: Sameness | undefined };
}

const neverUnchanged: Place['unchanged'] = { here: undefined, above: undefined };

/** Ends the evaluation of an object's rules. */
class Exhausted extends Error {}

class Evaluation {
  readonly errors: FieldError[] = [];
  #budget = runtimeCostBudget;

  visit(schema: JsonSchema, place: Place): void {
    try {
      this.#visit(schema, place);
    } catch (error) {
      if (!(error instanceof Exhausted)) throw error;
    }
  }

  #visit(schema: JsonSchema, place: Place): void {
    if (place.value === null || place.value === undefined || !hasRules(schema)) return;
    for (const rule of compiledRules(schema, place)) this.#evaluate(schema, rule, place);
    if (Array.isArray(place.value)) return this.#items(schema, place.value, place);
    if (isMutableObject(place.value)) this.#members(schema, place.value, place);
  }

  #items(schema: JsonSchema, items: readonly unknown[], place: Place): void {
    const inner = itemSchema(schema);
    if (!inner || !hasRules(inner)) return;
    const find = oldItems(schema, place.old);
    items.forEach((value, index) =>
      this.#inside(inner, place, { value, old: find(value), path: `${place.path}[${index}]` }),
    );
  }

  #members(schema: JsonSchema, members: Readonly<Record<string, unknown>>, place: Place): void {
    const additional = additionalSchema(schema);
    for (const [name, value] of Object.entries(members)) {
      const property = propertySchema(schema, name);
      const inner = property ?? additional;
      if (!inner || !hasRules(inner)) continue;
      const path = property ? joined(place.path, name) : `${place.path}[${name}]`;
      const isRoot = place.unchanged.above === undefined;
      const outer = isRoot && typeFields.has(name) ? { ...place, unchanged: neverUnchanged } : place;
      this.#inside(inner, outer, { value, old: oldMember(place.old, name), path });
    }
  }

  #inside(schema: JsonSchema, outer: Place, part: Pick<Place, 'value' | 'old' | 'path'>): void {
    const { here, above } = outer.unchanged;
    const own = here && part.old ? sameness(part.value, part.old.value) : undefined;
    const unchanged = here ? { here: own, above: here } : { here: undefined, above };
    this.#visit(schema, { ...part, isResource: false, unchanged });
  }

  #evaluate(schema: JsonSchema, compiled: CompiledRule, place: Place): void {
    const { rule, program, error, usesOldSelf } = compiled;
    const field = place.path === '' ? '<nil>' : place.path;
    const type = schema.type ?? '';
    if (this.#budget <= 0) this.#exhaust(invalid(field, type, outOfBudget));
    if (error !== undefined) {
      this.errors.push(invalid(field, type, `rule compile error: ${error}`));
      return;
    }
    const old = place.old?.value ?? undefined;
    if (!program || (usesOldSelf && old === undefined && !rule.optionalOldSelf)) return;
    // Where it is optional, a null is an optional without a value.
    const oldSelf = old ?? (rule.optionalOldSelf ? null : undefined);
    const bindings = { self: place.value, ...(oldSelf === undefined ? {} : { oldSelf }) };
    if (this.#holds(program, { rule, bindings, field, type }) !== false) return;
    const tolerated = !usesOldSelf && (place.unchanged.here ?? place.unchanged.above)?.() === true;
    const detail = this.#detail(compiled, bindings, { field, type });
    if (tolerated) return;
    const at = compiled.fieldPath === '' ? field : joined(place.path, compiled.fieldPath);
    const shown = type === 'object' || type === 'array' ? omittedValue : place.value;
    this.errors.push(errorFor(rule, at, { value: shown, detail }));
  }

  /** Whether a rule holds; undefined when it could not be told, which is an error of its own. */
  #holds(
    program: CelProgram,
    { rule, bindings, field, type }: { rule: ValidationRule; bindings: Bindings; field: string; type: string },
  ): boolean | undefined {
    try {
      const { value, cost } = program.evaluate(bindings, { costLimit: perCallLimit });
      this.#spend(cost, field, type);
      return value === true;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      this.#spend(error.cost, field, type);
      const text = rule.message?.trim() || rule.rule.trim();
      if (error.reason === 'cost') {
        const detail = `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${text}`;
        this.#exhaust(invalid(field, type, detail));
      }
      const detail = error.message.startsWith('no such overload')
        ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${text}`
        : `${error.message} evaluating rule: ${text}`;
      this.errors.push(invalid(field, type, detail));
      return undefined;
    }
  }

  #detail({ rule, message }: CompiledRule, bindings: Bindings, place: { field: string; type: string }): string {
    const written = rule.message?.trim();
    const fallback = written || `failed rule: ${rule.rule.trim()}`;
    if (!message) return fallback;
    try {
      const { value, cost } = message.evaluate(bindings, { costLimit: perCallLimit });
      if (cost > this.#budget) {
        const detail =
          'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run';
        this.#exhaust(invalid(place.field, place.type, detail));
      }
      this.#budget -= cost;
      const text = typeof value === 'string' ? value.trim() : '';
      const fits = text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= maxMessageExpressionBytes;
      return fits ? text : fallback;
    } catch (error) {
      if (error instanceof Exhausted) throw error;
      if (error instanceof CelError && error.reason === 'cost') {
        const detail = `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(rule.messageExpression)}`;
        this.#exhaust(invalid(place.field, place.type, detail));
      }
      if (!(error instanceof CelError))
        throw new Error(`a messageExpression failed: ${messageOf(error)}`, { cause: error });
      this.#budget -= error.cost;
      return fallback;
    }
  }

  #spend(cost: number, field: string, type: string): void {
    if (cost > this.#budget) this.#exhaust(invalid(field, type, outOfBudget));
    this.#budget -= cost;
  }

  #exhaust(error: FieldError): never {
    this.errors.push(error);
    throw new Exhausted();
  }
}

type Bindings = Readonly<Record<string, unknown>>;

const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run';

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function errorFor(
  { reason }: ValidationRule,
  field: string,
  { value, detail }: { readonly value: unknown; readonly detail: string },
): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return duplicate(field, value);
    default:
      return invalid(field, value, detail);
  }
}
