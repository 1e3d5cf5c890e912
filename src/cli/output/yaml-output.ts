import { Document } from 'yaml';
import type { CollectionTag, ScalarTag } from 'yaml';
import { scalarText } from './yaml-scalar.ts';

/** A string whose text is go-yaml's; the library lays out maps and lists around it. */
const stringTag: ScalarTag = {
  identify: (value) => typeof value === 'string',
  default: true,
  tag: 'tag:yaml.org,2002:str',
  resolve: (text) => text,
  stringify(item, context) {
    const value = String(item.value);
    if (context.implicitKey) return scalarText(value, { indent: '', column: 0, isKey: true });
    const { indent, indentAtStart } = context;
    const column = indentAtStart === undefined ? indent.length : indent.length - 2 + indentAtStart;
    return scalarText(value, { indent: indent === '' ? '  ' : indent, column, isKey: false });
  },
};

/** The value as kubectl's YAML: sorted keys, two spaces, lists not indented under their key; ends with a newline. */
export function toYaml(value: unknown): string {
  const document = new Document(sorted(value), {
    version: '1.2',
    schema: 'core',
    sortMapEntries: false,
    customTags: (tags) => [...tags.filter((tag) => !isStringTag(tag)), stringTag],
    aliasDuplicateObjects: false,
  });
  return document.toString({ indentSeq: false, lineWidth: 0, indent: 2 });
}

function isStringTag(tag: string | ScalarTag | CollectionTag): boolean {
  return typeof tag !== 'string' && tag.tag === 'tag:yaml.org,2002:str';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .toSorted(([a], [b]) => compareKeys(a, b))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

const isDigit = (character: string | undefined): boolean => character !== undefined && /\p{Nd}/u.test(character);
const isLetter = (character: string): boolean => /\p{L}/u.test(character);

/** go-yaml's order of keys: letters by code point after other characters, digits by their number. */
export function compareKeys(left: string, right: string): number {
  const a = [...left];
  const b = [...right];
  let digits = false;
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    const [x = '', y = ''] = [a[i], b[i]];
    if (x === y) {
      digits = isDigit(x);
      continue;
    }
    const [xLetter, yLetter] = [isLetter(x), isLetter(y)];
    if (xLetter && yLetter) return x < y ? -1 : 1;
    if (xLetter || yLetter) return (digits ? xLetter : yLetter) ? -1 : 1;
    return compareDigits(a, b, i);
  }
  return a.length - b.length;
}

function compareDigits(a: readonly string[], b: readonly string[], from: number): number {
  const carried = (a[from] === '0' || b[from] === '0') && nonZeroBefore(a, from) ? 1 : 0;
  const [an, ai] = numberFrom(a, from, carried);
  const [bn, bi] = numberFrom(b, from, carried);
  if (an !== bn) return an - bn;
  if (ai !== bi) return ai - bi;
  return (a[from] ?? '') < (b[from] ?? '') ? -1 : 1;
}

function nonZeroBefore(characters: readonly string[], from: number): boolean {
  for (let i = from - 1; i >= 0 && isDigit(characters[i]); i -= 1) if (characters[i] !== '0') return true;
  return false;
}

function numberFrom(characters: readonly string[], from: number, carried: number): readonly [number, number] {
  let value = carried;
  let i = from;
  for (; i < characters.length && isDigit(characters[i]); i += 1) value = value * 10 + Number(characters[i]);
  return [value, i];
}
