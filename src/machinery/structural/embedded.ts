/** Metadata of objects and of objects within objects. Source: apiextensions' schema/objectmeta. */
import { StatusError, messageOf } from '../../base/errors.ts';
import { decodeStruct } from '../decode.ts';
import type { FieldError } from '../field-error.ts';
import { invalid, required } from '../field-error.ts';
import { dns1035LabelErrors } from '../formats.ts';
import { DraftMeta } from '../meta.ts';
import { defineStruct, struct } from '../schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { additionalSchema, itemSchema, propertySchema, someSchema } from './json-schema.ts';
import { validateMetadata } from '../validate-metadata.ts';
import { isMutableObject } from './prune.ts';
import type { MutableObject } from './prune.ts';

/** Nothing but metadata, so that paths of what is wrong begin with it. */
const metadataHolder = defineStruct('Metadata', { metadata: struct(1, DraftMeta).optional() }).node;

/** Decodes the metadata of an object: `unknown` gets `unknown field "metadata.x"`. Throws StatusError BadRequest. */
export function decodeMetadata(
  metadata: unknown,
  as: { readonly version: string; readonly kind: string },
): { readonly metadata: MutableObject; readonly unknown: readonly string[] } {
  const { object, unknown } = decoded(metadata, as);
  return { metadata: (object['metadata'] ?? {}) as MutableObject, unknown };
}

function decoded(
  metadata: unknown,
  as: { readonly version: string; readonly kind: string },
): ReturnType<typeof decodeStruct> {
  try {
    return decodeStruct(metadataHolder, { metadata }, as);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    // Upstream decodes nothing but the metadata, so that its paths begin below it.
    const message = error.message
      .replace('Go struct field Metadata.metadata of type', 'Go value of type')
      .replace('Go struct field ObjectMeta.metadata.', 'Go struct field ObjectMeta.');
    throw new StatusError('BadRequest', message);
  }
}

const embedding = new WeakMap<JsonSchema, boolean>();

/** Whether a schema has objects within objects, so that most objects need no walk. */
function embeds(schema: JsonSchema): boolean {
  let known = embedding.get(schema);
  if (known === undefined) {
    known = someSchema(schema, (inner) => inner['x-kubernetes-embedded-resource'] === true);
    embedding.set(schema, known);
  }
  return known;
}

/** Brings the metadata of embedded objects into form. What is malformed is an error; unknown members are reported. */
export function coerceEmbedded(
  value: unknown,
  schema: JsonSchema,
  { path = '', unknown }: { readonly path?: string; readonly unknown: string[] },
): FieldError | undefined {
  if (!embeds(schema)) return undefined;
  for (const child of childrenOf(value, schema, path)) {
    const error = coerceEmbedded(child.value, child.schema, { path: child.path, unknown });
    if (error) return error;
  }
  if (!schema['x-kubernetes-embedded-resource'] || !isMutableObject(value)) return undefined;
  for (const name of ['apiVersion', 'kind']) {
    if (name in value && typeof value[name] !== 'string')
      return invalid(join(path, name), value[name], 'must be a string');
  }
  if (!('metadata' in value)) return undefined;
  try {
    const decoded = decodeMetadata(value['metadata'], { version: 'v1', kind: 'ObjectMeta' });
    value['metadata'] = decoded.metadata;
    unknown.push(...decoded.unknown.map((text) => join(path, /"(.*)"/.exec(text)?.[1] ?? text)));
  } catch (error) {
    return invalid(join(path, 'metadata'), value['metadata'], messageOf(error));
  }
  return undefined;
}

/** What is wrong with embedded objects. */
export function validateEmbedded(value: unknown, schema: JsonSchema, path = ''): FieldError[] {
  if (!embeds(schema)) return [];
  const errors = schema['x-kubernetes-embedded-resource'] && isMutableObject(value) ? typeMetaErrors(value, path) : [];
  if (schema['x-kubernetes-embedded-resource'] && isMutableObject(value) && isMutableObject(value['metadata'])) {
    errors.push(...metadataErrors(value['metadata'], join(path, 'metadata')));
  }
  for (const child of childrenOf(value, schema, path)) {
    errors.push(...validateEmbedded(child.value, child.schema, child.path));
  }
  return errors;
}

/** The same rules hold as for any object, except that it needs no name. */
function metadataErrors(metadata: DraftMeta, path: string): FieldError[] {
  const rules = { nameFormat: 'path', namespaced: Boolean(metadata.namespace), custom: true } as const;
  const errors = validateMetadata(rules, { metadata: { ...metadata, name: metadata.name || 'fakename' } });
  return errors.map((error) => ({ ...error, field: path + error.field.slice('metadata'.length) }));
}

function typeMetaErrors({ apiVersion, kind }: MutableObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (apiVersion === undefined) errors.push(required(join(path, 'apiVersion')));
  else if (apiVersion === '') errors.push(invalid(join(path, 'apiVersion'), '', 'must not be empty'));
  else if (typeof apiVersion !== 'string')
    errors.push(invalid(join(path, 'apiVersion'), apiVersion, 'must be a string'));
  else if (apiVersion.split('/').length > 2) {
    errors.push(invalid(join(path, 'apiVersion'), apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  }
  if (kind === undefined) errors.push(required(join(path, 'kind')));
  else if (kind === '') errors.push(invalid(join(path, 'kind'), '', 'must not be empty'));
  else if (typeof kind !== 'string') errors.push(invalid(join(path, 'kind'), kind, 'must be a string'));
  else {
    const wrong = dns1035LabelErrors(kind.toLowerCase());
    if (wrong.length > 0) {
      const detail = `may have mixed case, but should otherwise match: ${wrong.join(',')}`;
      errors.push(invalid(join(path, 'kind'), kind, detail));
    }
  }
  return errors;
}

interface Child {
  readonly value: unknown;
  readonly schema: JsonSchema;
  readonly path: string;
}

/** The parts of a value that have a schema. */
export function childrenOf(value: unknown, schema: JsonSchema, path: string): readonly Child[] {
  if (Array.isArray(value)) {
    const inner = itemSchema(schema);
    return inner
      ? value.map((item: unknown, index) => ({ value: item, schema: inner, path: `${path}[${index}]` }))
      : [];
  }
  if (!isMutableObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]): readonly Child[] => {
    const property = propertySchema(schema, key);
    if (property) return [{ value: item, schema: property, path: join(path, key) }];
    const additional = additionalSchema(schema);
    return additional ? [{ value: item, schema: additional, path: `${path}[${key}]` }] : [];
  });
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
