/** What a version of a custom resource definition must be like. Source: apiextensions' validation/validation.go. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, required, tooMany } from '../../machinery/field-error.ts';
import { dns1035LabelErrors } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { schemaAtPath } from '../../machinery/structural/schema-path.ts';
import type {
  CustomResourceDefinition,
  DefinitionSubresources,
  DefinitionVersion,
  PrinterColumn,
} from './custom-resource-definition.ts';
import { validateSchema } from './schema-validation.ts';

/** Where a version stands, and the definition as it was. */
export interface VersionPlace {
  readonly path: string;
  readonly old: CustomResourceDefinition | undefined;
}

/** What is wrong with a version. */
export function versionErrors(version: DefinitionVersion, { path, old }: VersionPlace): FieldError[] {
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
