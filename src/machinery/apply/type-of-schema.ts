/** Compiles schemas to what server-side apply knows of them: once per schema node. */
import { zeroOf } from '../decode-scalars.ts';
import type { FieldNode, ListNode, SchemaNode, StructNode } from '../schema.ts';
import { deducedType } from './deduced-type.ts';
import { LeafType } from './leaf-type.ts';
import { ListType, UnidentifiedItem } from './list-type.ts';
import type { ElementOf } from './list-type.ts';
import { MapType, isMap } from './map-type.ts';
import type { StructField } from './map-type.ts';
import type { MergeType } from './merge-type.ts';

const types = new WeakMap<SchemaNode, MergeType>();

/** The type of a schema. */
export function typeOfSchema(node: SchemaNode): MergeType {
  let type = types.get(node);
  if (!type) types.set(node, (type = compile(node)));
  return type;
}

const objectTypes = new WeakMap<StructNode, MergeType>();

/** Nobody owns these: they belong to the system. Source: apimachinery's stripMetaManager. */
const unowned = new Set(['apiVersion', 'kind']);
const unownedMetadata = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]);

/** The type of whole objects with this schema: as `typeOfSchema`, but what belongs to the system has no owners. */
export function typeOfObject(schema: StructNode): MergeType {
  let type = objectTypes.get(schema);
  if (!type) objectTypes.set(schema, (type = compileObject(schema)));
  return type;
}

function compileObject(schema: StructNode): MergeType {
  return new MapType(() => ({
    fields: Object.entries(schema.fields).map(([name, field]) => {
      const isMetadata = name === 'metadata' && field.type.kind === 'struct';
      const type = isMetadata ? metadataType(field.type) : typeOfSchema(field.type);
      const own = { ...fieldOf(name, field), type, tracked: !unowned.has(name) };
      // Metadata holds what nobody owns beside what somebody does, and that there is some is nobody's doing.
      return isMetadata ? { ...own, permanent: true, zero: emptyMap } : own;
    }),
    others: othersOf(schema),
  }));
}

function metadataType(node: StructNode): MergeType {
  return new MapType(() => ({
    fields: Object.entries(node.fields).map(([name, field]) => ({
      ...fieldOf(name, field),
      tracked: !unownedMetadata.has(name),
    })),
    others: othersOf(node),
  }));
}

function compile(node: SchemaNode): MergeType {
  switch (node.kind) {
    case 'struct':
      if (node.union) return deducedType;
      return node.atomic ? new LeafType('struct', () => structType(node)) : structType(node);
    case 'map': {
      const entries = new MapType(() => ({ fields: [], others: typeOfSchema(node.values) }));
      return node.atomic ? new LeafType('map', () => entries) : entries;
    }
    case 'list':
      return compileList(node);
    case 'json':
      return deducedType;
    default:
      return new LeafType(node.kind);
  }
}

function structType(node: StructNode): MergeType {
  return new MapType(() => ({
    fields: Object.entries(node.fields).map(([name, field]) => fieldOf(name, field)),
    others: othersOf(node),
  }));
}

/** Members that a struct keeps though it does not name them are schemaless. */
function othersOf({ open }: StructNode): MergeType | undefined {
  return open ? deducedType : undefined;
}

function fieldOf(name: string, field: FieldNode): StructField {
  return { name, type: typeOfSchema(field.type), zero: zeroOfField(field), tracked: true };
}

/** What Go's zero value of a struct shows of a field: nothing of pointers, and of what is left out when it is empty. */
function zeroOfField({ type, required, default: fallback }: FieldNode): unknown {
  if (type.kind === 'struct') {
    const embedded = required || (isMap(fallback) && Object.keys(fallback).length === 0);
    return embedded && !pointers.has(type.name) ? emptyMap : undefined;
  }
  if (!required) return undefined;
  if (type.kind === 'list') return emptyList;
  if (type.kind === 'map') return emptyMap;
  return zeroOf(type.kind);
}

/** Structs that are pointers in Go though they are always there once an object is stored. */
const pointers: ReadonlySet<string> = new Set(['LabelSelector', 'PodSecurityContext']);

const emptyMap = Object.freeze({});
const emptyList = Object.freeze([]);

function compileList(node: ListNode): MergeType {
  const items = (): MergeType => typeOfSchema(node.items);
  if (node.listType === 'set') return new ListType(items, valueElement);
  if (node.listType === 'map' && node.keys.length > 0) return new ListType(items, keyElement(node));
  return new LeafType('list', () => ({
    check(value, report) {
      if (!Array.isArray(value)) return report.fault(`expected list, got ${JSON.stringify(value)}`);
      for (const [index, item] of (value as readonly unknown[]).entries()) {
        report.within(`[${index}]`, () => items().check(item, report));
      }
    },
  }));
}

/** Source: structured-merge-diff's setItemToPathElement. */
function valueElement(item: unknown): string {
  if (item === null || item === undefined)
    throw new UnidentifiedItem("associative list without keys has an element that's an explicit null");
  if (Array.isArray(item)) throw new UnidentifiedItem('not supported: associative list with lists as elements');
  if (typeof item === 'object')
    throw new UnidentifiedItem("associative list without keys has an element that's a map type");
  return `v:${JSON.stringify(item)}`;
}

/** Source: structured-merge-diff's keyedAssociativeListItemToPathElement. */
function keyElement({ items, keys }: ListNode): ElementOf {
  const plans = [...keys].sort().map((name) => {
    const field = items.kind === 'struct' && Object.hasOwn(items.fields, name) ? items.fields[name] : undefined;
    return { name, prefix: `${JSON.stringify(name)}:`, fallback: field && defaultOfKey(field) };
  });
  return (item) => {
    if (item === null || item === undefined)
      throw new UnidentifiedItem('associative list with keys may not have a null element');
    if (!isMap(item)) throw new UnidentifiedItem('associative list with keys may not have non-map elements');
    let text = '';
    for (const { name, prefix, fallback } of plans) {
      const value = Object.hasOwn(item, name) ? (item[name] ?? fallback) : fallback;
      if (value !== undefined) text += `${text === '' ? '' : ','}${prefix}${jsonText(value)}`;
    }
    if (text === '') throw new UnidentifiedItem(keysMissing(keys));
    return `k:{${text}}`;
  };
}

/** Upstream's schemas give required scalars their zero value as a default. */
function defaultOfKey({ default: fallback, required, type }: FieldNode): unknown {
  const isContainer = type.kind === 'struct' || type.kind === 'list' || type.kind === 'map';
  return fallback ?? (required && !isContainer ? zeroOf(type.kind) : undefined);
}

const plainText = /^[\w./-]*$/;

function jsonText(value: unknown): string {
  return typeof value === 'string' && plainText.test(value) ? `"${value}"` : JSON.stringify(value);
}

function keysMissing(keys: readonly string[]): string {
  const names = `[${keys.map((key) => JSON.stringify(key)).join(' ')}]`;
  return `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`;
}
