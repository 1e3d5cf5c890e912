/** What an audit policy must be. Source: apiserver's apis/audit/validation. */
import { invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors } from '../../machinery/formats.ts';
import { auditLevels, auditStages } from './audit-event.ts';
import type { AuditGroupResources, AuditPolicy, AuditPolicyRule } from './audit-policy.ts';

/** All that is wrong with a policy, in upstream's words. */
export function validateAuditPolicy({ omitStages, rules }: AuditPolicy): readonly FieldError[] {
  return [
    ...stageFaults(omitStages, 'omitStages'),
    ...rules.flatMap((rule, index) => ruleFaults(rule, `rules[${index}]`)),
  ];
}

function ruleFaults(rule: AuditPolicyRule, field: string): readonly FieldError[] {
  const { level, nonResourceURLs = [], resources = [], namespaces = [], omitStages } = rule;
  const mixed = nonResourceURLs.length > 0 && (resources.length > 0 || namespaces.length > 0);
  return [
    ...levelFaults(level, `${field}.level`),
    ...nonResourceURLs.flatMap((url, index) => urlFaults(url, `${field}.nonResourceURLs[${index}]`)),
    ...resources.flatMap((group) => resourceFaults(group, `${field}.resources`)),
    ...stageFaults(omitStages, `${field}.omitStages`),
    ...(mixed
      ? [
          invalid(
            `${field}.nonResourceURLs`,
            nonResourceURLs,
            'rules cannot apply to both regular resources and non-resource URLs',
          ),
        ]
      : []),
  ];
}

function levelFaults(level: string, field: string): readonly FieldError[] {
  if (level === '') return [required(field)];
  return (auditLevels as readonly string[]).includes(level) ? [] : [notSupported(field, level, auditLevels)];
}

function urlFaults(url: string, field: string): readonly FieldError[] {
  if (url === '*') return [];
  return [
    ...(url.startsWith('/') ? [] : [invalid(field, url, "non-resource URL rules must begin with a '/' character")]),
    ...(url.slice(0, -1).includes('*')
      ? [invalid(field, url, "non-resource URL wildcards '*' must be the final character of the rule")]
      : []),
  ];
}

function resourceFaults(
  { group, resources = [], resourceNames = [] }: AuditGroupResources,
  field: string,
): FieldError[] {
  const wrong = group === '' || group === '*' ? [] : dns1123SubdomainErrors(group);
  return [
    ...(wrong.length > 0 ? [invalid(`${field}.group`, group, wrong.join(','))] : []),
    ...(resourceNames.length > 0 && resources.length === 0
      ? [invalid(`${field}.resourceNames`, resourceNames, 'using resourceNames requires at least one resource')]
      : []),
  ];
}

function stageFaults(stages: readonly string[] = [], field: string): readonly FieldError[] {
  return stages.flatMap((stage, index) =>
    (auditStages as readonly string[]).includes(stage)
      ? []
      : [invalid(`${field}[${index}]`, stage, `allowed stages are ${auditStages.join(',')}`)],
  );
}
