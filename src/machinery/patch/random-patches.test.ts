/** Random patches against slow models, which know documents as flat lists of paths with values. */
import { expect, test } from 'vitest';
import { Deployment } from '../../api/apps/deployment.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { seededRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import { isJsonObject } from '../schema.ts';
import type { ListNode, SchemaNode, StructNode } from '../schema.ts';
import { randomObject } from '../testing/random-object.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

/** A document as its leaves, by path. Containers are leaves only when they are empty. Elements of merged lists are `=key`. */
type Leaves = Map<string, Json>;

const separator = '\u0000';
const under = (path: string, name: string): string => `${path}${separator}${name}`;
const isWithin = (path: string, ancestor: string): boolean =>
  path === ancestor || path.startsWith(`${ancestor}${separator}`);

function mergedList(node: SchemaNode | undefined): ListNode | undefined {
  return node?.kind === 'list' && node.patchStrategy?.startsWith('merge') ? node : undefined;
}

function nodeAt(node: SchemaNode | undefined, name: string): SchemaNode | undefined {
  if (node?.kind === 'map') return node.values;
  return node?.kind === 'struct' ? node.fields[name]?.type : undefined;
}

function elementName(item: Json, { mergeKey }: ListNode): string {
  return `=${JSON.stringify(mergeKey === undefined ? item : (item as JsonObject)[mergeKey])}`;
}

function flatten(value: Json, node: SchemaNode | undefined, path = '', leaves: Leaves = new Map()): Leaves {
  const list = mergedList(node);
  if (Array.isArray(value) && list && value.length > 0) {
    for (const item of value as Json[]) flatten(item, list.items, under(path, elementName(item, list)), leaves);
  } else if (isJsonObject(value) && Object.keys(value).length > 0) {
    for (const [name, member] of Object.entries(value)) flatten(member!, nodeAt(node, name), under(path, name), leaves);
  } else leaves.set(path, value);
  return leaves;
}

/** Takes away what is at and below a path, and whatever on the way to it is no container. */
function clear(leaves: Leaves, path: string): void {
  for (const known of [...leaves.keys()]) if (isWithin(known, path) || isWithin(path, known)) leaves.delete(known);
}

/** A patch in the model: each leaf of it is set, or clears what was there. */
function applyLeaves(document: Json, patch: Json, node: SchemaNode | undefined): Leaves {
  const leaves = flatten(document, node);
  for (const [path, value] of flatten(patch, node)) {
    const isEmpty =
      isJsonObject(value) || (Array.isArray(value) && value.length === 0 && mergedList(nodeOf(node, path)));
    const has = [...leaves].some(([known, at]) => isWithin(known, path) && (known !== path || isJsonObject(at)));
    if (isEmpty && has) continue;
    clear(leaves, path);
    if (value !== null) leaves.set(path, value);
  }
  return leaves;
}

function nodeOf(node: SchemaNode | undefined, path: string): SchemaNode | undefined {
  return path
    .split(separator)
    .slice(1)
    .reduce((at, name) => (name.startsWith('=') ? mergedList(at)?.items : nodeAt(at, name)), node);
}

/** Leaves without containers that hold nothing: a patch may leave them or not. */
const comparable = (leaves: Leaves): Record<string, Json> =>
  Object.fromEntries(
    [...leaves]
      .filter(([, value]) => typeof value !== 'object' || value === null || Object.keys(value).length > 0)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

const chance = (random: Random, share: number): boolean => random.next() < share;

/** An object in which the elements of merged lists have names of their own. */
function document(schema: StructNode, random: Random): JsonObject {
  const tidy = (value: Json, node: SchemaNode | undefined): Json => {
    const list = mergedList(node);
    if (Array.isArray(value)) {
      const items = (value as Json[]).map((item) => tidy(item, list?.items));
      if (!list) return items;
      const { mergeKey } = list;
      const named = items.filter((item) => mergeKey === undefined || (item as JsonObject)[mergeKey] !== undefined);
      return [...new Map(named.map((item) => [elementName(item, list), item])).values()];
    }
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, tidy(member!, nodeAt(node, name))]));
  };
  return tidy(randomObject(schema, random) as JsonObject, schema) as JsonObject;
}

/** A patch made of an object: parts of it left out, others turned into deletions. */
function patchOf(value: Json, node: SchemaNode | undefined, random: Random): Json {
  const list = mergedList(node);
  if (Array.isArray(value)) {
    if (!list || list.mergeKey === undefined) return value;
    return (value as Json[]).map((item) => ({
      ...(patchOf(item, list.items, random) as JsonObject),
      [list.mergeKey!]: (item as JsonObject)[list.mergeKey!]!,
    }));
  }
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(() => chance(random, 0.7));
  return Object.fromEntries(
    kept.map(([name, member]) => [name, chance(random, 0.15) ? null : patchOf(member!, nodeAt(node, name), random)]),
  );
}

