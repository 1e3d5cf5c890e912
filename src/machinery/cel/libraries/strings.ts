/** String functions. Source: cel-go's ext/strings.go, version 2, at which Kubernetes 1.36 keeps it. */
import type { CallCost, EstimateCall, Range } from '../call-cost.ts';
import {
  addRanges,
  actualSizeAt,
  multiplyRanges,
  scaleRange,
  sizeAt,
  traversalCost,
  traversalFactor,
  unbounded,
} from '../call-cost.ts';
import { fail } from '../cel-error.ts';
import { celTypes, listType } from '../cel-type.ts';
import type { CelLibrary, Overload } from '../library.ts';
import { globalOverload, memberOverload as member } from '../library.ts';
import type { CelInt } from '../numbers.ts';
import type { CelValue } from '../values.ts';
import { CelList } from '../values.ts';
import { Needle, splitText } from '../text-search.ts';
import { characterCount, sizeForCost } from '../value-size.ts';
import { describeType } from '../value-type.ts';
import { rewriteCost, searchCost } from './kubernetes-costs.ts';
import { formatString } from './strings-format.ts';

const { string, int, dyn } = celTypes;
const strings = listType(string);

/** Indexes count code points. */
const runes = (text: string): string[] => [...text];
const failIndex = (index: CelInt): never => fail(`index out of range: ${index}`);

function charAt(text: string, index: CelInt): string {
  const length = characterCount(text);
  if (index < 0 || index > length) failIndex(index);
  const code = text.codePointAt(positionOf(text, Number(index)));
  return code === undefined ? '' : String.fromCodePoint(code);
}

