/**
 * Amounts such as `100m` or `1.5Gi`, exact down to 10^-9. Source: apimachinery's resource.Quantity, whose canonical
 * form, rounding (away from zero, at nano) and errors are kept.
 */
import { StatusError } from '../base/errors.ts';

/** How a quantity is written: with 1000-based suffixes, 1024-based ones, or an exponent. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** A parsed quantity: billionths of a unit, and how it was written. */
export interface Quantity {
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

const unit = 1_000_000_000n;
const largest = (2n ** 63n - 1n) * unit;
const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const decimalSuffixOf = new Map(Object.entries(decimalSuffixes).map(([suffix, exponent]) => [exponent, suffix]));
const binarySuffixOf = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

interface Remembered extends Quantity {
  readonly canonical: string;
}

const remembered = new Map<string, Remembered>();

/** Parses a quantity; a malformed one is a BadRequest with upstream's sentence. */
export function parseQuantity(text: string | number): Quantity {
  return recall(String(text));
}

/** The few amounts that a cluster uses come again and again; the bound is against hostile variety. */
function recall(text: string): Remembered {
  let known = remembered.get(text);
  if (!known) {
    const quantity = parse(text);
    known = { ...quantity, canonical: quantityText(quantity) };
    if (remembered.size >= 4096) remembered.clear();
    remembered.set(text, known);
  }
  return known;
}

function parse(text: string): Quantity {
  // In two steps: one expression for all of it would go back over long numbers again and again.
  const [read = '', sign = '', whole = '', fraction = ''] = /^([+-]?)([0-9]*)(?:\.([0-9]*))?/.exec(text) ?? [];
  const suffix = text.slice(read.length);
  const isNumber = whole !== '' || fraction !== '';
  if (!isNumber || !/^[eEinumkKMGTP]*[-+]?[0-9]*$/.test(suffix)) throw new StatusError('BadRequest', wrongFormat);
  const { base, exponent, format } = interpretSuffix(suffix);
  const digits = BigInt(whole + fraction);
  const magnitude =
    base === 2 ? scaleBinary(digits, exponent, fraction.length) : scaleDecimal(digits, exponent - fraction.length + 9);
  const capped = base === 2 && magnitude > largest ? largest : magnitude;
  const small = format === 'BinarySI' && capped > 0n && capped < unit;
  return { nano: sign === '-' ? -capped : capped, format: small ? 'DecimalSI' : format };
}

function interpretSuffix(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } {
  const decimal = decimalSuffixes[suffix];
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const binary = binarySuffixes[suffix];
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' };
  if (/^[eE][-+]?[0-9]+$/.test(suffix)) {
    const exponent = Number(suffix.slice(1));
    // The bound keeps 10n ** n affordable.
    return { base: 10, exponent: Math.max(-1000, Math.min(1000, exponent)), format: 'DecimalExponent' };
  }
  throw new StatusError('BadRequest', "unable to parse quantity's suffix");
}

function scaleBinary(digits: bigint, exponent: number, fractionDigits: number): bigint {
  return divideUp(digits * 2n ** BigInt(exponent) * unit, 10n ** BigInt(fractionDigits));
}

function scaleDecimal(digits: bigint, exponent: number): bigint {
  return exponent >= 0 ? digits * 10n ** BigInt(exponent) : divideUp(digits, 10n ** BigInt(-exponent));
}

/** Division rounding away from zero. */
function divideUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (quotient * divisor === dividend) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}

/** The canonical text of a parsed quantity: no fraction, the largest suffix that stays exact. */
export function quantityText(quantity: Quantity): string {
  const { nano, format } = quantity;
  if (nano === 0n) return '0';
  const binary = format === 'BinarySI' && nano % unit === 0n && (nano <= -1024n * unit || nano >= 1024n * unit);
  return binary ? binaryText(nano / unit) : decimalText(nano, format === 'DecimalExponent');
}

function binaryText(value: bigint): string {
  let [mantissa, power] = [value, 0];
  for (; mantissa % 1024n === 0n && power < binarySuffixOf.length - 1; power++) mantissa /= 1024n;
  return `${mantissa}${binarySuffixOf[power]}`;
}

function decimalText(nano: bigint, exponential: boolean): string {
  const text = String(nano);
  // By the text: dividing huge numbers by a thousand at a time would take for ever.
  const most = exponential ? Infinity : 9;
  let thousands = 0;
  while (thousands < most && text.endsWith('000', text.length - thousands * 3)) thousands++;
  const exponent = thousands * 3 - 9;
  const suffix = exponential ? (exponent === 0 ? '' : `e${exponent}`) : decimalSuffixOf.get(exponent);
  return `${text.slice(0, text.length - thousands * 3)}${suffix}`;
}

/** The form in which the API stores and shows a quantity: `1000m` becomes `1`, `1024Mi` becomes `1Gi`. */
export function canonicalQuantity(quantity: string | number): string {
  return recall(String(quantity)).canonical;
}

/** The amount in base units (bytes, cores), rounded away from zero to an integer. */
export function quantityValue(quantity: string | number): number {
  return Number(divideUp(parseQuantity(quantity).nano, unit));
}

/** The amount in thousandths, rounded away from zero: millicores of a CPU quantity. */
export function milliValue(quantity: string | number): number {
  return Number(divideUp(parseQuantity(quantity).nano, 1_000_000n));
}

/** The amount as a floating-point number, for ratios and metrics. */
export function approximateValue(quantity: string | number): number {
  return Number(parseQuantity(quantity).nano) / 1e9;
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: string | number, b: string | number): number {
  const difference = parseQuantity(a).nano - parseQuantity(b).nano;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum, in the format of `a` (of `b` when `a` is zero). */
export function addQuantities(a: string | number, b: string | number): string {
  return combine(a, b, (x, y) => x + y);
}

/** The difference, in the format of `a` (of `b` when `a` is zero). */
export function subtractQuantities(a: string | number, b: string | number): string {
  return combine(a, b, (x, y) => x - y);
}

function combine(a: string | number, b: string | number, operation: (x: bigint, y: bigint) => bigint): string {
  const [x, y] = [parseQuantity(a), parseQuantity(b)];
  return quantityText({ nano: operation(x.nano, y.nano), format: x.nano === 0n ? y.format : x.format });
}

/** Writes a number of base units as a canonical quantity; fractions are kept down to 10^-9. */
export function formatQuantity(value: number | bigint, format: QuantityFormat): string {
  const exact = typeof value === 'bigint' || Number.isInteger(value);
  const nano = exact ? BigInt(value) * unit : BigInt(Math.round(value * 1e9));
  return quantityText({ nano, format });
}

/** Writes thousandths of a unit, as CPU usage is counted: 1500 becomes `1500m`, 2000 becomes `2`. */
export function formatMilli(milli: number): string {
  return quantityText({ nano: BigInt(Math.round(milli * 1000)) * 1000n, format: 'DecimalSI' });
}
