/** Judges pods by a level as of a version. */
import { baselineChecks } from './baseline-checks.ts';
import type { Check, CheckVersion, CheckedPod, Violation } from './check.ts';
import type { LevelVersion } from './policy.ts';
import { restrictedChecks } from './restricted-checks.ts';

const newest = Math.max(
  ...[...baselineChecks, ...restrictedChecks].flatMap(({ versions }) => versions.map(({ since }) => since)),
);

type Rules = readonly CheckVersion[];

const rules = { baseline: new Map<number, Rules>(), restricted: new Map<number, Rules>() };

/** What a pod does that it may not. */
export function violationsOf({ level, version }: LevelVersion, pod: CheckedPod): readonly Violation[] {
  if (level === 'privileged') return [];
  // Later versions are as the newest that is known, so that there are only so many.
  const known = Math.min(version, newest);
  let ofVersion = rules[level].get(known);
  if (!ofVersion) rules[level].set(known, (ofVersion = rulesOf(level, known)));
  return ofVersion.flatMap((rule) => rule.violation(pod) ?? []);
}

function rulesOf(level: 'baseline' | 'restricted', version: number): Rules {
  const asOf = (checks: readonly Check[]): readonly (readonly [id: string, rule: CheckVersion])[] =>
    checks.flatMap(({ id, versions }) => {
      const rule = versions.findLast(({ since }) => since <= version);
      return rule ? [[id, rule] as const] : [];
    });
  const restricted = level === 'restricted' ? asOf(restrictedChecks) : [];
  const overridden = new Set(restricted.flatMap(([, { overrides = [] }]) => overrides));
  const baseline = asOf(baselineChecks).filter(([id]) => !overridden.has(id));
  return [...baseline, ...restricted].map(([, rule]) => rule);
}

/** `host namespaces, hostPort`. */
export function reasonsText(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(', ');
}

/** `host namespaces (hostNetwork=true), hostPort (…)`. */
export function detailsText(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
}
