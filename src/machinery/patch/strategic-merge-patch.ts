/** Strategic merge patch, derived from a kind's schema. Source: apimachinery pkg/util/strategicpatch. */
import { StatusError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../schema.ts';
import type { SchemaNode } from '../schema.ts';
import { orderElements } from './element-order.ts';
import { equalJson } from './equal-json.ts';

const directive = '$patch';
const retainKeys = '$retainKeys';
const deletePrefix = '$deleteFromPrimitiveList/';
const orderPrefix = '$setElementOrder/';

type MutableObject = Record<string, Json | undefined>;

/**
 * The document after the patch; neither argument is changed. `schema` says how lists merge: by key, as sets, or replaced.
 * Throws StatusError BadRequest for a patch that makes no sense.
 */
export function applyStrategicMergePatch(document: JsonObject, patch: JsonObject, schema: SchemaNode): JsonObject {
  return mergeObject(document, patch, schema);
}

function mergeObject(original: JsonObject, patch: JsonObject, schema: SchemaNode | undefined): JsonObject {
  const how = patch[directive];
  if (how === 'replace') return without(patch, directive);
  if (how === 'delete') return {};
  if (how !== undefined && how !== 'merge') throw malformed(`unknown patch type: ${JSON.stringify(how)}`);
  const target = retained(original, patch);
  const ordered = mergeOrderedLists(target, patch, schema);
  for (const [key, value] of Object.entries(patch)) {
    if (
      value === undefined ||
      ordered.has(key) ||
      key === directive ||
      key === retainKeys ||
      key.startsWith(orderPrefix)
    )
      continue;
    if (key.startsWith(deletePrefix)) deleteScalars(target, key.slice(deletePrefix.length), value);
    else if (value === null) delete target[key];
    else target[key] = mergeValue(target[key], value, fieldOf(schema, key));
  }
  return target;
}

interface FieldRules {
  readonly node: SchemaNode | undefined;
  readonly replace: boolean;
}

function fieldOf(schema: SchemaNode | undefined, key: string): FieldRules {
  if (schema?.kind === 'map') return { node: schema.values, replace: false };
  const field = schema?.kind === 'struct' && Object.hasOwn(schema.fields, key) ? schema.fields[key] : undefined;
  return { node: field?.type, replace: field?.patchStrategy === 'replace' };
}

function mergeValue(original: Json | undefined, patch: Json, field: FieldRules): Json {
  if (isJsonObject(patch)) {
    const base = isJsonObject(original) && !field.replace ? original : undefined;
    return base ? mergeObject(base, patch, field.node) : withoutDirectives(patch);
  }
  if (Array.isArray(patch)) {
    return mergeList(Array.isArray(original) ? original : undefined, patch, field);
  }
  return patch;
}

/** The original without the keys that the patch's `$retainKeys` does not name. */
function retained(original: JsonObject, patch: JsonObject): MutableObject {
  const keys = patch[retainKeys];
  if (keys === undefined) return { ...original };
  if (!Array.isArray(keys)) throw malformed('invalid patch format of retainKeys');
  const keep = new Set<unknown>(keys);
  for (const key of Object.keys(patch)) {
    if (!key.startsWith('$') && patch[key] !== null && !keep.has(key)) {
      throw malformed('invalid patch format of retainKeys');
    }
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => keep.has(key)));
}

/**
 * A list after its patch. Elements that the patch names come in the order of `wanted` (without one, in the patch's own),
 * those that it does not know where they were: so new ones stand before them.
 */
function mergeList(
  original: readonly Json[] | undefined,
  patch: readonly Json[],
  { node, wanted }: { readonly node: SchemaNode | undefined; readonly wanted?: readonly Json[] },
): readonly Json[] {
  const strategy = node?.kind === 'list' ? node.patchStrategy : undefined;
  if (node?.kind !== 'list' || !original || !strategy?.startsWith('merge')) {
    const list = withoutDirectives(patch) as readonly Json[];
    const mergeKey = node?.kind === 'list' ? node.mergeKey : undefined;
    return wanted ? orderElements(list, { wanted, previous: original ?? [], mergeKey }) : list;
  }
  if (node.items.kind !== 'struct') {
    const merged = [...new Set([...original, ...patch])];
    return orderElements(merged, { wanted: wanted ?? patch, previous: original, mergeKey: undefined });
  }
  if (node.mergeKey === undefined) throw malformed('cannot merge lists without merge key');
  return mergeByKey(original, patch, { key: node.mergeKey, items: node.items, wanted });
}

