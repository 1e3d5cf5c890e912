/** Validation of rules: which requests webhooks and policies are about. Source: kubernetes' admissionregistration validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { pathSegmentErrors } from '../../machinery/formats.ts';
import { labelSelectorErrors } from '../../machinery/label-validation.ts';
import { each } from '../core/value-checks.ts';
import type { MatchResources, NamedRuleWithOperations } from './validating-admission-policy.ts';
import type { RuleWithOperations } from './validating-webhook-configuration.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

/** What is wrong with a rule. */
export function ruleErrors(rule: RuleWithOperations, path: string): FieldError[] {
  const { apiGroups = [], apiVersions = [], resources = [] } = rule;
  return [
    ...listErrors(rule.operations ?? [], `${path}.operations`, 'operations'),
    ...each(rule.operations, `${path}.operations`, (operation, own) =>
      operations.includes(operation) ? [] : [notSupported(own, operation, operations)],
    ),
    ...listErrors(apiGroups, `${path}.apiGroups`, 'API groups'),
    ...listErrors(apiVersions, `${path}.apiVersions`, 'API versions'),
    ...each(apiVersions, `${path}.apiVersions`, (version, own) => (version === '' ? [required(own)] : [])),
    ...resourcesErrors(resources, `${path}.resources`),
  ];
}

function listErrors(values: readonly string[], path: string, what: string): FieldError[] {
  if (values.length === 0) return [required(path)];
  if (values.length === 1 || !values.includes('*')) return [];
  return [invalid(path, values, `if '*' is present, must not specify other ${what}`)];
}

function resourcesErrors(resources: readonly string[], path: string): FieldError[] {
  if (resources.length === 0) return [required(path)];
  const [resourcesOfAll, subresourcesOfAll] = [new Set<string>(), new Set<string>()];
  const errors = each(resources, path, (name, own) => {
    if (name === '') return [required(own)];
    const slash = name.indexOf('/');
    if (slash < 0) return [];
    const [resource, subresource] = [name.slice(0, slash), name.slice(slash + 1)];
    const present = [
      ...(resourcesOfAll.has(resource) ? [`${resource}/*`] : []),
      ...(subresourcesOfAll.has(subresource) ? [`*/${subresource}`] : []),
    ];
    if (subresource === '*') resourcesOfAll.add(resource);
    if (resource === '*') subresourcesOfAll.add(subresource);
    return present.map((other) => invalid(own, name, `if '${other}' is present, must not specify ${name}`));
  });
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes('*') && resources.some((name) => name !== '*' && !name.includes('/'))) {
    const detail = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(path, resources, detail));
  }
  return errors;
}

/** What is wrong with the requests that a policy or a binding names. */
export function matchResourcesErrors(match: MatchResources, path: string): FieldError[] {
  return [
    ...labelSelectorErrors(match.namespaceSelector, `${path}.namespaceSelector`),
    ...labelSelectorErrors(match.objectSelector, `${path}.objectSelector`),
    ...each(match.resourceRules, `${path}.resourceRules`, namedRuleErrors),
    ...each(match.excludeResourceRules, `${path}.excludeResourceRules`, namedRuleErrors),
  ];
}

function namedRuleErrors(rule: NamedRuleWithOperations, path: string): FieldError[] {
  const { resourceNames = [] } = rule;
  return [
    ...each(resourceNames, `${path}.resourceNames`, (name, own, index) => [
      ...pathSegmentErrors(name).map((detail) => invalid(own, name, detail)),
      ...(resourceNames.indexOf(name) < index ? [duplicate(own, name)] : []),
    ]),
    ...ruleErrors(rule, path),
  ];
}