/** The UTF-16 position of a code point's index; the end of the text when there is none. */
function positionOf(text: string, index: number): number {
  if (index >= text.length) return text.length;
  let position = 0;
  for (let count = 0; count < index && position < text.length; count++) {
    position += (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1;
  }
  return position;
}

/** The code point's index of a UTF-16 position; -1 stays. */
function indexAt(text: string, position: number): number {
  return position < 0 ? -1 : characterCount(text.slice(0, position));
}

function indexOf(text: string, part: string, offset: CelInt = 0): number {
  if (offset < 0) failIndex(offset);
  const from = Number(offset);
  if (part === '') return Math.min(from, characterCount(text));
  return indexAt(text, new Needle(part).find(text, positionOf(text, from)));
}

function lastIndexOf(text: string, part: string, offset?: CelInt): number {
  if (offset !== undefined && offset < 0) failIndex(offset);
  const until = offset === undefined ? Infinity : Number(offset);
  if (part === '') return Math.min(until, characterCount(text));
  if (offset !== undefined && until >= characterCount(text)) return -1;
  return indexAt(text, new Needle(part).findLast(text, positionOf(text, until)));
}

function replace(text: string, old: string, by: string, limit: CelInt = -1): string {
  const count = limit < 0 ? Infinity : Number(limit);
  return old === '' ? surround(text, by, count) : splitText(text, old, count + 1).join(by);
}

/** Puts `by` before each of the first `count` characters, and at the end if there is some left. */
function surround(text: string, by: string, count: number): string {
  const characters = runes(text);
  const all = characters.map((character, index) => (index < count ? by + character : character)).join('');
  return count > characters.length ? all + by : all;
}

function split(text: string, separator: string, limit: CelInt = -1): CelList {
  if (limit === 0) return new CelList([]);
  const most = limit < 0 ? Infinity : Number(limit);
  if (separator !== '') return new CelList(splitText(text, separator, most));
  const parts = runes(text);
  if (parts.length <= most) return new CelList(parts);
  return new CelList([...parts.slice(0, most - 1), parts.slice(most - 1).join('')]);
}

function substring(text: string, start: CelInt, end?: CelInt): string {
  const length = characterCount(text);
  if (end !== undefined && start > end) fail(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0 || start > length) failIndex(start);
  if (end !== undefined && (end < 0 || end > length)) failIndex(end);
  return text.slice(positionOf(text, Number(start)), positionOf(text, Number(end ?? length)));
}

function join(list: CelList, separator = ''): string {
  const parts: string[] = [];
  for (const value of list.values()) {
    if (typeof value !== 'string') fail(`join: invalid input: ${describeType(value)}`);
    parts.push(value);
  }
  return parts.join(separator);
}

/** Unicode's white space, as Go has it: JavaScript's `trim` takes a byte order mark too, but no U+0085. */
const space = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const leading = new RegExp(`^${space}`);
const inner = new RegExp(space, 'y');

function trim(text: string): string {
  const start = leading.exec(text)?.[0].length ?? 0;
  let end = text.length;
  while (end > start && isSpace(text, end - 1)) end--;
  return text.slice(start, end);
}

function isSpace(text: string, at: number): boolean {
  inner.lastIndex = at;
  return inner.test(text);
}

const lower = (text: string): string => text.replace(/[A-Z]+/g, (part) => part.toLowerCase());
const upper = (text: string): string => text.replace(/[a-z]+/g, (part) => part.toUpperCase());

const quoted: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** The literal of a string. */
export function quote(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is quoted
  return `"${text.toWellFormed().replace(/[\u0007-\r\\"]/g, (character) => quoted[character] ?? character)}"`;
}

const transformCost = traversalCost(0, { result: true });
const replaceCost = rewriteCost((call) => ({ cost: sizeAt(call, 0), size: replacedSize(call) }));
const splitCost = rewriteCost((call) => {
  const limit = call.args[2]?.literal;
  return { cost: sizeAt(call, 0), size: { min: 0, max: limit === undefined ? sizeAt(call, 0).max : Number(limit) } };
});

/** How long a string may be in which parts are replaced by others. */
function replacedSize(call: EstimateCall): Range {
  const [text, old, by] = [sizeAt(call, 0), sizeAt(call, 1), sizeAt(call, 2)];
  const count = { min: 0, max: 0 };
  const retained = { min: 0, max: 0 };
  if (old.min === 0) [count.max, retained.max] = [Math.min(text.max + 1, unbounded), text.max];
  else if (by.max <= old.min) retained.max = text.max;
  else count.max = Math.ceil(text.max / old.min);
  if (old.max === 0) [count.min, retained.min] = [Math.min(text.min + 1, unbounded), text.min];
  else if (old.max <= by.min) retained.min = text.min;
  else count.min = Math.ceil(text.min / old.max);
  return addRanges(multiplyRanges(count, by), retained);
}

const joinCost: CallCost = {
  estimate: (call) => {
    const size = joinedSize(call);
    return { cost: scaleRange(size, traversalFactor), size };
  },
  actual: (_, result) => Math.ceil(sizeForCost(result) * 2 * traversalFactor),
};

function joinedSize(call: EstimateCall): Range {
  const list = sizeAt(call, 0);
  const element = call.args[0]?.element();
  const parts = element ? multiplyRanges(list, element.size) : { min: 0, max: 0 };
  if (call.args.length < 2) return parts;
  const separators = { min: Math.max(0, list.min - 1), max: Math.max(0, list.max - 1) };
  return addRanges(parts, multiplyRanges(sizeAt(call, 1), separators));
}

const formatCost: CallCost = {
  estimate: (call) => ({ cost: scaleRange(sizeAt(call, 0), traversalFactor) }),
  actual: (args) => Math.ceil(actualSizeAt(args, 0) * traversalFactor),
};
/** Upstream estimates a quoted string as twice as long, with its quotes. */
const quoteCost: CallCost = {
  estimate: (call) => {
    const { min, max } = sizeAt(call, 0);
    return { cost: scaleRange({ min, max }, traversalFactor), size: { min: min + 2, max: max * 2 + 2 } };
  },
  actual: (args) => Math.ceil(actualSizeAt(args, 0) * traversalFactor),
};

const optionalLast = (id: string, last: string, overload: (id: string, more: boolean) => Overload): Overload[] => [
  overload(id, false),
  overload(`${id}_${last}`, true),
];

/** The functions of strings. */
export const stringFunctions: CelLibrary = {
  name: 'strings',
  functions: [
    { name: 'charAt', overloads: [member('string_char_at_int', [string, int], string, charAt)] },
    {
      name: 'indexOf',
      cost: searchCost,
      overloads: optionalLast('string_index_of_string', 'int', (id, more) =>
        member(id, more ? [string, string, int] : [string, string], int, indexOf),
      ),
    },
    {
      name: 'lastIndexOf',
      cost: searchCost,
      overloads: optionalLast('string_last_index_of_string', 'int', (id, more) =>
        member(id, more ? [string, string, int] : [string, string], int, lastIndexOf),
      ),
    },
    { name: 'lowerAscii', cost: transformCost, overloads: [member('string_lower_ascii', [string], string, lower)] },
    { name: 'upperAscii', cost: transformCost, overloads: [member('string_upper_ascii', [string], string, upper)] },
    { name: 'trim', cost: transformCost, overloads: [member('string_trim', [string], string, trim)] },
    {
      name: 'replace',
      cost: replaceCost,
      overloads: optionalLast('string_replace_string_string', 'int', (id, more) =>
        member(id, more ? [string, string, string, int] : [string, string, string], string, replace),
      ),
    },
    {
      name: 'split',
      cost: splitCost,
      overloads: optionalLast('string_split_string', 'int', (id, more) =>
        member(id, more ? [string, string, int] : [string, string], strings, split),
      ),
    },
    {
      name: 'substring',
      cost: transformCost,
      overloads: optionalLast('string_substring_int', 'int', (id, more) =>
        member(id, more ? [string, int, int] : [string, int], string, substring),
      ),
    },
    {
      name: 'join',
      cost: joinCost,
      overloads: optionalLast('list_join', 'string', (id, more) =>
        member(id, more ? [strings, string] : [strings], string, join),
      ),
    },
    {
      name: 'format',
      overloads: [
        member(
          'string_format',
          [string, listType(dyn)],
          string,
          (text: string, args: CelList): CelValue => formatString(text, args),
          formatCost,
        ),
      ],
    },
    { name: 'strings.quote', overloads: [globalOverload('strings_quote', [string], string, quote, quoteCost)] },
  ],
};
