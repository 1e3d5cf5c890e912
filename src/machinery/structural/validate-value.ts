/** Validation of values by JSON schemas, compiled once per schema. Source: kube-openapi's validation/validate. */
import { RE2JS } from 're2js';
import { equalJson } from '../patch/equal-json.ts';
import type { FieldError } from '../field-error.ts';
import type { Correlated } from './correlation.ts';
import { oldItems, oldMember, typeFields } from './correlation.ts';
import { formatCheck } from './formats.ts';
import type { JsonSchema } from './json-schema.ts';
import { additionalSchema, itemSchema } from './json-schema.ts';
import { numberCheck } from './number-check.ts';
import type { NumberForm } from './number-check.ts';
import { isMutableObject } from './prune.ts';
import { combinationCheck } from './schema-combinations.ts';
import type { Check, Findings, Subject } from './schema-combinations.ts';
import * as failures from './schema-failure.ts';
import type { SchemaFailure } from './schema-failure.ts';

/**
 * What is wrong with a value. With `old`, faults of parts that did not change are tolerated. `prefix` is where the value
 * stands, for paths only.
 */
export function validateValue(
  schema: JsonSchema,
  value: unknown,
  options: { readonly old?: Correlated | undefined; readonly prefix?: string } = {},
): FieldError[] {
  const findings: Findings = { failures: [], matched: 0 };
  checkOf(schema)({ value, path: '', old: options.old }, findings);
  return findings.failures.map((failure) => failures.asFieldError(failure, options.prefix));
}

const compiled = new WeakMap<JsonSchema, Check>();

function checkOf(schema: JsonSchema): Check {
  let check = compiled.get(schema);
  if (!check) compiled.set(schema, (check = compile(schema)));
  return check;
}

function compile(schema: JsonSchema): Check {
  const checks = [
    typeCheck(schema),
    combinationCheck(schema, checkOf),
    stringCheck(schema),
    numberCheck(schema, numberForm(schema)),
    listCheck(schema),
    enumCheck(schema),
    objectCheck(schema),
  ].filter((check) => check !== undefined);
  const onlyNull = [typeCheck(schema), enumCheck(schema)].filter((check) => check !== undefined);
  return (subject, findings) => {
    const before = findings.failures.length;
    for (const check of subject.value === null ? onlyNull : checks) check(subject, findings);
    if (findings.failures.length === before) findings.matched++;
    else if (subject.old && equalJson(subject.value, subject.old.value)) findings.failures.length = before;
  };
}

/** The types that a schema allows: two of an int-or-string. */
function typesOf(schema: JsonSchema): readonly string[] {
  if (schema['x-kubernetes-int-or-string']) return ['integer', 'string'];
  return schema.type === undefined || schema.type === '' ? [] : [schema.type];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'bigint') return 'integer';
  return typeof value;
}

/** What Go calls the format of a decoded value. */
function goFormat(value: unknown): string {
  if (typeof value === 'bigint') return 'int64';
  if (typeof value !== 'number') return '';
  return Number.isInteger(value) ? 'int64' : 'double';
}

function typeCheck(schema: JsonSchema): Check | undefined {
  const types = typesOf(schema);
  const format = knownFormat(schema, types);
  if (types.length === 0 && format === '') return undefined;
  const all = types.join(',');
  const numeric = types.includes('number') || types.includes('integer');
  return ({ value, path }, { failures: found }) => {
    const type = typeOf(value);
    if (value === null) {
      if (types.length > 0 && !schema.nullable) found.push(failures.typeFailure(path, all, 'null'));
      return;
    }
    const fits = types.includes(type) || (type === 'integer' && types.includes('number'));
    const formatted = typeof value === 'string' || Array.isArray(value);
    if (!formatted && format !== '' && !fits && goFormat(value) !== format) {
      found.push(failures.typeFailure(path, format, goFormat(value)));
    } else if (formatted && format !== '' && !numeric) {
      // The format says whether a text is of its type.
    } else if (types.length > 0 && !fits) found.push(failures.typeFailure(path, all, type));
  };
}

/** The format, if it is one that is enforced for the type. */
function knownFormat({ format = '' }: JsonSchema, types: readonly string[]): string {
  if (types.length > 1) return '';
  const type = types[0] ?? '';
  if (type === 'integer') return format === 'int32' || format === 'int64' ? format : '';
  if (type === 'number') return format === 'float' || format === 'double' ? format : '';
  return type === '' || type === 'string' ? (formatCheck(format) ? format : '') : '';
}

/** The one type that numbers must have, and its format. */
function numberForm(schema: JsonSchema): NumberForm {
  const types = typesOf(schema);
  return { type: types.length === 1 ? (types[0] ?? '') : '', format: knownFormat(schema, types) };
}

