/** What a custom resource definition must be like. Source: apiextensions' validation/validation.go. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { approvalState } from './api-approval.ts';
import { validateConversion } from './conversion-validation.ts';
import type { CustomResourceDefinition, DefinitionNames, DefinitionSpec } from './custom-resource-definition.ts';
import { isEstablished } from './definition-conditions.ts';
import { versionErrors } from './version-validation.ts';

type Context = ValidationContext<CustomResourceDefinition>;

/** Everything that is wrong with a definition or its update. */
export function validateDefinition(definition: CustomResourceDefinition, context: Context): FieldError[] {
  const { spec, status, metadata } = definition;
  const names = validateNames(status.acceptedNames, 'status.acceptedNames');
  if (context.subresource === 'status') return names;
  const { old } = context;
  const wanted = `${spec.names.plural}.${spec.group}`;
  return [
    ...(!old && metadata.name !== wanted
      ? [invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group')]
      : []),
    ...validateSpec(spec, old),
    ...(old ? immutableErrors(spec, old) : []),
    ...names,
    ...storedVersionErrors(definition),
    ...approvalErrors(definition, old),
    ...(spec.preserveUnknownFields && !old?.spec.preserveUnknownFields
      ? [
          invalid(
            'spec.preserveUnknownFields',
            true,
            'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
          ),
        ]
      : []),
  ];
}

function immutableErrors(spec: DefinitionSpec, old: CustomResourceDefinition): FieldError[] {
  const fixed = (field: string, value: unknown, before: unknown): FieldError[] =>
    equalJson(value, before) ? [] : [invalid(field, value, 'field is immutable')];
  const { group, names, scope } = old.spec;
  return [
    ...(isEstablished(old)
      ? [...fixed('spec.scope', spec.scope, scope), ...fixed('spec.names.kind', spec.names.kind, names.kind)]
      : []),
    ...fixed('spec.group', spec.group, group),
    ...fixed('spec.names.plural', spec.names.plural, names.plural),
  ];
}

function validateSpec(spec: DefinitionSpec, old: CustomResourceDefinition | undefined): FieldError[] {
  return [
    ...groupErrors(spec.group),
    ...scopeErrors(spec.scope),
    ...spec.versions.flatMap((version, i) =>
      version.schema?.openAPIV3Schema ? [] : [required(`spec.versions[${i}].schema.openAPIV3Schema`)],
    ),
    ...spec.versions.flatMap((version, i) => versionErrors(version, { path: `spec.versions[${i}]`, old })),
    ...versionSetErrors(spec),
    ...(['plural', 'singular', 'kind', 'listKind'] as const)
      .filter((name) => !spec.names[name])
      .map((name) => required(`spec.names.${name}`)),
    ...validateNames(spec.names, 'spec.names'),
    ...validateConversion(spec.conversion, old),
  ];
}

function groupErrors(group: string): FieldError[] {
  if (group === '') return [required('spec.group')];
  const wrong = dns1123SubdomainErrors(group);
  if (wrong.length > 0) return [invalid('spec.group', group, wrong.join(','))];
  return group.includes('.') ? [] : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function scopeErrors(scope: string): FieldError[] {
  const scopes = ['Cluster', 'Namespaced'];
  if (scope === '') return [required('spec.scope')];
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)];
}

function versionSetErrors({ versions }: DefinitionSpec): FieldError[] {
  const unique = new Set(versions.map(({ name }) => name)).size === versions.length;
  const stored = versions.filter(({ storage }) => storage).length;
  return [
    ...(unique ? [] : [invalid('spec.versions', versions, 'must contain unique version names')]),
    ...(stored === 1
      ? []
      : [invalid('spec.versions', versions, 'must have exactly one version marked as storage version')]),
  ];
}

function validateNames(names: DefinitionNames, path: string): FieldError[] {
  const { plural, singular = '', kind, listKind = '', shortNames = [], categories = [] } = names;
  const label = (field: string, value: string): FieldError[] => {
    const wrong = value === '' ? [] : dns1035LabelErrors(value);
    return wrong.length > 0 ? [invalid(`${path}.${field}`, value, wrong.join(','))] : [];
  };
  const kindLike = (field: string, value: string): FieldError[] => {
    const wrong = value === '' ? [] : dns1035LabelErrors(value.toLowerCase());
    const detail = `may have mixed case, but should otherwise match: ${wrong.join(',')}`;
    return wrong.length > 0 ? [invalid(`${path}.${field}`, value, detail)] : [];
  };
  return [
    ...label('plural', plural),
    ...label('singular', singular),
    ...kindLike('kind', kind),
    ...kindLike('listKind', listKind),
    ...shortNames.flatMap((name, i) => label(`shortNames[${i}]`, name)),
    ...(kind !== '' && kind === listKind
      ? [invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same')]
      : []),
    ...categories.flatMap((name, i) => label(`categories[${i}]`, name)),
  ];
}

function storedVersionErrors({ spec, status: { storedVersions } }: CustomResourceDefinition): FieldError[] {
  const path = 'status.storedVersions';
  if (storedVersions.length === 0) return [invalid(path, storedVersions, 'must have at least one stored version')];
  const names = spec.versions.map(({ name }) => name);
  const storage = spec.versions.find((version) => version.storage && !storedVersions.includes(version.name));
  return [
    ...(storage ? [invalid(path, storedVersions, `must have the storage version ${storage.name}`)] : []),
    ...storedVersions.flatMap((name, i) =>
      names.includes(name)
        ? []
        : [
            invalid(
              `${path}[${i}]`,
              name,
              `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
            ),
          ],
    ),
  ];
}

function approvalErrors(definition: CustomResourceDefinition, old: CustomResourceDefinition | undefined): FieldError[] {
  const now = approvalState(definition);
  if (!now || (old && approvalState(old)?.state === now.state)) return [];
  const field = 'metadata.annotations[api-approved.kubernetes.io]';
  if (now.state === 'missing') return [required(field, now.reason)];
  return now.state === 'invalid' ? [invalid(field, now.annotation, now.reason)] : [];
}
