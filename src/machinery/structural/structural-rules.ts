/** What makes a schema structural: that the structure can be read off without its logic. Source: schema/validation.go. */
import { RE2JS } from 're2js';
import { messageOf } from '../../base/errors.ts';
import type { FieldError } from '../field-error.ts';
import { fieldErrorText, forbidden, invalid, required } from '../field-error.ts';
import { equalJson } from '../patch/equal-json.ts';
import type { JsonSchema } from './json-schema.ts';
import { additionalSchema, itemSchema, propertySchema } from './json-schema.ts';

type Level = 'root' | 'item' | 'field';

/** Why a schema is not structural, sorted by text. */
export function structuralErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors = [...invariantErrors(schema, 'root', path), ...completenessErrors(schema, schema, { path, at: path })];
  const texts = new Map(errors.map((error) => [error, fieldErrorText(error)]));
  const textOf = (error: FieldError): string => texts.get(error) ?? '';
  return errors.sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

const key = (path: string, name: string): string => `${path}.properties[${name}]`;

function invariantErrors(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const inner = itemSchema(schema);
  const additional = additionalSchema(schema);
  return [
    ...(schema.type === 'array' && !inner ? [required(`${path}.items`, 'must be specified')] : []),
    ...(inner ? invariantErrors(inner, 'item', `${path}.items`) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
      invariantErrors(property, 'field', key(path, name)),
    ),
    ...(level === 'root' && schema.additionalProperties !== undefined
      ? [forbidden(`${path}.additionalProperties`, 'must not be used at the root')]
      : []),
    ...(additional ? invariantErrors(additional, 'field', `${path}.additionalProperties`) : []),
    ...extensionErrors(schema, path),
    ...logicErrors(schema, intOrStringPart(schema), path),
    ...typeErrors(schema, level, path),
    ...metadataErrors(schema, level, path),
  ];
}

function extensionErrors(schema: JsonSchema, path: string): FieldError[] {
  if (!schema['x-kubernetes-int-or-string']) return [];
  const names = ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const;
  return names
    .filter((name) => schema[name])
    .map((name) => invalid(`${path}.${name}`, true, 'must be false if x-kubernetes-int-or-string is true'));
}

const emptyTypes: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function typeErrors(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const { type = '' } = schema;
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const errors: FieldError[] = [];
  if (embedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(`${path}.type`, detail) : invalid(`${path}.type`, type, detail));
  } else if (type === '' && !schema['x-kubernetes-int-or-string'] && !schema['x-kubernetes-preserve-unknown-fields']) {
    errors.push(required(`${path}.type`, emptyTypes[level]));
  }
  if (embedded && schema.additionalProperties !== undefined) {
    const detail = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(forbidden(`${path}.additionalProperties`, detail));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalid(`${path}.type`, type, 'must be object at the root'));
  }
  return errors;
}

/** Metadata has a schema of its own; others may say of it only what names must be like. */
function metadataErrors(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const errors: FieldError[] = [];
  for (const name of level === 'root' || embedded ? ['kind', 'apiVersion'] : []) {
    const property = propertySchema(schema, name);
    if (property && property.type !== 'string') {
      errors.push(invalid(`${key(path, name)}.type`, property.type ?? '', 'must be string'));
    }
  }
  const metadata = propertySchema(schema, 'metadata');
  const at = key(path, 'metadata');
  if (metadata && (level === 'root' || embedded) && metadata.type !== 'object') {
    errors.push(invalid(`${at}.type`, metadata.type ?? '', 'must be object'));
  }
  if (metadata && level === 'root' && !restrictsOnlyNames(metadata)) {
    const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbidden(at, detail));
  }
  if (
    embedded &&
    !schema['x-kubernetes-preserve-unknown-fields'] &&
    Object.keys(schema.properties ?? {}).length === 0
  ) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(`${path}.properties`, detail));
  }
  return errors;
}

function restrictsOnlyNames({ properties = {}, type: _type, default: _default, ...rest }: JsonSchema): boolean {
  const onlyNames = Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
  return onlyNames && Object.values(rest).every((value) => value === undefined);
}

