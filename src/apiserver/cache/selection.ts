/** Which objects a list or watch is about. */
import { StatusError } from '../../base/errors.ts';
import { Pod } from '../../api/core/pod.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { parseFieldSelector, parseLabelSelector } from '../../machinery/selector.ts';
import type { FieldRequirement } from '../../machinery/selector.ts';
import type { StoredObject } from './stored-object.ts';

/** A parsed selection. The same object for the same text, mostly. */
export interface ObjectSelection {
  /** Tells selections of a kind apart, where they come from requests. */
  readonly text?: string | undefined;
  readonly namespace: string | undefined;
  /** Set when only the object of this name can match. */
  readonly name: string | undefined;
  /** Set when only objects with this value of the kind's indexed field can match. */
  readonly indexed: string | undefined;
  /** Undefined: everything in the namespace matches. */
  readonly matches: ((object: StoredObject) => boolean) | undefined;
}

/** What a client asked for. */
export interface SelectionText {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** All objects of a kind. */
export const everything: ObjectSelection = {
  namespace: undefined,
  name: undefined,
  indexed: undefined,
  matches: undefined,
};

/** The field by which the objects of a kind are indexed, if any: what the kubelets ask for. */
const indexedFields: Readonly<
  Record<string, { readonly path: string; readonly read: (object: ApiObject) => string | undefined }>
> = {
  [Pod.qualified]: { path: 'spec.nodeName', read: (object) => (object as Pod).spec.nodeName },
};

/** Selections that are remembered, of each kind. */
const rememberedSelections = 1000;
const remembered = new WeakMap<Resource, Map<string, ObjectSelection>>();

/** Parses a selection; throws StatusError BadRequest when a selector is malformed or names an unknown field. */
export function parseSelection(resource: Resource, text: SelectionText): ObjectSelection {
  const { namespace = '', labelSelector = '', fieldSelector = '' } = text;
  let ofKind = remembered.get(resource);
  if (!ofKind) remembered.set(resource, (ofKind = new Map()));
  // None of them can hold a line break and be valid.
  const name = `${namespace}\n${labelSelector}\n${fieldSelector}`;
  let selection = ofKind.get(name);
  if (!selection) {
    selection = parse(resource, name, { namespace, labelSelector, fieldSelector });
    if (ofKind.size >= rememberedSelections) ofKind.clear();
    ofKind.set(name, selection);
  }
  return selection;
}

function parse(resource: Resource, text: string, parts: Required<SelectionText>): ObjectSelection {
  const { labelSelector = '', fieldSelector = '' } = parts;
  const labels = labelSelector === '' ? undefined : parseLabelSelector(labelSelector);
  const fields = fieldSelector === '' ? [] : parseFieldSelector(fieldSelector);
  const exact = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : fields.find((field) => field.path === path && field.operator === '=')?.value;
  const namespace = parts.namespace || exact('metadata.namespace');
  const name = exact('metadata.name');
  // What is found by its key needs no test of its name.
  const isKey = name !== undefined && (namespace !== undefined || !resource.namespaced);
  const tests = fields
    .filter(({ path, operator, value }) => !(isKey && path === 'metadata.name' && operator === '=' && value === name))
    .map((field) => fieldTest(resource, field));
  const matches = (stored: StoredObject): boolean => {
    if (labels && !labels(stored.labels)) return false;
    return tests.every((test) => test(stored));
  };
  return {
    text,
    namespace,
    name,
    indexed: exact(indexedFields[resource.qualified]?.path),
    matches: labels || tests.length > 0 ? matches : undefined,
  };
}

function fieldTest(resource: Resource, field: FieldRequirement): (object: StoredObject) => boolean {
  const read = fieldReader(resource, field.path);
  if (!read) throw new StatusError('BadRequest', unknownField(resource, field.path));
  const equal = field.operator === '=';
  return (stored) => (read(stored) === field.value) === equal;
}

/** What upstream says of kinds that have fields of their own, and of those that have none. Clients put before it what they asked for. */
function unknownField(resource: Resource, path: string): string {
  if (resource.selectableFields || resource.custom || indexedFields[resource.qualified]) {
    return `field label not supported: ${path}`;
  }
  return `${JSON.stringify(path)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

function fieldReader(resource: Resource, path: string): ((object: StoredObject) => string) | undefined {
  if (path === 'metadata.name') return ({ object }) => object.metadata.name;
  if (path === 'metadata.namespace' && resource.namespaced) return ({ object }) => object.metadata.namespace ?? '';
  const indexed = indexedFields[resource.qualified];
  const own = resource.selectableFields?.[path] ?? (indexed?.path === path ? indexed.read : undefined);
  return own && (({ object }) => fieldValue(own(object)));
}

/** A kind's reader may meet an absent part of the object and answer undefined, whatever its type says. */
function fieldValue(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** The value of the indexed field of an object; '' when it has none. */
export function indexValue(resource: Resource, stored: StoredObject): string {
  const indexed = indexedFields[resource.qualified];
  if (!indexed) return '';
  try {
    return indexed.read(stored.object) ?? '';
  } catch {
    // What can't be read is an error to those who ask for it, not to the cache.
    return '';
  }
}
