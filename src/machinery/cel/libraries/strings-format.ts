/**
 * `'%d of %s'.format([1, 'x'])`. Source: cel-go's ext/formatting.go (strings before version 4, as Kubernetes has them):
 * numbers are written as in English, with grouped digits and exponents raised.
 */
import { fail } from '../cel-error.ts';
import { typeName } from '../cel-type.ts';
import { formatDouble } from '../double-text.ts';
import { formatDuration, formatTimestamp } from '../timestamps.ts';
import type { CelValue } from '../values.ts';
import { CelDouble, CelDuration, CelList, CelMap, CelTimestamp, CelTypeValue, CelUint } from '../values.ts';
import { typeOf } from '../value-type.ts';
import { goQuote } from './go-quote.ts';

/** One `%…` of a format. */
export interface FormatClause {
  readonly verb: string;
  readonly precision: number | undefined;
}

/** Splits a format into texts and clauses. `bad` is called (and must throw) with what is wrong. */
export function parseFormat(format: string, bad: (message: string) => never): (string | FormatClause)[] {
  const parts: (string | FormatClause)[] = [];
  let at = 0;
  while (at < format.length) {
    const percent = format.indexOf('%', at);
    if (percent < 0) break;
    parts.push(format.slice(at, percent));
    if (format[percent + 1] === '%') {
      parts.push('%');
      at = percent + 2;
      continue;
    }
    const [clause, end] = parseClause(format, percent + 1, bad);
    parts.push(clause);
    at = end;
  }
  parts.push(format.slice(at));
  return parts;
}

function parseClause(format: string, start: number, bad: (message: string) => never): [FormatClause, number] {
  const prefix = 'could not parse formatting clause: ';
  if (start >= format.length) bad('unexpected end of string');
  let at = start;
  let precision: number | undefined;
  if (format[at] === '.') {
    const digits = /^\d*/.exec(format.slice(at + 1))?.[0] ?? '';
    at += 1 + digits.length;
    const problem = `${prefix}error while parsing precision: `;
    if (at >= format.length) bad(`${problem}could not find end of precision specifier`);
    if (digits === '')
      bad(`${problem}error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax`);
    precision = Number(digits);
    if (precision > maxPrecision)
      bad(`${problem}precision ${precision} exceeds maximum allowed precision ${maxPrecision}`);
  }
  const verb = String.fromCodePoint(format.codePointAt(at) ?? 0);
  if (!Object.hasOwn(verbs, verb)) bad(`${prefix}unrecognized formatting clause "${verb}"`);
  return [{ verb, precision }, at + verb.length];
}

/** Upstream has no bound before version 5; JavaScript has this one. */
const maxPrecision = 100;
const defaultPrecision = 6;
const during = 'error during formatting: ';

/** The text of a format with its arguments filled in. */
export function formatString(format: string, args: CelList): string {
  let next = 0;
  const parts = parseFormat(format, fail);
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      if (next >= args.size) fail(`index ${next} out of range`);
      const write = verbs[part.verb] ?? fail(`unrecognized formatting clause "${part.verb}"`);
      return write(args.at(next++), part);
    })
    .join('');
}

type Write = (value: CelValue, clause: FormatClause) => string;

/** What is said of an argument that a clause can't write. */
export const formatComplaints: Readonly<Record<string, string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ',
  d: 'decimal clause can only be used on integers, was given ',
  f: 'fixed-point clause can only be used on doubles, was given ',
  e: 'scientific clause can only be used on doubles, was given ',
  b: 'only integers and bools can be formatted as binary, was given ',
  x: 'only integers, byte buffers, and strings can be formatted as hex, was given ',
  o: 'octal clause can only be used on integers, was given ',
};

const complain = (verb: string, value: CelValue): never =>
  fail(`${during}${formatComplaints[verb.toLowerCase()]}${typeName(typeOf(value))}`);

