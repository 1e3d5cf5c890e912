/**
 * Server-side apply once more: slow, on plain sets of printed paths, after the words of structured-merge-diff's
 * documentation. Values must have no nulls, no empty containers and no items that come twice.
 */
import type { JsonObject } from '../../../base/json.ts';
import { isJsonObject } from '../../schema.ts';
import type { SchemaNode } from '../../schema.ts';

/** Something that is there at a path. */
interface Fact {
  readonly path: readonly string[];
  /** Leaves have their value; containers and items have none. */
  readonly value?: string;
  /** A container: owned by nobody who only applies what is in it. */
  readonly container: boolean;
  /** A field of a struct, as opposed to an entry or an item. */
  readonly named: boolean;
}

type Facts = ReadonlyMap<string, Fact>;

/** All that is at and below a value. */
export function factsOf(schema: SchemaNode, value: unknown): Facts {
  const facts = new Map<string, Fact>();
  for (const fact of walk(schema, value, { path: [], container: true, named: false })) {
    if (fact.path.length > 0) facts.set(fact.path.join(''), fact);
  }
  return facts;
}

type Place = Omit<Fact, 'value'>;

function* walk(node: SchemaNode, value: unknown, place: Place): Generator<Fact> {
  const { path } = place;
  const below = (element: string, named: boolean, container: boolean): Place => ({
    path: [...path, element],
    named,
    container,
  });
  if (isAtomic(node, value)) {
    yield { ...place, container: false, value: JSON.stringify(sorted(value)) };
    return;
  }
  yield place;
  if (node.kind === 'struct') {
    for (const [name, member] of Object.entries(value as JsonObject))
      yield* walk(node.fields[name]!.type, member, below(`.${name}`, true, true));
  } else if (node.kind === 'map' || node.kind === 'json') {
    for (const [key, member] of Object.entries(value as JsonObject))
      yield* walk(node.kind === 'map' ? node.values : node, member, below(`.${key}`, false, false));
  } else if (node.kind === 'list') {
    for (const item of value as readonly unknown[])
      yield* walk(node.items, item, below(keyOf(node, item), false, false));
  }
}

function isAtomic(node: SchemaNode, value: unknown): boolean {
  switch (node.kind) {
    case 'struct':
    case 'map':
      return node.atomic;
    case 'list':
      return node.listType === 'atomic';
    case 'json':
      return !isJsonObject(value);
    default:
      return true;
  }
}

function keyOf(node: SchemaNode & { readonly kind: 'list' }, item: unknown): string {
  if (node.listType === 'set') return `[=${JSON.stringify(item)}]`;
  const fields = node.items.kind === 'struct' ? node.items.fields : {};
  const keys = [...node.keys].sort().flatMap((key) => {
    const value = (item as JsonObject)[key] ?? fields[key]?.default;
    return value === undefined ? [] : [`${key}=${JSON.stringify(value)}`];
  });
  return `[${keys.join(',')}]`;
}

function sorted(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

type Paths = ReadonlySet<string>;

/** The object and its owners as the model has them. */
export class ReferenceModel {
  readonly #schema: SchemaNode;
  facts: Facts = new Map();
  readonly owners = new Map<string, Paths>();

  constructor(schema: SchemaNode) {
    this.#schema = schema;
  }

  /** Applies by force. */
  apply(manager: string, configuration: JsonObject): void {
    const sent = factsOf(this.#schema, configuration);
    const set = new Set([...sent].filter(([, fact]) => !fact.container).map(([path]) => path));
    const last = this.owners.get(manager) ?? new Set();
    const before = this.facts;
    // A leaf takes the place of whatever was below it.
    const leaves = [...sent].filter(([, { value }]) => value !== undefined).map(([path]) => path);
    const kept = [...before].filter(([path]) => !leaves.some((leaf) => isBelow(path, leaf)));
    const merged = new Map([...kept, ...sent]);
    this.owners.set(manager, set);
    this.facts = this.#prune(merged, last);
    this.#disown(before, manager);
  }

  /** Replaces the object. */
  update(manager: string, object: JsonObject): void {
    const before = this.facts;
    this.facts = factsOf(this.#schema, object);
    const touched = this.#disown(before);
    const had = this.owners.get(manager) ?? new Set();
    const set = new Set([...had, ...touched].filter((path) => this.facts.has(path)));
    if (set.size > 0) this.owners.set(manager, set);
  }

  /** Takes what differs from all but `keeper`; returns it. */
  #disown(before: Facts, keeper?: string): Paths {
    const differs = (path: string): boolean => {
      const [was, is] = [before.get(path), this.facts.get(path)];
      return !was || !is || was.value !== is.value;
    };
    const touched = new Set([...before.keys(), ...this.facts.keys()].filter(differs));
    for (const [manager, set] of this.owners) {
      const rest = manager === keeper ? set : new Set([...set].filter((path) => !touched.has(path)));
      if (rest.size > 0) this.owners.set(manager, rest);
      else this.owners.delete(manager);
    }
    return touched;
  }

  /** Without what `last` names and nobody has any more. */
  #prune(merged: Facts, last: Paths): Facts {
    const had = withNamedAncestors(last, merged);
    const managed = withNamedAncestors(new Set([...this.owners.values()].flatMap((set) => [...set])), merged);
    const bare = without(merged, had);
    const lost = new Set([...known(merged)].filter((path) => !known(bare).has(path) && !managed.has(path)));
    const kept = without(merged, lost);
    const gone = new Set([...known(merged)].filter((path) => !known(kept).has(path) && had.has(path)));
    return settled(without(merged, gone));
  }
}

/** The paths of what an applier could own, and of named fields. */
function known(facts: Facts): Paths {
  return new Set([...facts].filter(([, fact]) => !fact.container || fact.named).map(([path]) => path));
}

function withNamedAncestors(paths: Paths, facts: Facts): Paths {
  const all = new Set(paths);
  for (const [, { path, named }] of facts) {
    const text = path.join('');
    if (named && [...paths].some((other) => isBelow(other, text))) all.add(text);
  }
  return all;
}

/** Nothing at or below the paths. */
function without(facts: Facts, paths: Paths): Facts {
  return new Map([...facts].filter(([text]) => ![...paths].some((path) => path === text || isBelow(text, path))));
}

/** No fields that held something of which nothing is left. Entries and items stay, though empty. */
function settled(facts: Facts): Facts {
  const holders = new Set([...facts.values()].map(({ path }) => path.slice(0, -1).join('')));
  return new Map(
    [...facts].filter(([text, { value, container }]) => value !== undefined || !container || holders.has(text)),
  );
}

function isBelow(path: string, ancestor: string): boolean {
  return path.startsWith(ancestor) && (path[ancestor.length] === '.' || path[ancestor.length] === '[');
}
