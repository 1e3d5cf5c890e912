/**
 * Elements of field paths, in their serialized form: `f:` a field's name, `k:` the keys of a list's element, `v:` a set's
 * value, `i:` an index. Source: structured-merge-diff's fieldpath.
 */
import { parseExactJson } from '../../base/exact-json.ts';
import { isJsonObject } from '../schema.ts';

/** Kinds of elements in the order in which they sort; a node's own mark comes before all. */
const ranks: Readonly<Record<string, number>> = { '.': 0, f: 1, k: 2, v: 3, i: 4 };

/** The order of elements: fields by name, then keys, values and indexes by what they say. */
export function compareElements(a: string, b: string): number {
  if (a === b) return 0;
  const kind = a.charCodeAt(0);
  if (kind === b.charCodeAt(0)) {
    if (kind === 0x66 /* f */) return a < b ? -1 : 1;
    if (kind === 0x69 /* i */) return Number(a.slice(2)) - Number(b.slice(2));
    return compareContents(contentOf(a), contentOf(b));
  }
  return (ranks[a[0]!] ?? 9) - (ranks[b[0]!] ?? 9);
}

/** A scalar or, for keys, names and values by turns. */
type Content = readonly unknown[];

const contents = new Map<string, Content>();

/** Keys and values repeat endlessly, so what they say is remembered. */
function contentOf(element: string): Content {
  const known = contents.get(element);
  if (known) return known;
  const value = parseExactJson(element.slice(2));
  const content = isJsonObject(value) ? Object.entries(value).flat() : [value];
  if (contents.size > 10_000) contents.clear();
  contents.set(element, content);
  return content;
}

function compareContents(a: Content, b: Content): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareScalars(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const typeRanks = ['number', 'string', 'boolean', 'object'];

/** Numbers before strings before booleans before the rest. Source: structured-merge-diff's value.Compare. */
function compareScalars(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (rankOf(a) !== rankOf(b)) return rankOf(a) - rankOf(b);
  if (typeof a === 'object') return textOf(a) < textOf(b) ? -1 : 1;
  return (a as Scalar) < (b as Scalar) ? -1 : 1;
}

type Scalar = string | number | bigint | boolean;

function rankOf(value: unknown): number {
  return typeRanks.indexOf(typeof value === 'bigint' ? 'number' : typeof value);
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}

/** The element of a field's name. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/**
 * An element in its one canonical form; undefined for kinds of elements that are not known, which are ignored. Throws
 * Error for what is no element.
 */
export function canonicalElement(element: string): string | undefined {
  if (element[1] !== ':') throw new Error(`missing colon: ${element}`);
  const rest = element.slice(2);
  switch (element[0]) {
    case 'f':
      return element;
    case 'v':
      return `v:${JSON.stringify(parseExactJson(rest))}`;
    case 'k':
      return `k:${canonicalKeys(rest)}`;
    case 'i':
      if (!/^[-+]?\d{1,15}$/.test(rest)) throw new Error(`strconv.Atoi: parsing ${textOf(rest)}: invalid syntax`);
      return `i:${Number(rest)}`;
    default:
      return undefined;
  }
}

function canonicalKeys(text: string): string {
  const keys = parseExactJson(text);
  if (!isJsonObject(keys)) throw new Error(`keys must be an object: ${text}`);
  const names = Object.keys(keys).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(keys[name])}`).join(',')}}`;
}

/** An element as messages show it: `.spec`, `[name="web"]`, `[="x"]`, `[0]`. */
export function printElement(element: string): string {
  const rest = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${rest}`;
    case 'v':
      return `[=${rest}]`;
    case 'k': {
      const keys = Object.entries(parseExactJson(rest) as object);
      return `[${keys.map(([name, value]) => `${name}=${textOf(value)}`).join(',')}]`;
    }
    default:
      return `[${rest}]`;
  }
}

/** A path as messages show it: `.spec.containers[name="web"].image`. */
export function printPath(path: readonly string[]): string {
  return path.map(printElement).join('');
}
