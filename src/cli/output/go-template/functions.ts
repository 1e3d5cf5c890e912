import { CommandError } from '../../command/command-error.ts';
import { goValueText, toGoJson } from '../json-output.ts';

/** A function of templates. */
export type TemplateFunction = (...args: readonly unknown[]) => unknown;

/** Whether a value counts as true: not zero, empty or missing. */
export function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** A value as `print` and a bare action write it. */
export function printed(value: unknown): string {
  return value === undefined ? '<no value>' : goValueText(value);
}

/** The functions of text/template and those that kubectl adds. */
export const templateFunctions: Readonly<Record<string, TemplateFunction>> = {
  and: (...args) => args.find((arg) => !isTruthy(arg)) ?? args.at(-1),
  or: (...args) => args.find(isTruthy) ?? args.at(-1),
  not: (value) => !isTruthy(value),
  eq: (first, ...others) => others.some((other) => same(first, other)),
  ne: (a, b) => !same(a, b),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  len: (value) => lengthOf(value),
  index: (value, ...keys) => keys.reduce((current, key) => elementOf(current, key), value),
  slice: (value, from, to) => sliceOf(value, Number(from ?? 0), to === undefined ? undefined : Number(to)),
  print: (...args) => joined(args),
  println: (...args) => `${args.map(printed).join(' ')}\n`,
  printf: (format, ...args) => formatted(String(format), args),
  html: (...args) => joined(args).replaceAll(/[<>&'"]/g, (c) => `&#${c.charCodeAt(0)};`),
  urlquery: (...args) => encodeURIComponent(joined(args)).replaceAll('%20', '+'),
  js: (...args) => toGoJson(joined(args)).slice(1, -1),
  exists: (value, ...keys) => keys.reduce((current, key) => elementOf(current, key, true), value) !== undefined,
  base64decode: (value) => Buffer.from(String(value), 'base64').toString(),
  tojson: (value) => toGoJson(value),
};

function same(a: unknown, b: unknown): boolean {
  if (typeof a === 'object' || typeof b === 'object') return a === b;
  return a === b;
}

function compare(a: unknown, b: unknown): number {
  if (typeof a !== typeof b) throw new CommandError('incompatible types for comparison');
  const [x, y] = [a as string, b as string];
  return x < y ? -1 : x > y ? 1 : 0;
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  throw new CommandError('error calling len: len of nil pointer');
}

function elementOf(value: unknown, key: unknown, lenient = false): unknown {
  if (Array.isArray(value)) {
    const at = Number(key);
    if (!lenient && (at < 0 || at >= value.length)) {
      throw new CommandError(`error calling index: reflect: slice index out of range: ${at}`);
    }
    return value[at];
  }
  if (typeof value === 'object' && value !== null) return (value as Record<string, unknown>)[String(key)];
  if (lenient) return undefined;
  throw new CommandError('error calling index: index of untyped nil');
}

function sliceOf(value: unknown, from: number, to: number | undefined): unknown {
  if (typeof value === 'string' || Array.isArray(value)) return value.slice(from, to);
  throw new CommandError('error calling slice: item must be a list or a string');
}

/** Go's Sprint: a space between operands when neither is a string. */
function joined(args: readonly unknown[]): string {
  return args
    .map((arg, at) => {
      const spaced = at > 0 && typeof arg !== 'string' && typeof args[at - 1] !== 'string';
      return `${spaced ? ' ' : ''}${printed(arg)}`;
    })
    .join('');
}

function formatted(format: string, args: readonly unknown[]): string {
  let next = 0;
  return format.replaceAll(
    /%([-+ 0#]*)(\d*)(?:\.(\d+))?([vsdqtfxeTc%])/g,
    (_, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      const text = verbText(verb, args[next], precision);
      next += 1;
      const size = Number(width || 0);
      if (flags.includes('-')) return text.padEnd(size);
      return text.padStart(size, flags.includes('0') && verb === 'd' ? '0' : ' ');
    },
  );
}

function verbText(verb: string, value: unknown, precision: string | undefined): string {
  switch (verb) {
    case 'q':
      return JSON.stringify(String(value));
    case 'f':
      return Number(value).toFixed(precision === undefined ? 6 : Number(precision));
    case 'x':
      return typeof value === 'number' ? value.toString(16) : Buffer.from(String(value)).toString('hex');
    case 's':
      return precision === undefined ? printed(value) : printed(value).slice(0, Number(precision));
    default:
      return printed(value);
  }
}
