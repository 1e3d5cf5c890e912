/** What a custom resource definition must be like. Source: apiextensions' validation/validation.go. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, notSupported, required, tooMany } from '../../machinery/field-error.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { isKnownFormat } from '../../machinery/structural/formats.ts';
import { itemSchema, someSchema } from '../../machinery/structural/json-schema.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { schemaAtPath } from '../../machinery/structural/schema-path.ts';
import { approvalState } from './api-approval.ts';
import { validateConversion } from './conversion-validation.ts';
import type {
  CustomResourceDefinition,
  DefinitionNames,
  DefinitionSpec,
  DefinitionSubresources,
  DefinitionVersion,
  PrinterColumn,
} from './custom-resource-definition.ts';
import { isEstablished } from './definition-conditions.ts';
import { validateSchema } from './schema-validation.ts';

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

interface VersionPlace {
  readonly path: string;
  readonly old: CustomResourceDefinition | undefined;
}

function versionErrors(version: DefinitionVersion, { path, old }: VersionPlace): FieldError[] {
  const { name, subresources, additionalPrinterColumns = [] } = version;
  const schema = version.schema?.openAPIV3Schema;
  const before = old?.spec.versions.find((candidate) => candidate.name === name);
  const wrong = dns1035LabelErrors(name);
  return [
    ...(wrong.length > 0 ? [invalid(`${path}.name`, name, wrong.join(','))] : []),
    ...deprecationErrors(version).map((e) => invalid(`${path}.deprecationWarning`, version.deprecationWarning, e)),
    ...(schema
      ? validateSchema(schema, {
          path: `${path}.schema`,
          status: subresources?.status !== undefined,
          old: before?.schema?.openAPIV3Schema,
        })
      : []),
    ...subresourceErrors(subresources, `${path}.subresources`),
    ...additionalPrinterColumns.flatMap((column, i) => columnErrors(column, `${path}.additionalPrinterColumns[${i}]`)),
    ...selectableErrors(version, before, path),
  ];
}

function deprecationErrors({ deprecated, deprecationWarning: text }: DefinitionVersion): string[] {
  if (text === undefined) return [];
  if (!deprecated) return ['can only be set for deprecated versions'];
  const errors: string[] = [];
  if (Buffer.byteLength(text) > 256) errors.push('must be <= 256 characters long');
  if (text === '') errors.push('must not be an empty string');
  const odd = /[^\P{C}]|[^\P{Z} ]/u.exec(text);
  if (odd) {
    const index = Buffer.byteLength(text.slice(0, odd.index));
    errors.push(`must only contain printable UTF-8 characters; non-printable character found at index ${index}`);
  }
  return errors;
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

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function columnErrors({ name, type, format, jsonPath }: PrinterColumn, path: string): FieldError[] {
  const types = `must be one of ${columnTypes.join(',')}`;
  return [
    ...(name === '' ? [required(`${path}.name`)] : []),
    ...(type === '' ? [required(`${path}.type`, types)] : []),
    ...(type !== '' && !columnTypes.includes(type) ? [invalid(`${path}.type`, type, types)] : []),
    ...(format !== undefined && !columnFormats.includes(format)
      ? [invalid(`${path}.format`, format, `must be one of ${columnFormats.join(',')}`)]
      : []),
    ...(jsonPath === '' ? [required(`${path}.JSONPath`)] : simplePathErrors(jsonPath, `${path}.JSONPath`)),
  ];
}

function simplePathErrors(value: string, path: string): FieldError[] {
  return value.startsWith('.') ? [] : [invalid(path, value, 'must be a simple json path starting with .')];
}

function subresourceErrors(subresources: DefinitionSubresources | undefined, path: string): FieldError[] {
  const { scale } = subresources ?? {};
  if (!scale) return [];
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = scale;
  const below = (name: string, value: string, parents: readonly string[], detail: string): FieldError[] => {
    const wrong = simplePathErrors(value, `${path}.scale.${name}`);
    if (wrong.length > 0 || parents.some((parent) => value.startsWith(parent))) return wrong;
    return [invalid(`${path}.scale.${name}`, value, detail)];
  };
  return [
    ...(specReplicasPath === ''
      ? [required(`${path}.scale.specReplicasPath`)]
      : below('specReplicasPath', specReplicasPath, ['.spec.'], 'should be a json path under .spec')),
    ...(statusReplicasPath === ''
      ? [required(`${path}.scale.statusReplicasPath`)]
      : below('statusReplicasPath', statusReplicasPath, ['.status.'], 'should be a json path under .status')),
    ...(labelSelectorPath === ''
      ? []
      : below(
          'labelSelectorPath',
          labelSelectorPath,
          ['.spec.', '.status.'],
          'should be a json path under either .spec or .status',
        )),
  ];
}

const maxSelectableFields = 8;
const selectableTypes = new Set(['string', 'boolean', 'integer']);
const selectableDetail =
  'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';

function selectableErrors(
  { schema, selectableFields = [] }: DefinitionVersion,
  before: DefinitionVersion | undefined,
  path: string,
): FieldError[] {
  const root = schema?.openAPIV3Schema;
  if (selectableFields.length === 0 || !root) return [];
  const seen = new Set<string>();
  const errors = selectableFields.flatMap(({ jsonPath }, i) => {
    const at = `${path}.selectableFields[${i}].jsonPath`;
    if (jsonPath === '') return [required(at)];
    const found = schemaAtPath(root, jsonPath, { indexes: false });
    if ('error' in found) return [invalid(at, jsonPath, `is an invalid path: ${found.error}`)];
    const wrong = [
      ...(found.path[0] === 'metadata' ? [invalid(at, jsonPath, 'must not point to fields in metadata')] : []),
      ...(selectableTypes.has(found.schema.type ?? '') ? [] : [invalid(at, jsonPath, selectableDetail)]),
      ...(seen.has(found.path.join('.')) ? [duplicate(at, jsonPath)] : []),
    ];
    seen.add(found.path.join('.'));
    return wrong;
  });
  const unchanged = equalJson(selectableFields, before?.selectableFields);
  if (seen.size <= maxSelectableFields || unchanged) return errors;
  return [...errors, tooMany(`${path}.selectableFields`, seen.size, maxSelectableFields)];
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

/** What the author of a definition is warned of. */
export function definitionWarnings(definition: CustomResourceDefinition, { old, subresource }: Context): string[] {
  if (subresource === 'status') return [];
  const known = new Set(old ? unknownFormats(old) : []);
  const formats = unknownFormats(definition).filter((format) => !known.has(format));
  return [...formats.map((format) => `unrecognized format ${JSON.stringify(format)}`), ...setWarnings(definition)];
}

function schemasOf({ spec }: CustomResourceDefinition): JsonSchema[] {
  const schemas: JsonSchema[] = [];
  for (const { schema } of spec.versions) {
    if (schema?.openAPIV3Schema) someSchema(schema.openAPIV3Schema, (inner) => schemas.push(inner) < 0);
  }
  return schemas;
}

function unknownFormats(definition: CustomResourceDefinition): string[] {
  return schemasOf(definition).flatMap(({ format, type = '' }) =>
    format === undefined || isKnownFormat(format, type) ? [] : [format],
  );
}

function setWarnings(definition: CustomResourceDefinition): string[] {
  const types = schemasOf(definition).flatMap((schema) => {
    const type = itemSchema(schema)?.type;
    return schema['x-kubernetes-list-type'] === 'set' && (type === 'object' || type === 'array') ? [type] : [];
  });
  return [...new Set(types)].sort().map(setWarning);
}

function setWarning(type: string): string {
  return `x-kubernetes-list-type: set for items of type ${JSON.stringify(type)} is not supported by server-side apply or CEL validation rules`;
}
