import { severities } from './check.ts';
import type { Check, Deviation, Severity } from './check.ts';
import type { Facts } from './facts.ts';

/** A check that found something. */
export interface Finding extends Omit<Check, 'look'> {
  readonly deviations: readonly Deviation[];
}

/** What a check of a cluster has found. */
export interface Report {
  /** The gravest first. */
  readonly findings: readonly Finding[];
  /** Names of the checks that found nothing. */
  readonly passed: readonly string[];
  /** Names of those that could not look at what they are about from here. */
  readonly notExamined: readonly string[];
}

/** Looks at everything. */
export function examine(checks: readonly Check[], facts: Facts): Report {
  const results = checks.map(({ look, ...check }) => ({ ...check, deviations: look(facts) }));
  const findings = results.flatMap(({ deviations, ...check }) =>
    deviations && deviations.length > 0 ? [{ ...check, deviations }] : [],
  );
  return {
    findings: findings.toSorted((one, other) => rank(other.severity) - rank(one.severity)),
    passed: results.flatMap(({ name, deviations }) => (deviations?.length === 0 ? [name] : [])),
    notExamined: results.flatMap(({ name, deviations }) => (deviations ? [] : [name])),
  };
}

function rank(severity: Severity): number {
  return severities.indexOf(severity);
}

/** Whether something is at least as grave as `failOn`. */
export function fails({ findings }: Report, failOn: Severity): boolean {
  return findings.some(({ severity }) => rank(severity) >= rank(failOn));
}

/** Deviations of one finding that are shown; all are in the JSON. */
const shown = 10;

/** The report for people. */
export function reportText({ findings, passed, notExamined }: Report): string {
  const lines = findings.flatMap(({ severity, name, title, why, fix, deviations }) => [
    `${severity.toUpperCase()}  ${title}  [${name}]`,
    ...deviations.slice(0, shown).map(({ where, what }) => `  - ${where}: ${what}`),
    ...(deviations.length > shown ? [`  - and ${deviations.length - shown} more (-o json shows all)`] : []),
    `  Why: ${why}`,
    `  Fix: ${fix}`,
    '',
  ]);
  const count = findings.reduce((sum, { deviations }) => sum + deviations.length, 0);
  const summary =
    count === 0
      ? `Nothing deviates: ${passed.length} checks.`
      : `${count} deviation${count === 1 ? '' : 's'} in ${findings.length} of ${findings.length + passed.length} checks.`;
  const missing = notExamined.length === 0 ? [] : [`Not to be seen from here: ${notExamined.join(', ')}.`];
  return `${[...lines, summary, ...missing].join('\n')}\n`;
}
