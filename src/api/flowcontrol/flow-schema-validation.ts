/** Validation of FlowSchemas. Source: kubernetes' flowcontrol validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each, formatted, present } from '../core/value-checks.ts';
import { mandatoryFlowSchemas } from './bootstrap-objects.ts';
import type {
  FlowSchema,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  ServiceAccountSubject,
  Subject,
} from './flow-schema.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const methods = ['ByNamespace', 'ByUser'];
const subjectKinds = ['Group', 'ServiceAccount', 'User'];
const maxPrecedence = 10_000;

/** What is wrong with a FlowSchema. */
export function flowSchemaErrors(
  { metadata: { name }, spec, status }: FlowSchema,
  { subresource }: ValidationContext<FlowSchema>,
): FieldError[] {
  if (subresource === 'status') return conditionsErrors(status.conditions);
  const fixed = mandatoryFlowSchemas[name];
  return [
    ...specErrors(name, spec),
    ...(fixed && !equalJson(spec, fixed)
      ? [invalid('spec', spec, `spec of '${name}' must equal the fixed value`)]
      : []),
  ];
}

/** What is wrong with the conditions of a flow schema or a priority level. */
export function conditionsErrors(conditions: readonly { readonly type?: string | undefined }[] = []): FieldError[] {
  const types = conditions.map(({ type = '' }) => type);
  return types.flatMap((type, index) => [
    ...(types.indexOf(type) < index ? [duplicate(`status.conditions[${index}].type`, type)] : []),
    ...(type === '' ? [required(`status.conditions[${index}].type`, 'must not be empty')] : []),
  ]);
}

function specErrors(name: string, spec: FlowSchemaSpec): FieldError[] {
  const { matchingPrecedence: precedence, distinguisherMethod: method, priorityLevelConfiguration: level } = spec;
  const path = 'spec.matchingPrecedence';
  return [
    ...(precedence <= 0 ? [invalid(path, precedence, 'must be a positive value')] : []),
    ...(precedence > maxPrecedence ? [invalid(path, precedence, `must not be greater than ${maxPrecedence}`)] : []),
    ...(precedence === 1 && name !== 'exempt'
      ? [invalid(path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")]
      : []),
    ...(method && !methods.includes(method.type)
      ? [notSupported('spec.distinguisherMethod.type', method, methods)]
      : []),
    ...(level.name === ''
      ? [required('spec.priorityLevelConfiguration.name', 'must reference a priority level')]
      : formatted(level.name, 'spec.priorityLevelConfiguration.name', dns1123SubdomainErrors)),
    ...each(spec.rules, 'spec.rules', ruleErrors),
  ];
}

function ruleErrors(rule: PolicyRulesWithSubjects, path: string): FieldError[] {
  const { subjects, resourceRules = [], nonResourceRules = [] } = rule;
  return [
    ...(subjects.length === 0 ? [required(`${path}.subjects`, 'subjects must contain at least one value')] : []),
    ...each(subjects, `${path}.subjects`, subjectErrors),
    ...(resourceRules.length + nonResourceRules.length === 0
      ? [required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty')]
      : []),
    ...each(resourceRules, `${path}.resourceRules`, resourceRuleErrors),
    ...each(nonResourceRules, `${path}.nonResourceRules`, nonResourceRuleErrors),
  ];
}

function subjectErrors(subject: Subject, path: string): FieldError[] {
  const { kind } = subject;
  if (!subjectKinds.includes(kind)) return [notSupported(`${path}.kind`, kind, subjectKinds)];
  const members = { serviceAccount: 'ServiceAccount', user: 'User', group: 'Group' } as const;
  return Object.entries(members).flatMap(([member, wanted]) => {
    const own = `${path}.${member}`;
    const value = subject[member as keyof typeof members];
    if (kind !== wanted) {
      return value ? [forbidden(own, `${member} is forbidden when subject kind is not '${wanted}'`)] : [];
    }
    if (!value) return [required(own, `${member} is required when subject kind is '${wanted}'`)];
    return 'namespace' in value ? serviceAccountErrors(value, own) : present(value.name, `${own}.name`);
  });
}

function serviceAccountErrors({ name, namespace }: ServiceAccountSubject, path: string): FieldError[] {
  return [
    ...present(name, `${path}.name`),
    ...(name === '*' ? [] : formatted(name, `${path}.name`, dns1123SubdomainErrors)),
    ...(namespace === ''
      ? [required(`${path}.namespace`, 'must specify namespace for service account')]
      : formatted(namespace, `${path}.namespace`, dns1123LabelErrors)),
  ];
}

function resourceRuleErrors(rule: ResourcePolicyRule, path: string): FieldError[] {
  const { apiGroups, resources, namespaces = [], clusterScope } = rule;
  const lonely = namespaces.length === 0 && !clusterScope;
  return [
    ...verbsErrors(rule.verbs, `${path}.verbs`),
    ...listErrors(apiGroups, `${path}.apiGroups`, ['resource rules must supply at least one api group', 'api groups']),
    ...listErrors(resources, `${path}.resources`, ['resource rules must supply at least one resource', 'resources']),
    ...(lonely
      ? [
          required(
            `${path}.namespaces`,
            'resource rules that are not cluster scoped must supply at least one namespace',
          ),
        ]
      : wildcardErrors(namespaces, `${path}.namespaces`, 'namespaces')),
    ...(namespaces.includes('*')
      ? []
      : each(namespaces, `${path}.namespaces`, (namespace, own) =>
          dns1123LabelErrors(namespace).map((detail) =>
            invalid(own, namespace, `each member of this list must be '*' or a DNS-1123 label; ${detail}`),
          ),
        )),
  ];
}

function nonResourceRuleErrors(
  { verbs: wanted, nonResourceURLs: urls }: NonResourcePolicyRule,
  path: string,
): FieldError[] {
  const own = `${path}.nonResourceURLs`;
  return [
    ...verbsErrors(wanted, `${path}.verbs`),
    ...listErrors(urls, own, ['nonResourceURLs must contain at least one value', 'non-resource URLs']),
    ...(urls.includes('*') ? [] : each(urls, own, urlErrors)),
  ];
}

function verbsErrors(wanted: readonly string[], path: string): FieldError[] {
  const errors = listErrors(wanted, path, ['verbs must contain at least one value', 'verbs']);
  const unknown = !wanted.includes('*') && wanted.some((verb) => !verbs.includes(verb));
  return unknown ? [...errors, notSupported(path, wanted, verbs)] : errors;
}

function listErrors(values: readonly string[], path: string, [missing, what]: readonly [string, string]): FieldError[] {
  return values.length === 0 ? [required(path, missing)] : wildcardErrors(values, path, what);
}

function wildcardErrors(values: readonly string[], path: string, what: string): FieldError[] {
  if (values.length < 2 || !values.includes('*')) return [];
  return [invalid(path, values, `if '*' is present, must not specify other ${what}`)];
}

function urlErrors(url: string, path: string): FieldError[] {
  const fault = urlFault(url);
  return fault ? [invalid(path, url, fault)] : [];
}

function urlFault(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const star = url.indexOf('*');
  return star >= 0 && !(star === url.length - 1 && url.endsWith('/*'))
    ? 'wildcard can only do suffix matching'
    : undefined;
}