const verbs: Readonly<Record<string, Write>> = {
  s: (value) => formatValue(value),
  d: (value, { verb }) => integerText(value, 10) ?? complain(verb, value),
  f: (value, { verb, precision = defaultPrecision }) => fixed(doubleOf(value) ?? complain(verb, value), precision),
  e: (value, { verb, precision = defaultPrecision }) => scientific(doubleOf(value) ?? complain(verb, value), precision),
  b: (value, { verb }) =>
    typeof value === 'boolean' ? String(Number(value)) : (integerText(value, 2) ?? complain(verb, value)),
  o: (value, { verb }) => integerText(value, 8) ?? complain(verb, value),
  x: (value, { verb }) => hex(value) ?? complain(verb, value),
  X: (value, { verb }) => hex(value)?.toUpperCase() ?? complain(verb, value),
};

function integerText(value: CelValue, base: number): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value.toString(base);
  return value instanceof CelUint ? value.value.toString(base) : undefined;
}

function hex(value: CelValue): string | undefined {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  if (!(bytes instanceof Uint8Array)) return integerText(value, 16);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const named: Readonly<Record<string, number>> = { NaN: NaN, Infinity, '-Infinity': -Infinity };

function doubleOf(value: CelValue): number | undefined {
  if (value instanceof CelDouble) return value.value;
  return typeof value === 'string' && Object.hasOwn(named, value) ? named[value] : undefined;
}

function specialNumber(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? undefined : value > 0 ? '∞' : '-∞';
}

function fixed(value: number, precision: number): string {
  const special = specialNumber(value);
  if (special !== undefined) return special;
  const [whole = '', fraction] = toFixed(value, precision).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `toFixed` gives up at 10^21, where no double has a fraction any more. */
function toFixed(value: number, precision: number): string {
  if (Math.abs(value) < 1e21) return value.toFixed(precision);
  return precision === 0 ? String(BigInt(value)) : `${BigInt(value)}.${'0'.repeat(precision)}`;
}

const raised = '⁰¹²³⁴⁵⁶⁷⁸⁹';

function scientific(value: number, precision: number): string {
  const special = specialNumber(value);
  if (special !== undefined) return special;
  const [mantissa = '', exponent = ''] = value.toExponential(precision).split('e');
  const digits = exponent.slice(1).padStart(2, '0');
  const power = Array.from(digits, (digit) => raised[Number(digit)]).join('');
  return `${mantissa}×10${exponent.startsWith('-') ? '⁻' : ''}${power}`;
}

/** What `%s` writes. */
function formatValue(value: CelValue): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof CelList) return `[${Array.from(value.values(), formatInner).join(', ')}]`;
  if (value instanceof CelMap) return formatMap(value);
  if (value instanceof CelDouble) return formatDouble(value.value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelDuration) return formatDuration(value);
  if (value instanceof CelTypeValue) return value.name;
  return complain('s', value);
}

/** What `%s` writes inside of lists and maps: literals. */
function formatInner(value: CelValue): string {
  if (typeof value === 'string') return goQuote(value);
  if (value instanceof Uint8Array) return `b${goQuote(formatValue(value))}`;
  if (value instanceof CelTimestamp) return `timestamp(${goQuote(formatTimestamp(value))})`;
  if (value instanceof CelDuration) return `duration(${goQuote(formatDuration(value))})`;
  if (!(value instanceof CelDouble)) return formatValue(value);
  return Number.isFinite(value.value) ? toFixed(value.value, defaultPrecision) : goQuote(formatDouble(value.value));
}

function formatMap(map: CelMap): string {
  const entries = Array.from(map.keys(), (key) => {
    if (key !== null && typeof key === 'object' && !(key instanceof CelUint)) {
      fail(`${during}no formatting function for map key of type ${typeName(typeOf(key))}`);
    }
    return [formatInner(key), formatInner(map.get(key) ?? null)] as const;
  });
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${sorted.map(([key, value]) => `${key}:${value}`).join(', ')}}`;
}