test.each([Deployment, Pod, Service])('strategic merge patches of $kind agree with the model', ({ schema }) => {
  const random = seededRandom(11);
  for (let i = 0; i < 300; i++) {
    const [before, other] = [document(schema, random), document(schema, random)];
    // Half of the patches are of what is there, so that they meet something.
    const patch = patchOf(chance(random, 0.5) ? before : other, schema, random) as JsonObject;
    const after = applyStrategicMergePatch(before, patch, schema);
    expect(comparable(flatten(after, schema))).toEqual(comparable(applyLeaves(before, patch, schema)));
  }
});

test('merge patches agree with the model', () => {
  const random = seededRandom(12);
  for (let i = 0; i < 500; i++) {
    const [before, other] = [document(Pod.schema, random), document(Pod.schema, random)];
    const patch = patchOf(chance(random, 0.5) ? before : other, undefined, random) as JsonObject;
    const after = applyMergePatch(before, patch) as JsonObject;
    expect(comparable(flatten(after, undefined))).toEqual(comparable(applyLeaves(before, patch, undefined)));
  }
});

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

/** One operation after RFC 6902, on a copy, by the letter. */
function operate(document_: Json, { op, path, from = '', value = null }: Operation): Json {
  const copy: Json = structuredClone(document_);
  const read = (at: string): Json => {
    let found: Json | undefined = copy;
    for (const name of at.split('/').slice(1)) {
      if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) throw new Error('no such path');
      found = (found as Record<string, Json>)[name];
    }
    return found!;
  };
  const parentOf = (at: string): [parent: Record<string, Json> | Json[], name: string] => {
    const cut = at.lastIndexOf('/');
    const parent = read(at.slice(0, cut));
    if (typeof parent !== 'object' || parent === null) throw new Error('no container');
    return [parent as Record<string, Json>, at.slice(cut + 1)];
  };
  const remove = (at: string): void => {
    read(at);
    const [parent, name] = parentOf(at);
    if (Array.isArray(parent)) parent.splice(Number(name), 1);
    else delete parent[name];
  };
  const add = (at: string, added: Json): void => {
    const [parent, name] = parentOf(at);
    if (!Array.isArray(parent)) parent[name] = added;
    else if (name === '-') parent.push(added);
    else if (/^(0|[1-9]\d*)$/.test(name) && Number(name) <= parent.length) parent.splice(Number(name), 0, added);
    else throw new Error('no index');
  };
  if (op === 'add') add(path, value);
  else if (op === 'remove') remove(path);
  else if (op === 'replace') {
    remove(path);
    add(path, value);
  } else if (op === 'move' || op === 'copy') {
    if (op === 'move' && path.startsWith(`${from}/`)) throw new Error('into itself');
    const moved = structuredClone(read(from));
    if (op === 'move') remove(from);
    add(path, moved);
  } else if (JSON.stringify(read(path)) !== JSON.stringify(value)) throw new Error('test failed');
  return copy;
}

test('JSON patches agree with the letter of the RFC, also in what they refuse', () => {
  const random = seededRandom(13);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)]!;
  const start = { a: { b: [1, 2, { c: 'x' }], d: {} }, e: 'text', f: [] };
  const paths = [
    '/a',
    '/a/b',
    '/a/b/0',
    '/a/b/2',
    '/a/b/-',
    '/a/b/9',
    '/a/b/2/c',
    '/a/d',
    '/a/d/n',
    '/e',
    '/e/x',
    '/f/0',
    '/f/-',
    '/g',
    '/g/h',
  ];
  const values: readonly Json[] = ['x', 1, null, {}, [], { c: 'x' }, [1, 2, { c: 'x' }], 'text'];
  const outcome = (run: () => Json): Json => {
    try {
      return run();
    } catch {
      return 'refused';
    }
  };
  let refused = 0;
  for (let i = 0; i < 5000; i++) {
    const patch = Array.from({ length: 1 + Math.floor(random.next() * 4) }, (): Operation => {
      const op = pick(['add', 'remove', 'replace', 'move', 'copy', 'test']);
      const path = pick(paths);
      if (op === 'move' || op === 'copy') return { op, path, from: pick(paths) };
      return op === 'remove' ? { op, path } : { op, path, value: pick(values) };
    });
    const expected = outcome(() => patch.reduce<Json>(operate, start));
    expect([patch, outcome(() => applyJsonPatch(start, patch as unknown as Json))]).toEqual([patch, expected]);
    if (expected === 'refused') refused++;
  }
  expect(refused).toBeGreaterThan(1000);
  expect(refused).toBeLessThan(4500);
});
