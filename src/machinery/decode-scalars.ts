/** Decoders of scalar values: type checks and canonical forms. */
import { timestamp } from '../base/clock.ts';
import { copyJson } from '../base/copy-json.ts';
import { typeMismatch } from './decode-path.ts';
import { canonicalQuantity } from './quantity.ts';
import { parseDuration, formatDuration } from './duration.ts';
import type { ScalarKind } from './schema.ts';

type DecodeScalar = (value: unknown) => unknown;

/** The decoder of a scalar kind; it throws what Go's decoder would say. */
export function scalarDecoder(kind: ScalarKind): DecodeScalar {
  return decoders[kind];
}

/** Go's zero value of a scalar kind; undefined where there is none that JSON shows. */
export function zeroOf(kind: ScalarKind): string | number | boolean | undefined {
  return kind in zeros ? zeros[kind as keyof typeof zeros] : undefined;
}

const zeros = { string: '', int32: 0, int64: 0, double: 0, bool: false } as const;

const decoders: Readonly<Record<ScalarKind, DecodeScalar>> = {
  string: textValue,
  int32: (value) => integer(value, 'int32'),
  int64: (value) => integer(value, 'int64'),
  double(value) {
    if (typeof value !== 'number' && typeof value !== 'bigint') throw typeMismatch(value, 'float64');
    return Number(value);
  },
  bool(value) {
    if (typeof value !== 'boolean') throw typeMismatch(value, 'bool');
    return value;
  },
  bytes: base64,
  time: (value) => seconds(textValue(value)),
  microTime: (value) => instant(textValue(value), 'microseconds'),
  duration: durationValue,
  quantity: quantityValue,
  intOrString(value) {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint') return integer(value, 'int32');
    throw typeMismatch(value, 'int32');
  },
  json: (value) => copyJson(value),
};

function textValue(value: unknown): string {
  if (typeof value !== 'string') throw typeMismatch(value, 'string');
  return value;
}

/** No field of a built-in kind has any use for what a number can't hold: it is refused, not changed. */
const limits = { int32: 2 ** 31, int64: 2 ** 53 } as const;

function integer(value: unknown, type: 'int32' | 'int64'): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw typeMismatch(value, type);
  const limit = limits[type];
  if (value < -limit || value > limit - 1) throw typeMismatch(value, type);
  return value;
}

function base64(value: unknown): string {
  const text = textValue(value).replace(/[\r\n]/g, '');
  const body = text.replace(/={1,2}$/, '');
  const bad = body.search(/[^A-Za-z0-9+/]/);
  if (bad >= 0) throw new Error(`illegal base64 data at input byte ${bad}`);
  if (text.length % 4 !== 0) throw new Error(`illegal base64 data at input byte ${text.length - (text.length % 4)}`);
  return text;
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Times in seconds that were found to be written as they should: the same ones come again and again. */
const canonicalSeconds = new Set<string>();
const rememberedSeconds = 4096;

function seconds(text: string): string {
  if (canonicalSeconds.has(text)) return text;
  const canonicalText = instant(text, 'seconds');
  if (canonicalSeconds.size >= rememberedSeconds) canonicalSeconds.clear();
  canonicalSeconds.add(canonicalText);
  return canonicalText;
}

function instant(text: string, unit: 'seconds' | 'microseconds'): string {
  const match = rfc3339.exec(text);
  const ms = match ? Date.parse(text.replace(/\.\d+/, '')) : Number.NaN;
  if (!match || Number.isNaN(ms)) {
    const layout = unit === 'seconds' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
    throw new Error(
      `parsing time ${JSON.stringify(text)} as "${layout}": cannot parse ${JSON.stringify(text)} as "2006"`,
    );
  }
  if (unit === 'seconds') return timestamp(ms);
  return timestamp(ms).replace('Z', `.${(match[7] ?? '.').slice(1, 7).padEnd(6, '0')}Z`);
}

function durationValue(value: unknown): string {
  return formatDuration(parseDuration(textValue(value)));
}

const canonical = new Map<string, string>();

/** Quantities repeat endlessly (`100m`, `128Mi`), so their canonical forms are remembered. */
function quantityValue(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint')
    throw typeMismatch(value, 'resource.Quantity');
  const text = String(value);
  const known = canonical.get(text);
  if (known !== undefined) return known;
  const result = canonicalQuantity(text);
  if (canonical.size > 10_000) canonical.clear();
  canonical.set(text, result);
  return result;
}
