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
  if (Array.isArray(patch)) return mergeList(Array.isArray(original) ? original : undefined, patch, field.node);
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
      throw malformed('The patch contains a key that is not in the retainKeys list');
    }
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => keep.has(key)));
}

function mergeList(original: readonly Json[] | undefined, patch: readonly Json[], node: SchemaNode | undefined): Json {
  const strategy = node?.kind === 'list' ? node.patchStrategy : undefined;
  if (node?.kind !== 'list' || !strategy?.startsWith('merge'))
    return patch.map(withoutDirectives).filter((item) => !isMarker(item));
  if (node.items.kind !== 'struct') return [...new Set([...(original ?? []), ...patch])];
  if (node.mergeKey === undefined) throw malformed('cannot merge lists without merge key');
  return mergeByKey(original ?? [], patch, { key: node.mergeKey, items: node.items });
}

function mergeByKey(
  original: readonly Json[],
  patch: readonly Json[],
  by: { readonly key: string; readonly items: SchemaNode },
): readonly Json[] {
  const elements: JsonObject[] = [];
  const doomed: Json[] = [];
  let replace = false;
  for (const element of patch) {
    if (!isJsonObject(element)) throw malformed('the patch of a list of objects must hold objects');
    const how = element[directive];
    if (how === 'replace') replace = true;
    else if (how === 'delete') doomed.push(keyValue(element, by.key));
    else if (how === undefined) elements.push(element);
    else throw malformed(`unknown patch type: ${JSON.stringify(how)}`);
  }
  if (replace) return elements.map(withoutDirectives);
  const merged = original.filter((item) => !(isJsonObject(item) && doomed.some((key) => equalJson(key, item[by.key]))));
  for (const element of elements) {
    const key = keyValue(element, by.key);
    const at = merged.findIndex((item) => isJsonObject(item) && equalJson(item[by.key], key));
    if (at < 0) merged.push(withoutDirectives(element));
    else merged[at] = mergeObject(merged[at] as JsonObject, element, by.items);
  }
  return merged;
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
    const merged = Array.isArray(change) ? mergeList(original, change, node) : original!;
    const mergeKey = node?.kind === 'list' ? node.mergeKey : undefined;
    target[name] = orderElements(merged as readonly Json[], { wanted: order, previous: original ?? [], mergeKey });
    done.add(name);
  }
  return done;
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
