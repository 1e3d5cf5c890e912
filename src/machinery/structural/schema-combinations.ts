/** anyOf, oneOf, allOf and not. Source: kube-openapi's validation/validate/schema_props.go. */
import type { Correlated } from './correlation.ts';
import type { JsonSchema } from './json-schema.ts';
import * as failures from './schema-failure.ts';
import type { SchemaFailure } from './schema-failure.ts';

/** How far a validation has come: what is wrong, and how many parts were right. */
export interface Findings {
  readonly failures: SchemaFailure[];
  matched: number;
}

/** A value, where it stands, and what it was. */
export interface Subject {
  readonly value: unknown;
  readonly path: string;
  readonly old: Correlated | undefined;
}

/** Adds what is wrong with a value. */
export type Check = (subject: Subject, findings: Findings) => void;

type CheckOf = (schema: JsonSchema) => Check;

/** The check of what a schema says by others; undefined when it says nothing. `checkOf` checks those. */
export function combinationCheck(schema: JsonSchema, checkOf: CheckOf): Check | undefined {
  const parts = [anyOfCheck, oneOfCheck, allOfCheck, notCheck].map((make) => make(schema, checkOf));
  const checks = parts.filter((check) => check !== undefined);
  if (checks.length === 0) return undefined;
  return (subject, findings) => {
    for (const check of checks) check(subject, findings);
  };
}

/** Each alternative on its own, and the one that came furthest if none fits. */
function tryAll(
  schemas: readonly JsonSchema[],
  subject: Subject,
  checkOf: CheckOf,
): { readonly valid: number; readonly closest: Findings | undefined; readonly all: readonly Findings[] } {
  const all = schemas.map((schema) => {
    const findings: Findings = { failures: [], matched: 0 };
    checkOf(schema)(subject, findings);
    return findings;
  });
  const failed = all.filter((findings) => findings.failures.length > 0);
  const closest = failed.reduce<Findings | undefined>(
    (best, findings) => (best && best.matched >= findings.matched ? best : findings),
    undefined,
  );
  return { valid: all.length - failed.length, closest, all };
}

function anyOfCheck({ anyOf = [] }: JsonSchema, checkOf: CheckOf): Check | undefined {
  if (anyOf.length === 0) return undefined;
  return (subject, { failures: found }) => {
    const { valid, closest } = tryAll(anyOf, subject, checkOf);
    if (valid > 0) return;
    const text = `${JSON.stringify(subject.path)} must validate at least one schema (anyOf)`;
    found.push(failures.compositeFailure(text), ...(closest?.failures ?? []));
  };
}

function oneOfCheck({ oneOf = [] }: JsonSchema, checkOf: CheckOf): Check | undefined {
  if (oneOf.length === 0) return undefined;
  return (subject, { failures: found }) => {
    const { valid, closest } = tryAll(oneOf, subject, checkOf);
    if (valid === 1) return;
    const found_ = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
    const text = `${JSON.stringify(subject.path)} must validate one and only one schema (oneOf). ${found_}`;
    found.push(failures.compositeFailure(text), ...(valid === 0 ? (closest?.failures ?? []) : []));
  };
}

function allOfCheck({ allOf = [] }: JsonSchema, checkOf: CheckOf): Check | undefined {
  if (allOf.length === 0) return undefined;
  return (subject, { failures: found }) => {
    const { valid, all } = tryAll(allOf, subject, checkOf);
    found.push(...all.flatMap((findings) => findings.failures));
    if (valid === allOf.length) return;
    const none = valid === 0 ? '. None validated' : '';
    const text = `${JSON.stringify(subject.path)} must validate all the schemas (allOf)${none}`;
    found.push(failures.compositeFailure(text));
  };
}

function notCheck({ not }: JsonSchema, checkOf: CheckOf): Check | undefined {
  if (!not) return undefined;
  return (subject, { failures: found }) => {
    if (tryAll([not], subject, checkOf).valid === 0) return;
    found.push(failures.compositeFailure(`${JSON.stringify(subject.path)} must not validate the schema (not)`));
  };
}
