/** What lists and maps may say of their identity. Source: apiextensions' validation.go. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { isSchemaList, itemSchema, propertySchema } from '../../machinery/structural/json-schema.ts';

/** What is wrong with the list type, its keys and the map type of one schema. */
export function listTypeErrors(schema: JsonSchema, path: string): FieldError[] {
  return [
    ...mapTypeErrors(schema, path),
    ...ownTypeErrors(schema, path),
    ...keyPresenceErrors(schema, path),
    ...mapListErrors(schema, path),
    ...identityErrors(schema, path),
  ];
}

function mustBe(schema: JsonSchema, path: string, { type, because }: { type: string; because: string }): FieldError[] {
  if (schema.type === type) return [];
  const detail = `must be ${type} if ${because} is specified`;
  return [schema.type ? invalid(`${path}.type`, schema.type, detail) : required(`${path}.type`, detail)];
}

function mapTypeErrors(schema: JsonSchema, path: string): FieldError[] {
  const name = 'x-kubernetes-map-type';
  const type = schema[name];
  if (type === undefined) return [];
  const known = ['atomic', 'granular'];
  return [
    ...mustBe(schema, path, { type: 'object', because: name }),
    ...(known.includes(type) ? [] : [notSupported(`${path}.${name}`, type, known)]),
  ];
}

function ownTypeErrors(schema: JsonSchema, path: string): FieldError[] {
  const name = 'x-kubernetes-list-type';
  const type = schema[name];
  if (type === undefined) return [];
  const known = ['atomic', 'map', 'set'];
  const typed = mustBe(schema, path, { type: 'array', because: name });
  return [
    ...typed,
    ...(typed.length === 0 && type === 'set' ? setItemErrors(schema, `${path}.items`) : []),
    ...(known.includes(type) ? [] : [notSupported(`${path}.${name}`, type, known)]),
  ];
}

function setItemErrors(schema: JsonSchema, path: string): FieldError[] {
  const items = itemSchema(schema);
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items?.['x-kubernetes-list-type'];
  if (items?.type === 'array' && listType !== undefined && listType !== 'atomic') {
    return [invalid(`${path}.x-kubernetes-list-type`, listType, detail)];
  }
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    return [invalid(`${path}.x-kubernetes-map-type`, listType, detail)];
  }
  return [];
}

function keyPresenceErrors(schema: JsonSchema, path: string): FieldError[] {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const type = schema['x-kubernetes-list-type'];
  if (keys.length === 0 || type === 'map') return [];
  const at = `${path}.x-kubernetes-list-type`;
  const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
  return [type === undefined ? required(at, detail) : invalid(at, type, detail)];
}

function mapListErrors(schema: JsonSchema, path: string): FieldError[] {
  if (schema['x-kubernetes-list-type'] !== 'map') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const because = 'if x-kubernetes-list-type is map';
  const items = itemSchema(schema);
  const missing = schema.items === undefined ? [required(`${path}.items`, `must have a schema ${because}`)] : [];
  const several = isSchemaList(schema.items)
    ? [invalid(`${path}.items`, schema.items, `must only have a single schema ${because}`)]
    : [];
  const parent = "if parent array's x-kubernetes-list-type is map";
  return [
    ...(keys.length === 0 ? [required(`${path}.x-kubernetes-list-map-keys`, `must not be empty ${because}`)] : []),
    ...missing,
    ...several,
    ...(items && items.type !== 'object'
      ? [invalid(`${path}.items.type`, items.type ?? '', `must be object ${parent}`)]
      : []),
    ...(items?.type === 'object' ? keyErrors(items, keys, path) : []),
  ];
}

function keyErrors(items: JsonSchema, keys: readonly string[], path: string): FieldError[] {
  const at = `${path}.x-kubernetes-list-map-keys`;
  return keys.flatMap((name, index) => {
    const property = propertySchema(items, name);
    const composite = property?.type === 'array' || property?.type === 'object';
    return [
      ...(property ? [] : [invalid(at, keys, 'entries must all be names of item properties')]),
      ...(composite
        ? [
            invalid(
              `${path}.items.properties[${name}].type`,
              items.type,
              "must be a scalar type if parent array's x-kubernetes-list-type is map",
            ),
          ]
        : []),
      ...(keys.indexOf(name) < index ? [invalid(at, keys, 'must not contain duplicate entries')] : []),
    ];
  });
}

/** What identifies an element must be there. */
function identityErrors(schema: JsonSchema, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  const items = itemSchema(schema);
  if (!items || (type !== 'set' && type !== 'map')) return [];
  const nullable = items.nullable
    ? [forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${type}`)]
    : [];
  const keys = type === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : [];
  const key = 'this property is in x-kubernetes-list-map-keys, so it';
  return [
    ...nullable,
    ...keys.flatMap((name) => {
      const property = propertySchema(items, name);
      if (!property) return [];
      const at = `${path}.items.properties[${name}]`;
      const settled = (items.required ?? []).includes(name) || property.default !== undefined;
      return [
        ...(settled ? [] : [required(`${at}.default`, `${key} must have a default or be a required property`)]),
        ...(property.nullable ? [forbidden(`${at}.nullable`, `${key} cannot be nullable`)] : []),
      ];
    }),
  ];
}
