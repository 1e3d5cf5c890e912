import { isDeepStrictEqual } from 'node:util';
import type { FieldNode, ListNode, SchemaNode, StructNode } from '../../machinery/schema.ts';

type JsonMap = Readonly<Record<string, unknown>>;

/** Which differences a diff keeps. */
interface DiffOptions {
  readonly deletions: boolean;
  readonly changes: boolean;
}

/**
 * The patch that brings `current` to `modified`, and takes away what `original` had and `modified` has no more; what
 * others have added stays. With a schema it is a strategic merge patch, without one a JSON merge patch.
 * Source: strategicpatch.CreateThreeWayMergePatch.
 */
export function threeWayPatch(
  original: JsonMap,
  modified: JsonMap,
  { current, schema }: { readonly current: JsonMap; readonly schema: StructNode | undefined },
): JsonMap {
  const delta = diffMaps(current, modified, { schema, options: { deletions: false, changes: true } });
  const removals = diffMaps(original, modified, { schema, options: { deletions: true, changes: false } });
  return combineMaps(removals, delta, schema);
}

/** The patch that turns `original` into `modified`. */
export function twoWayPatch(original: JsonMap, modified: JsonMap, schema: StructNode | undefined): JsonMap {
  return diffMaps(original, modified, { schema, options: { deletions: true, changes: true } });
}

interface DiffContext {
  readonly schema: SchemaNode | undefined;
  readonly options: DiffOptions;
}

function diffMaps(original: JsonMap, modified: JsonMap, { schema, options }: DiffContext): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const [key, before] of Object.entries(original)) {
    if (!Object.hasOwn(modified, key)) {
      if (options.deletions) patch[key] = null;
      continue;
    }
    diffValues(patch, { key, before, after: modified[key], field: fieldOf(schema, key), options });
  }
  if (options.changes) {
    for (const [key, after] of Object.entries(modified)) if (!Object.hasOwn(original, key)) patch[key] = after;
  }
  return patch;
}

interface ValuePair {
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly field: FieldTraits;
  readonly options: DiffOptions;
}

function diffValues(patch: Record<string, unknown>, pair: ValuePair): void {
  const { key, before, after, field, options } = pair;
  if (isMap(before) && isMap(after) && !field.replaces) {
    const inner = diffMaps(before, after, { schema: field.type, options });
    if (Object.keys(inner).length === 0) return;
    patch[key] = field.retainsKeys ? { ...inner, $retainKeys: Object.keys(after).toSorted() } : inner;
  } else if (Array.isArray(before) && Array.isArray(after) && field.list?.merges) {
    diffLists(patch, { ...pair, before, after, list: field.list });
  } else if (options.changes && !isDeepStrictEqual(before, after)) patch[key] = after;
}

interface ListPair extends ValuePair {
  readonly before: readonly unknown[];
  readonly after: readonly unknown[];
  readonly list: ListTraits;
}

function diffLists(patch: Record<string, unknown>, { key, before, after, list, options }: ListPair): void {
  const { mergeKey } = list;
  if (mergeKey === undefined) {
    const added = options.changes ? after.filter((value) => !before.includes(value)) : [];
    const removed = options.deletions ? before.filter((value) => !after.includes(value)) : [];
    const ordered = isDeepStrictEqual(before, after);
    if (added.length > 0) patch[key] = added;
    if (removed.length > 0) patch[`$deleteFromPrimitiveList/${key}`] = removed;
    if (added.length > 0 || removed.length > 0 || !ordered) patch[`$setElementOrder/${key}`] = after;
    return;
  }
  const keyed = (values: readonly unknown[]): ReadonlyMap<unknown, JsonMap> =>
    new Map(values.filter(isMap).map((value) => [value[mergeKey], value]));
  const [old, now] = [keyed(before), keyed(after)];
  const elements = [...now].flatMap(([id, value]) => elementPatch(old.get(id), value, { id, mergeKey, list, options }));
  const removed = options.deletions
    ? [...old.keys()].filter((id) => !now.has(id)).map((id) => ({ $patch: 'delete', [mergeKey]: id }))
    : [];
  const all = [...elements, ...removed];
  const ordered = isDeepStrictEqual([...old.keys()], [...now.keys()]);
  if (all.length > 0) patch[key] = all;
  if (all.length > 0 || !ordered) patch[`$setElementOrder/${key}`] = [...now.keys()].map((id) => ({ [mergeKey]: id }));
}

function elementPatch(
  old: JsonMap | undefined,
  value: JsonMap,
  context: { id: unknown; mergeKey: string; list: ListTraits; options: DiffOptions },
): readonly JsonMap[] {
  if (old === undefined) return context.options.changes ? [value] : [];
  const inner = diffMaps(old, value, { schema: context.list.items, options: context.options });
  return Object.keys(inner).length === 0 ? [] : [{ ...inner, [context.mergeKey]: context.id }];
}

function combineMaps(removals: JsonMap, delta: JsonMap, schema: SchemaNode | undefined): Record<string, unknown> {
  const combined: Record<string, unknown> = { ...removals };
  for (const [key, value] of Object.entries(delta)) {
    const removed = removals[key];
    const field = fieldOf(schema, key);
    if (isMap(removed) && isMap(value)) combined[key] = combineMaps(removed, value, field.type);
    else if (Array.isArray(removed) && Array.isArray(value) && field.list?.merges && !key.startsWith('$')) {
      combined[key] = combineLists(removed, value, field.list);
    } else combined[key] = value;
  }
  return combined;
}

function combineLists(removals: readonly unknown[], delta: readonly unknown[], list: ListTraits): readonly unknown[] {
  const { mergeKey } = list;
  if (mergeKey === undefined) return [...new Set([...removals, ...delta])];
  const combined = new Map(removals.filter(isMap).map((value) => [value[mergeKey], value]));
  for (const value of delta.filter(isMap)) {
    const removed = combined.get(value[mergeKey]);
    combined.set(value[mergeKey], removed ? combineMaps(removed, value, list.items) : value);
  }
  return [...combined.values()];
}

interface ListTraits {
  readonly merges: boolean;
  readonly mergeKey: string | undefined;
  readonly items: SchemaNode;
}

interface FieldTraits {
  readonly type: SchemaNode | undefined;
  readonly list: ListTraits | undefined;
  readonly replaces: boolean;
  readonly retainsKeys: boolean;
}

const untyped: FieldTraits = { type: undefined, list: undefined, replaces: false, retainsKeys: false };

function fieldOf(schema: SchemaNode | undefined, key: string): FieldTraits {
  if (schema?.kind === 'map') return { ...untyped, type: schema.values, list: listTraits(schema.values, undefined) };
  const field: FieldNode | undefined = schema?.kind === 'struct' ? schema.fields[key] : undefined;
  if (!field) return untyped;
  const strategy = field.patchStrategy ?? (field.type.kind === 'list' ? field.type.patchStrategy : undefined);
  return {
    type: field.type,
    list: listTraits(field.type, strategy),
    replaces: strategy === 'replace',
    retainsKeys: strategy?.includes('retainKeys') ?? false,
  };
}

function listTraits(type: SchemaNode, strategy: string | undefined): ListTraits | undefined {
  if (type.kind !== 'list') return undefined;
  const list: ListNode = type;
  return { merges: (strategy ?? '').startsWith('merge'), mergeKey: list.mergeKey, items: list.items };
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
