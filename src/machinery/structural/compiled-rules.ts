/** The rules of `x-kubernetes-validations`, compiled. Source: apiextensions' schema/cel/compilation.go. */
import { CelError } from '../cel/cel-error.ts';
import { optionalType } from '../cel/cel-type.ts';
import type { CelType } from '../cel/cel-type.ts';
import { createCelEnvironment } from '../cel/environment.ts';
import type { CelEnvironment, CelProgram, CompiledExpression } from '../cel/environment.ts';
import { celTypeOfJsonSchema, maxCardinality } from '../cel/json-schema-type.ts';
import { additionalSchema, isSchemaList, itemSchema } from './json-schema.ts';
import type { JsonSchema, ValidationRule } from './json-schema.ts';
import { schemaAtPath } from './schema-path.ts';

/** A rule as it is evaluated, or why it can't be. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly error?: string | undefined;
  readonly program?: CelProgram | undefined;
  /** What an evaluation may cost, and how often there may be one in an object. */
  readonly maxCost: number;
  readonly maxCardinality: number;
  readonly usesOldSelf: boolean;
  readonly messageError?: string | undefined;
  readonly message?: CelProgram | undefined;
  readonly messageMaxCost: number;
  /** Where the error is told, from here on. */
  readonly fieldPath: string;
}

const compiled = new WeakMap<JsonSchema, readonly CompiledRule[]>();

/** The rules of one schema. `isResource`: its objects have apiVersion, kind and metadata without it saying so. */
export function compiledRules(
  schema: JsonSchema,
  { isResource }: { readonly isResource: boolean },
): readonly CompiledRule[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return [];
  let known = compiled.get(schema);
  if (!known) compiled.set(schema, (known = compileAll(schema, isResource)));
  return known;
}

/** Whether expressions can look at values of a schema. */
export function hasCelType(schema: JsonSchema): boolean {
  return typeOf(schema, false) !== undefined;
}

function typeOf(schema: JsonSchema, isResource: boolean): CelType | undefined {
  if (isSchemaList(schema.items)) return undefined;
  const resourceRoot = isResource || schema['x-kubernetes-embedded-resource'] === true;
  return celTypeOfJsonSchema(schema as Parameters<typeof celTypeOfJsonSchema>[0], { name: 'selfType', resourceRoot });
}

function compileAll(schema: JsonSchema, isResource: boolean): readonly CompiledRule[] {
  const type = typeOf(schema, isResource);
  if (!type) return [];
  const variables = { self: type };
  const plain = createCelEnvironment({ variables: { ...variables, oldSelf: type } });
  const optional = createCelEnvironment({ variables: { ...variables, oldSelf: optionalType(type) } });
  const cardinality = maxCardinality(type);
  return (schema['x-kubernetes-validations'] ?? []).map((rule) =>
    compileRule(schema, rule, { environment: rule.optionalOldSelf ? optional : plain, cardinality }),
  );
}

function compileRule(
  schema: JsonSchema,
  rule: ValidationRule,
  { environment, cardinality }: { readonly environment: CelEnvironment; readonly cardinality: number },
): CompiledRule {
  const nothing = {
    rule,
    maxCost: 0,
    maxCardinality: cardinality,
    usesOldSelf: false,
    messageMaxCost: 0,
    fieldPath: '',
  };
  if (rule.rule.trim() === '') return nothing;
  const result = compile(environment, rule.rule);
  if (typeof result === 'string') return { ...nothing, error: result };
  const usesOldSelf = result.variables.has('oldSelf');
  if (result.type.kind !== 'bool') return { ...nothing, error: 'cel expression must evaluate to a bool' };
  const base = { ...nothing, usesOldSelf, program: result.program, maxCost: result.cost.max };
  const path = rule.fieldPath ? schemaAtPath(schema, rule.fieldPath) : undefined;
  const placed = { ...base, fieldPath: path && 'text' in path ? path.text : '' };
  if (!rule.messageExpression) return placed;
  const message = compile(environment, rule.messageExpression, 'messageExpression ');
  if (typeof message === 'string') return { ...placed, messageError: message };
  if (message.type.kind !== 'string') {
    return { ...placed, messageError: 'messageExpression must evaluate to a string' };
  }
  return { ...placed, message: message.program, messageMaxCost: message.cost.max };
}

/** A compiled expression, or what is wrong with it. */
function compile(environment: CelEnvironment, text: string, what = ''): CompiledExpression | string {
  try {
    return environment.compile(text);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const stage = error.reason === 'program' ? `${what || 'program '}instantiation` : `${what}compilation`;
    return `${stage} failed: ${error.message}`;
  }
}

const ruled = new WeakMap<JsonSchema, boolean>();

/** Whether a schema, or one of its parts, has rules. */
export function hasRules(schema: JsonSchema): boolean {
  let known = ruled.get(schema);
  if (known === undefined) {
    const parts = [itemSchema(schema), additionalSchema(schema), ...Object.values(schema.properties ?? {})];
    known =
      (schema['x-kubernetes-validations'] ?? []).length > 0 ||
      parts.some((part) => part !== undefined && hasRules(part));
    ruled.set(schema, known);
  }
  return known;
}
