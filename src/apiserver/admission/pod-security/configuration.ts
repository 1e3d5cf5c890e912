/** What PodSecurity demands where namespaces say nothing, and whom it lets be. Source: pod-security.admission.config.k8s.io. */
import type { FieldError } from '../../../machinery/field-error.ts';
import { duplicate, invalid } from '../../../machinery/field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../machinery/formats.ts';
import { defineStruct, list, struct, text } from '../../../machinery/schema.ts';
import type { TypeOf } from '../../../machinery/schema.ts';
import { levelProblem, modes, parseLevel, parseVersion, versionProblem } from './policy.ts';
import type { LevelVersion, Mode, Policy } from './policy.ts';

const level = (id: number) => text(id).default('privileged').omitEmpty();
const version = (id: number) => text(id).default('latest').omitEmpty();

const PodSecurityDefaults = defineStruct('PodSecurityDefaults', {
  enforce: level(1),
  'enforce-version': version(2),
  audit: level(3),
  'audit-version': version(4),
  warn: level(5),
  'warn-version': version(6),
});

const PodSecurityExemptions = defineStruct('PodSecurityExemptions', {
  usernames: list(1, text).optional(),
  namespaces: list(2, text).optional(),
  runtimeClasses: list(3, text).optional(),
});

/** The configuration; v1, v1beta1 and v1alpha1 are the same. */
export const PodSecurityConfiguration = defineStruct('PodSecurityConfiguration', {
  apiVersion: text(1).omitEmpty(),
  kind: text(2).omitEmpty(),
  defaults: struct(3, PodSecurityDefaults).default({}),
  exemptions: struct(4, PodSecurityExemptions).default({}),
});
export type PodSecurityConfiguration = TypeOf<typeof PodSecurityConfiguration>;

/** What is wrong with a configuration. */
export function podSecurityConfigurationErrors({
  defaults,
  exemptions,
}: PodSecurityConfiguration): readonly FieldError[] {
  const { namespaces, runtimeClasses, usernames } = exemptions;
  return [
    ...(['enforce', 'warn', 'audit'] as const).flatMap((mode) => defaultErrors(defaults, mode)),
    ...namesErrors(namespaces, 'exemptions.namespaces', dns1123LabelErrors),
    ...namesErrors(runtimeClasses, 'exemptions.runtimeClasses', dns1123SubdomainErrors),
    ...namesErrors(usernames, 'exemptions.usernames', (name) => (name === '' ? ['username must not be empty'] : [])),
  ];
}

function defaultErrors(defaults: PodSecurityConfiguration['defaults'], mode: Mode): readonly FieldError[] {
  const [own, asOf] = [defaults[mode], defaults[`${mode}-version`]];
  return [
    ...(parseLevel(own) === undefined ? [invalid(`defaults.${mode}`, own, levelProblem)] : []),
    ...(parseVersion(asOf) === undefined ? [invalid(`defaults.${mode}-version`, asOf, versionProblem)] : []),
  ];
}

function namesErrors(
  names: readonly string[] = [],
  path: string,
  problemsOf: (name: string) => readonly string[],
): readonly FieldError[] {
  return names.flatMap((name, index) => {
    const problems = problemsOf(name);
    if (problems.length > 0) return [invalid(`${path}[${index}]`, name, problems.join(', '))];
    return names.indexOf(name) < index ? [duplicate(`${path}[${index}]`, name)] : [];
  });
}

/** The policy of namespaces that say nothing; of what is not valid, the strictest. */
export function defaultPolicy({ defaults }: PodSecurityConfiguration): Policy {
  const policy = {} as Record<Mode, LevelVersion>;
  for (const mode of modes) {
    policy[mode] = {
      level: parseLevel(defaults[mode]) ?? 'restricted',
      version: parseVersion(defaults[`${mode}-version`]) ?? Infinity,
    };
  }
  return policy;
}