const intOrString: readonly JsonSchema[] = [{ type: 'integer' }, { type: 'string' }];

/** Where a schema says in its logic that it is an int-or-string, which is tolerated. */
function intOrStringPart({ anyOf, allOf }: JsonSchema): 'anyOf' | 'allOf' | undefined {
  if (equalJson(anyOf, intOrString)) return 'anyOf';
  return equalJson(allOf?.[0]?.anyOf, intOrString) ? 'allOf' : undefined;
}

/** What the logical parts of a schema must not say. */
function logicErrors(schema: JsonSchema, tolerated: 'anyOf' | 'allOf' | undefined, path: string): FieldError[] {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern } = schema;
  const errors = [
    ...(tolerated === 'anyOf' ? [] : anyOf.flatMap((inner, i) => nestedErrors(inner, `${path}.anyOf[${i}]`))),
    ...allOf.flatMap((inner, i) =>
      nestedErrors(inner, `${path}.allOf[${i}]`, tolerated === 'allOf' && i === 0 ? 'anyOf' : undefined),
    ),
    ...oneOf.flatMap((inner, i) => nestedErrors(inner, `${path}.oneOf[${i}]`)),
    ...(not ? nestedErrors(not, `${path}.not`) : []),
  ];
  const wrong = pattern ? patternError(pattern) : undefined;
  if (wrong !== undefined) {
    const detail = `must be a valid regular expression, but isn't: ${wrong}`;
    errors.push(invalid(`${path}.pattern`, pattern, detail));
  }
  return errors;
}

function patternError(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** What a schema within `allOf` and the like must not say, and how it is told. */
const forbiddenNested: readonly (readonly [keyof JsonSchema, string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

function nestedErrors(schema: JsonSchema, path: string, tolerated?: 'anyOf'): FieldError[] {
  const inner = itemSchema(schema);
  return [
    ...logicErrors(schema, tolerated, path),
    ...(inner ? nestedErrors(inner, `${path}.items`) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => nestedErrors(property, key(path, name))),
    ...forbiddenNested.filter(([name]) => schema[name]).map(([name, detail]) => forbidden(`${path}.${name}`, detail)),
    ...(propertySchema(schema, 'metadata')
      ? [forbidden(key(path, 'metadata'), 'must not be specified in a nested context')]
      : []),
  ];
}

interface Places {
  /** Where the structure is. */
  readonly path: string;
  /** Where the logic is that speaks of it. */
  readonly at: string;
}

/** Everything that the logic speaks of must be there in the structure. */
function completenessErrors(logic: JsonSchema, structure: JsonSchema | undefined, places: Places): FieldError[] {
  const { path, at } = places;
  const { anyOf = [], allOf = [], oneOf = [], not } = logic;
  const parts = [
    ...(not ? [{ part: not, at: `${at}.not` }] : []),
    ...allOf.map((part, i) => ({ part, at: `${at}.allOf[${i}]` })),
    ...anyOf.map((part, i) => ({ part, at: `${at}.anyOf[${i}]` })),
    ...oneOf.map((part, i) => ({ part, at: `${at}.oneOf[${i}]` })),
  ];
  return parts.flatMap((nested) => nestedCompleteness(nested.part, structure, { path, at: nested.at }));
}

function nestedCompleteness(logic: JsonSchema, structure: JsonSchema | undefined, { path, at }: Places): FieldError[] {
  if (!structure) return [required(path, `because it is defined in ${at}`)];
  const inner = itemSchema(logic);
  return [
    ...completenessErrors(logic, structure, { path, at }),
    ...(inner ? nestedCompleteness(inner, itemSchema(structure), { path: `${path}.items`, at: `${at}.items` }) : []),
    ...Object.entries(logic.properties ?? {}).flatMap(([name, property]) =>
      nestedCompleteness(property, propertySchema(structure, name), { path: key(path, name), at: key(at, name) }),
    ),
  ];
}