function stringCheck(schema: JsonSchema): Check | undefined {
  const { maxLength, minLength, pattern } = schema;
  const types = typesOf(schema);
  const format = knownFormat(schema, types);
  const hasFormat = types.includes('string') || types.length === 0 ? formatCheck(format) : undefined;
  if (maxLength === undefined && minLength === undefined && !pattern && !hasFormat) return undefined;
  const expression = pattern ? RE2JS.compile(pattern) : undefined;
  const lengthFailure = (value: string, path: string): SchemaFailure | undefined => {
    // The length in UTF-16 units is never less than that in characters.
    const length = maxLength !== undefined && value.length <= maxLength && !minLength ? 0 : [...value].length;
    if (maxLength !== undefined && length > maxLength) return failures.tooLongFailure(path, maxLength);
    if (minLength === undefined || length >= minLength) return undefined;
    return failures.valueFailure(path, value, `should be at least ${minLength} chars long`);
  };
  return ({ value, path }, { failures: found }) => {
    if (typeof value !== 'string') return;
    const failure = lengthFailure(value, path);
    if (failure) found.push(failure);
    else if (expression && !expression.test(value)) {
      found.push(failures.valueFailure(path, value, `should match '${pattern}'`));
    }
    if (hasFormat && !hasFormat(value)) found.push(failures.typeFailure(path, format, value));
  };
}

function listCheck(schema: JsonSchema): Check | undefined {
  const { minItems, maxItems, uniqueItems } = schema;
  const inner = itemSchema(schema);
  if (!inner && minItems === undefined && maxItems === undefined && !uniqueItems) return undefined;
  return ({ value, path, old }, findings) => {
    if (!Array.isArray(value)) return;
    const items: readonly unknown[] = value;
    if (inner) {
      const check = checkOf(inner);
      const find = oldItems(schema, old);
      items.forEach((item, index) => check({ value: item, path: `${path}[${index}]`, old: find(item) }, findings));
    }
    if (minItems !== undefined && items.length < minItems) {
      findings.failures.push(failures.valueFailure(path, items.length, `should have at least ${minItems} items`));
    }
    if (maxItems !== undefined && items.length > maxItems) {
      findings.failures.push(failures.tooManyFailure(path, items.length, maxItems));
    }
    if (uniqueItems && items.some((item, index) => items.findIndex((other) => equalJson(item, other)) < index)) {
      findings.failures.push(failures.valueFailure(path, '', "shouldn't contain duplicates"));
    }
  };
}

function enumCheck({ enum: values }: JsonSchema): Check | undefined {
  if (!values || values.length === 0) return undefined;
  const allowed = values.filter((value) => value !== null);
  return ({ value, path }, { failures: found }) => {
    if (!allowed.some((one) => equalJson(one, value))) found.push(failures.enumFailure(path, value, values));
  };
}

function objectCheck(schema: JsonSchema): Check | undefined {
  const { minProperties, maxProperties, required = [], properties = {}, additionalProperties } = schema;
  const additional = additionalSchema(schema);
  const names = Object.keys(properties);
  const isPlain = minProperties === undefined && maxProperties === undefined && required.length === 0;
  if (isPlain && names.length === 0 && !additional && additionalProperties !== false) return undefined;
  return (subject, findings) => {
    const { value, path } = subject;
    if (!isMutableObject(value)) return;
    const count = Object.keys(value).length;
    if (minProperties !== undefined && count < minProperties) {
      const problem = `should have at least ${minProperties} properties`;
      findings.failures.push(failures.valueFailure(path, '', problem));
      return;
    }
    if (maxProperties !== undefined && count > maxProperties) {
      findings.failures.push(failures.tooManyFailure(path, count, maxProperties));
      return;
    }
    checkMembers(schema, subject, findings);
    for (const name of required) {
      if (!Object.hasOwn(value, name)) findings.failures.push(failures.requiredFailure(`${path}.${name}`));
    }
  };
}

function checkMembers(schema: JsonSchema, { value, path, old }: Subject, findings: Findings): void {
  const { properties, additionalProperties } = schema;
  const additional = additionalSchema(schema);
  const within = path === '' ? '' : `${path}.`;
  for (const [name, member] of Object.entries(value as object)) {
    const inner = properties && Object.hasOwn(properties, name) ? properties[name] : additional;
    if (inner) {
      const before = path === '' && typeFields.has(name) ? undefined : oldMember(old, name);
      const subject = { value: member as unknown, path: `${within}${name}`, old: before };
      checkOf(inner)(subject, findings);
    } else if (additionalProperties === false) {
      findings.failures.push(failures.compositeFailure(`${path}.${name} in body is a forbidden property`));
    }
  }
}
