/** What a namespace demands of its pods. Source: pod-security-admission's api package. */
import type { FieldError } from '../../../machinery/field-error.ts';
import { invalid } from '../../../machinery/field-error.ts';

/** From the laxest to the strictest. */
export const levels = ['privileged', 'baseline', 'restricted'] as const;
/** How much is demanded. */
export type Level = (typeof levels)[number];

/** A level as of a version of Kubernetes: its minor, Infinity for the latest. */
export interface LevelVersion {
  readonly level: Level;
  readonly version: number;
}

/** The modes: what is refused, what is noted in the audit log, what its author is warned of. */
export const modes = ['enforce', 'audit', 'warn'] as const;
/** What follows when a pod is not as is demanded. */
export type Mode = (typeof modes)[number];
/** What is demanded, by mode. */
export type Policy = Readonly<Record<Mode, LevelVersion>>;

/** What labels of namespaces and keys of audit annotations begin with. */
export const prefix = 'pod-security.kubernetes.io/';

/** What is wrong with a text that names no level. */
export const levelProblem = `must be one of ${levels.join(', ')}`;
/** What is wrong with a text that names no version. */
export const versionProblem = 'must be "latest" or "v1.x"';

/** The level of that name. */
export function parseLevel(text: string): Level | undefined {
  return levels.find((level) => level === text);
}

/** The version of that name. */
export function parseVersion(text: string): number | undefined {
  if (text === 'latest') return Infinity;
  const minor = Number(/^v1\.(0|[1-9]\d*)$/.exec(text)?.[1]);
  return Number.isSafeInteger(minor) ? minor : undefined;
}

/** As messages and annotations show it: `restricted:latest`, `baseline:v1.24`. */
export function levelVersionText({ level, version }: LevelVersion): string {
  return `${level}:${version === Infinity ? 'latest' : `v1.${version}`}`;
}

/** Positive when `a` is stricter than `b`. */
export function compareLevels(a: Level, b: Level): number {
  return levels.indexOf(a) - levels.indexOf(b);
}

/** A namespace's policy, and what is wrong with its labels. */
export interface NamespacePolicy {
  readonly policy: Policy;
  readonly errors: readonly FieldError[];
}

type Labels = Readonly<Record<string, string>>;

/**
 * The policy that a namespace's labels state, over the defaults. Of labels that say nothing known, `enforce` counts as
 * restricted, the other modes as privileged, and a version as the latest.
 */
export function namespacePolicy(labels: Labels | undefined, defaults: Policy): NamespacePolicy {
  if (!labels) return { policy: defaults, errors: [] };
  const errors: FieldError[] = [];
  const read = <T>(label: string, parse: (text: string) => T | undefined, problem: string): T | undefined => {
    const text = labels[prefix + label];
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) errors.push(invalid(`metadata.labels[${prefix + label}]`, text, problem));
    return value;
  };
  const policy = {} as Record<Mode, LevelVersion>;
  for (const mode of modes) {
    const level = read(mode, parseLevel, levelProblem);
    const version = read(`${mode}-version`, parseVersion, versionProblem);
    policy[mode] = {
      level:
        level ?? (hasLabel(labels, mode) ? (mode === 'enforce' ? 'restricted' : 'privileged') : defaults[mode].level),
      version: version ?? (hasLabel(labels, `${mode}-version`) ? Infinity : defaults[mode].version),
    };
  }
  return { policy: warnAsEnforced(policy, labels), errors };
}

/** Who is told what is refused should be warned of the same, and not of less, unless the labels say otherwise. */
function warnAsEnforced(policy: Policy, labels: Labels): Policy {
  const { enforce, warn } = policy;
  const isAsked = parseLevel(labels[`${prefix}enforce`] ?? '') !== undefined && !hasLabel(labels, 'warn');
  if (!isAsked || compareLevels(enforce.level, warn.level) <= 0) return policy;
  const version = hasLabel(labels, 'warn-version') ? warn.version : enforce.version;
  return { ...policy, warn: { level: enforce.level, version } };
}

/** Whether the labels say something of a mode. */
export function hasLabel(labels: Labels | undefined, label: string): boolean {
  return labels?.[prefix + label] !== undefined;
}

/** Whether two modes come to the same. */
export function sameLevelVersion(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.version === b.version;
}

/** Whether two policies demand the same: of privileged pods nothing is demanded, in whatever version. */
export function samePolicy(a: Policy, b: Policy): boolean {
  return modes.every(
    (mode) => (a[mode].level === 'privileged' && b[mode].level === 'privileged') || sameLevelVersion(a[mode], b[mode]),
  );
}

/** Whether nothing at all is demanded. */
export function isPrivileged(policy: Policy, of: readonly Mode[] = modes): boolean {
  return of.every((mode) => policy[mode].level === 'privileged');
}