function mergeByKey(
  original: readonly Json[],
  patch: readonly Json[],
  by: { readonly key: string; readonly items: SchemaNode; readonly wanted: readonly Json[] | undefined },
): readonly Json[] {
  const { elements, doomed, replace } = sortDirectives(patch, by.key);
  if (replace) {
    const list = elements.map(withoutDirectives);
    return by.wanted ? orderElements(list, { wanted: by.wanted, previous: original, mergeKey: by.key }) : list;
  }
  const kept = original.filter((item) => !(isJsonObject(item) && doomed.some((key) => equalJson(key, item[by.key]))));
  const merged = [...kept];
  for (const element of elements) {
    const key = keyValue(element, by.key);
    const at = merged.findIndex((item) => isJsonObject(item) && equalJson(item[by.key], key));
    if (at < 0) merged.push(withoutDirectives(element));
    else merged[at] = mergeObject(merged[at] as JsonObject, element, by.items);
  }
  if (by.wanted === undefined) return orderElements(merged, { wanted: elements, previous: kept, mergeKey: by.key });
  // Upstream merges in place: with a stated order, new elements take the places of deleted ones in the old order.
  const previous = merged.slice(0, original.length);
  return orderElements(merged, { wanted: by.wanted, previous, mergeKey: by.key });
}

/** The elements of a list's patch apart from those that only say what to do with the list. */
function sortDirectives(
  patch: readonly Json[],
  mergeKey: string,
): { readonly elements: readonly JsonObject[]; readonly doomed: readonly Json[]; readonly replace: boolean } {
  const elements: JsonObject[] = [];
  const doomed: Json[] = [];
  let replace = false;
  for (const element of patch) {
    if (!isJsonObject(element)) throw malformed('the patch of a list of objects must hold objects');
    const how = element[directive];
    if (how === 'replace') replace = true;
    else if (how === 'delete') doomed.push(keyValue(element, mergeKey));
    else if (how === undefined) elements.push(element);
    else throw malformed(`unknown patch type: ${JSON.stringify(how)}`);
  }
  return { elements, doomed, replace };
}

function keyValue(element: JsonObject, mergeKey: string): Json {
  const value = element[mergeKey];
  if (value === undefined)
    throw malformed(`map: ${JSON.stringify(element)} does not contain declared merge key: ${mergeKey}`);
  return value;
}

/** Merges the lists that have a `$setElementOrder/…` beside them; returns their names. */
function mergeOrderedLists(
  target: MutableObject,
  patch: JsonObject,
  schema: SchemaNode | undefined,
): ReadonlySet<string> {
  const done = new Set<string>();
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(orderPrefix)) continue;
    const name = key.slice(orderPrefix.length);
    if (!Array.isArray(order)) throw malformed(`The order in patch list of ${name} doesn't match ${orderPrefix} list`);
    const original = Array.isArray(target[name]) ? (target[name] as readonly Json[]) : undefined;
    const change = patch[name];
    if (!original && !Array.isArray(change)) continue;
    const { node } = fieldOf(schema, name);
    const mergeKey = node?.kind === 'list' ? node.mergeKey : undefined;
    if (Array.isArray(change)) checkOrder(name, change, { wanted: order, mergeKey });
    target[name] = Array.isArray(change)
      ? mergeList(original, change, { node, wanted: order })
      : orderElements(original!, { wanted: order, previous: original!, mergeKey });
    done.add(name);
  }
  return done;
}

/** Refuses a list whose elements come in another order than the stated one, or are not in it. */
function checkOrder(
  name: string,
  list: readonly Json[],
  order: { readonly wanted: readonly Json[]; readonly mergeKey: string | undefined },
): void {
  const { wanted, mergeKey } = order;
  if (wanted.length === 0) return;
  const keyOf = (item: Json): Json => (mergeKey !== undefined && isJsonObject(item) ? keyValue(item, mergeKey) : item);
  let at = 0;
  for (const item of list) {
    if (isJsonObject(item) && item[directive] !== undefined) continue;
    const key = keyOf(item);
    while (at < wanted.length && !equalJson(keyOf(wanted[at]!), key)) at++;
    if (at++ === wanted.length)
      throw malformed(
        `The order in patch list:\n${JSON.stringify(list)}\n doesn't match ${orderPrefix} list:\n${JSON.stringify(wanted)}\n in ${name}`,
      );
  }
}

function deleteScalars(target: MutableObject, name: string, doomed: Json): void {
  if (!Array.isArray(doomed)) throw malformed(`invalid patch format of primitive list`);
  const list = target[name];
  if (Array.isArray(list)) target[name] = (list as readonly Json[]).filter((item) => !doomed.includes(item));
}

/** A value that is new to the document, without the directives that only speak about what was there. */
function withoutDirectives(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).filter((item) => !isMarker(item)).map(withoutDirectives);
  if (!isJsonObject(value)) return value;
  const target: MutableObject = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === null || member === undefined) continue;
    if (key === directive || key === retainKeys || key.startsWith(deletePrefix) || key.startsWith(orderPrefix))
      continue;
    target[key] = withoutDirectives(member);
  }
  return target;
}

/** Whether a list element only says `$patch: delete` or `replace`. */
function isMarker(item: Json): boolean {
  return isJsonObject(item) && (item[directive] === 'delete' || item[directive] === 'replace');
}

function without(object: JsonObject, key: string): JsonObject {
  const { [key]: _removed, ...rest } = object;
  return withoutDirectives(rest) as JsonObject;
}

function malformed(detail: string): StatusError {
  return new StatusError('BadRequest', detail);
}
