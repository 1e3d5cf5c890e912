/**
 * Whether one set of rules grants all that another does; nobody may give away more than they have. Source: kubernetes'
 * rbac validation (Covers).
 */
import type { PolicyRule } from '../../api/rbac/role.ts';
import { pathMatches } from './rule-matching.ts';

/** The parts of `wanted` that `owned` does not cover, each as a rule of one verb and one resource. */
export function uncoveredRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(breakDown).filter((part) => !owned.some((rule) => covers(rule, part)));
}

/** A rule as the smallest rules that together say the same. */
function breakDown(rule: PolicyRule): PolicyRule[] {
  const parts: PolicyRule[] = [];
  for (const verb of rule.verbs) {
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const part = { verbs: [verb], apiGroups: [group], resources: [resource] };
        const names = rule.resourceNames ?? [];
        if (names.length === 0) parts.push(part);
        else parts.push(...names.map((name) => ({ ...part, resourceNames: [name] })));
      }
    }
    for (const url of rule.nonResourceURLs ?? []) parts.push({ verbs: [verb], nonResourceURLs: [url] });
  }
  return parts;
}

function covers(owner: PolicyRule, part: PolicyRule): boolean {
  if (!hasAll(owner.verbs, part.verbs)) return false;
  if (part.nonResourceURLs) {
    return part.nonResourceURLs.every((url) => (owner.nonResourceURLs ?? []).some((own) => pathMatches(own, url)));
  }
  return (
    hasAll(owner.apiGroups, part.apiGroups) &&
    (part.resources ?? []).every((resource) => coversResource(owner.resources ?? [], resource)) &&
    coversNames(owner.resourceNames ?? [], part.resourceNames ?? [])
  );
}

function hasAll(owned: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean {
  return (owned ?? []).includes('*') || (wanted ?? []).every((item) => (owned ?? []).includes(item));
}

function coversResource(owned: readonly string[], resource: string): boolean {
  if (owned.includes('*') || owned.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && owned.includes(`*/${resource.slice(slash + 1)}`);
}

function coversNames(owned: readonly string[], wanted: readonly string[]): boolean {
  if (owned.length === 0) return true;
  return wanted.length > 0 && wanted.every((name) => owned.includes(name));
}

/** A rule as upstream writes it in errors: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function compactRule(rule: PolicyRule): string {
  const parts = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['ResourceNames', rule.resourceNames],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['Verbs', rule.verbs],
  ] as const;
  const shown = parts.filter(([, values]) => values !== undefined && values.length > 0);
  const quoted = (values: readonly string[] | undefined) =>
    (values ?? []).map((value) => JSON.stringify(value)).join(' ');
  return `{${shown.map(([name, values]) => `${name}:[${quoted(values)}]`).join(', ')}}`;
}

/** Parts that differ only in their verb, joined again, so that errors stay readable. */
export function compactRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const byTarget = Map.groupBy(rules, (rule) => JSON.stringify({ ...rule, verbs: undefined }));
  return [...byTarget.values()].map((group) => ({ ...group[0], verbs: group.flatMap(({ verbs }) => verbs) }));
}
