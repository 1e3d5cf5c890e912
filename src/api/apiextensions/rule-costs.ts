/** What the expressions of a schema may be, and cost. Source: apiextensions' validation.go and cel_validation.go. */
import { staticEstimatedCostLimit, staticEstimatedCrdCostLimit } from '../../machinery/cel/limits.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid } from '../../machinery/field-error.ts';
import { compiledRules, hasCelType } from '../../machinery/structural/compiled-rules.ts';
import type { CompiledRule } from '../../machinery/structural/compiled-rules.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';

/** The largest uint64, where costs saturate. */
const largest = 2 ** 64;

/** What all rules of a schema are estimated to cost together. */
export class TotalCost {
  total = 0;
  #expensive: { readonly field: string; readonly cost: number }[] = [];

  /** Adds what an expression costs. */
  observe(field: string, cost: number): void {
    this.total = Math.min(largest, this.total + cost);
    if (cost < staticEstimatedCrdCostLimit / 100) return;
    this.#expensive = [...this.#expensive, { field, cost }].sort((a, b) => b.cost - a.cost).slice(0, 4);
  }

  /** What is said when it is too much. */
  errors(path: string): FieldError[] {
    if (this.total <= staticEstimatedCrdCostLimit) return [];
    const detail = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...this.#expensive.map(({ field }) => forbidden(field, detail)),
      forbidden(path, costMessage(name, this.total, staticEstimatedCrdCostLimit)),
    ];
  }
}

/** Where rules stand. */
export interface ExpressionPlace {
  readonly path: string;
  readonly isRoot: boolean;
  /** How often the schema's values may occur, as far as its parents bound it. */
  readonly cardinality: number | undefined;
  readonly totalCost: TotalCost;
  /** The schema is that of before: what a single rule costs was accepted then. */
  readonly suppressCosts: boolean;
  readonly uncorrelatable: string | undefined;
}

/** What is wrong with the expressions of one schema. */
export function expressionErrors(schema: JsonSchema, place: ExpressionPlace): FieldError[] {
  if ((schema['x-kubernetes-validations'] ?? []).length === 0) return [];
  const path = `${place.path}.x-kubernetes-validations`;
  if (!hasCelType(schema)) {
    const detail =
      'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations';
    return [{ type: 'InternalError', field: path, detail }];
  }
  return compiledRules(schema, { isResource: place.isRoot }).flatMap((compiled, i) =>
    ruleErrors(compiled, place, `${path}[${i}]`),
  );
}

function ruleErrors(compiled: CompiledRule, place: ExpressionPlace, path: string): FieldError[] {
  const { rule, error, messageError } = compiled;
  const cost = times(compiled.maxCost, place.cardinality ?? compiled.maxCardinality);
  place.totalCost.observe(`${path}.rule`, cost);
  if (compiled.message) place.totalCost.observe(`${path}.messageExpression`, compiled.messageMaxCost);
  return [
    ...costError(cost, place, { field: `${path}.rule`, name: 'estimated rule cost' }),
    ...(error === undefined ? [] : [invalid(`${path}.rule`, rule, error)]),
    ...(messageError === undefined ? [] : [invalid(`${path}.messageExpression`, rule, messageError)]),
    ...costError(compiled.messageMaxCost, place, {
      field: `${path}.messageExpression`,
      name: 'estimated messageExpression cost',
    }),
    ...oldSelfErrors(compiled, place, path),
  ];
}

function oldSelfErrors({ rule, usesOldSelf, error }: CompiledRule, place: ExpressionPlace, path: string): FieldError[] {
  if (usesOldSelf && place.uncorrelatable !== undefined) {
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`;
    return [invalid(`${path}.rule`, rule.rule, detail)];
  }
  if (usesOldSelf || rule.optionalOldSelf === undefined || error !== undefined) return [];
  const detail = 'may not be set if oldSelf is not used in rule';
  return [invalid(`${path}.optionalOldSelf`, rule.optionalOldSelf, detail)];
}

function costError(
  cost: number,
  { suppressCosts }: ExpressionPlace,
  { field, name }: { readonly field: string; readonly name: string },
): FieldError[] {
  if (suppressCosts || cost <= staticEstimatedCostLimit) return [];
  return [forbidden(field, costMessage(name, cost, staticEstimatedCostLimit))];
}

function costMessage(name: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const text = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
  return `${name} exceeds budget by factor of ${text} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

function times(cost: number, cardinality: number): number {
  return cost === 0 ? 0 : Math.min(largest, cost * cardinality);
}

/** How much more often values of a schema's parts occur than its own; undefined when nothing bounds it. */
export function elementsOf(schema: JsonSchema): number | undefined {
  const { type, additionalProperties, maxProperties, maxItems } = schema;
  if (type === 'object' && additionalProperties !== undefined) return bounded(maxProperties);
  return type === 'array' ? bounded(maxItems) : 1;
}

function bounded(max: number | undefined): number | undefined {
  return max === undefined ? undefined : Math.max(0, max);
}
