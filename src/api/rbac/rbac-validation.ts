/** Validation of roles and bindings. Source: kubernetes' rbac validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors, pathSegmentErrors } from '../../machinery/formats.ts';
import { labelSelectorErrors } from '../../machinery/label-validation.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { each } from '../core/value-checks.ts';
import type { AggregationRule } from './cluster-role.ts';
import type { RoleRef, Subject } from './role-binding.ts';
import type { PolicyRule } from './role.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

interface Rules {
  readonly rules?: readonly PolicyRule[] | undefined;
  readonly aggregationRule?: AggregationRule | undefined;
}

/** What is wrong with a role; `namespaced` ones can't speak of paths. */
export function roleErrors(
  { rules, aggregationRule }: Rules,
  { namespaced }: { readonly namespaced: boolean },
): FieldError[] {
  const selectors = aggregationRule?.clusterRoleSelectors;
  return [
    ...each(rules, 'rules', (rule, path) => ruleErrors(rule, namespaced, path)),
    ...(aggregationRule && (selectors ?? []).length === 0
      ? [
          required(
            'aggregationRule.clusterRoleSelectors',
            'at least one clusterRoleSelector required if aggregationRule is non-nil',
          ),
        ]
      : []),
    ...each(selectors, 'aggregationRule.clusterRoleSelectors', labelSelectorErrors),
  ];
}

function ruleErrors(rule: PolicyRule, namespaced: boolean, path: string): FieldError[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const errors = verbs.length === 0 ? [required(`${path}.verbs`, 'verbs must contain at least one value')] : [];
  if (nonResourceURLs.length > 0) {
    const own = `${path}.nonResourceURLs`;
    if (namespaced) errors.push(invalid(own, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      const detail = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(invalid(own, nonResourceURLs, detail));
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (resources.length === 0) {
    errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  }
  return errors;
}

interface Bound {
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[] | undefined;
}

/** What is wrong with a binding; only namespaced ones may refer to a Role. */
export function bindingErrors(
  { roleRef, subjects }: Bound,
  { namespaced, old }: { readonly namespaced: boolean; readonly old?: Bound | undefined },
): FieldError[] {
  const kinds = namespaced ? ['ClusterRole', 'Role'] : ['ClusterRole'];
  return [
    ...(roleRef.apiGroup === rbacGroup ? [] : [notSupported('roleRef.apiGroup', roleRef.apiGroup, [rbacGroup])]),
    ...(kinds.includes(roleRef.kind) ? [] : [notSupported('roleRef.kind', roleRef.kind, kinds)]),
    ...(roleRef.name === ''
      ? [required('roleRef.name')]
      : pathSegmentErrors(roleRef.name).map((detail) => invalid('roleRef.name', roleRef.name, detail))),
    ...each(subjects, 'subjects', subjectErrors),
    ...(old && !equalJson(old.roleRef, roleRef) ? [invalid('roleRef', roleRef, 'cannot change roleRef')] : []),
  ];
}

function subjectErrors({ kind, apiGroup = '', name, namespace = '' }: Subject, path: string): FieldError[] {
  const errors = name === '' ? [required(`${path}.name`)] : [];
  const groups: Readonly<Record<string, string>> = { ServiceAccount: '', User: rbacGroup, Group: rbacGroup };
  const group = groups[kind];
  if (group === undefined) return [...errors, notSupported(`${path}.kind`, kind, Object.keys(groups))];
  if (apiGroup !== group) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [group]));
  if (kind !== 'ServiceAccount') return errors;
  if (name !== '') errors.push(...dns1123SubdomainErrors(name).map((detail) => invalid(`${path}.name`, name, detail)));
  return namespace === '' ? [...errors, required(`${path}.namespace`)] : errors;
}
