/** Timestamps and durations: notations, arithmetic and time zones. Source: cel-go's common/types, Go's package time. */
import { fail } from './cel-error.ts';
import { CelDuration, CelTimestamp } from './values.ts';

const billion = 1_000_000_000n;
/** 0001-01-01T00:00:00Z. */
const firstSecond = -62_135_596_800;
/** 9999-12-31T23:59:59Z. */
const lastSecond = 253_402_300_799;
const maxNanos = 2n ** 63n - 1n;

const timestampPattern = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;
const durationPart = /^(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/;
const unitNanos: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: billion,
  m: 60n * billion,
  h: 3600n * billion,
};

/** A timestamp within the years 1 to 9999; fails outside. */
export function timestampOf(seconds: number, nanos: number, offset = 0): CelTimestamp {
  if (seconds < firstSecond || seconds > lastSecond) fail('timestamp overflow');
  return new CelTimestamp(seconds, nanos, offset);
}

/** Parses RFC 3339; undefined when malformed. Fails out of range. */
export function parseTimestamp(text: string): CelTimestamp | undefined {
  const match = timestampPattern.exec(text);
  if (!match) return undefined;
  const [, date = '', time = '', fraction = '', sign, hours = '0', minutes = '0'] = match;
  const milliseconds = Date.parse(`${date}T${time}Z`);
  // Date.parse accepts a 31st of February in some engines, and 24:00:00 everywhere; Go accepts neither.
  if (Number.isNaN(milliseconds) || time.startsWith('24') || Number(hours) > 24 || Number(minutes) > 60)
    return undefined;
  if (new Date(milliseconds).toISOString().slice(0, 10) !== date) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 * (sign === '-' ? -1 : 1);
  return timestampOf(milliseconds / 1000 - offset, Number(fraction.slice(0, 9).padEnd(9, '0')), offset);
}

/** Parses a date such as `2021-03-04`; undefined when malformed. */
export function parseDate(text: string): CelTimestamp | undefined {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseTimestamp(`${text}T00:00:00Z`) : undefined;
}

/** RFC 3339 with as many digits of the second as count, in the zone in which the moment was written. */
export function formatTimestamp({ seconds, nanos, offset }: CelTimestamp): string {
  const whole = new Date((seconds + offset) * 1000).toISOString().slice(0, 19);
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  return `${whole}${fraction}${formatOffset(offset)}`;
}

function formatOffset(offset: number): string {
  if (offset === 0) return 'Z';
  const minutes = Math.abs(offset) / 60;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Parses a Go duration such as `1h2m3.5s`; undefined when malformed or out of range. */
export function parseDuration(text: string): CelDuration | undefined {
  const negative = text.startsWith('-');
  let rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return new CelDuration(0n);
  if (rest === '') return undefined;
  let nanos = 0n;
  while (rest !== '') {
    const match = durationPart.exec(rest);
    if (!match) return undefined;
    const [all, whole = '', fraction = '', unit = ''] = match;
    if (whole === '' && fraction === '') return undefined;
    const scale = unitNanos[unit] ?? 0n;
    nanos += BigInt(whole || '0') * scale;
    if (fraction !== '') nanos += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
    rest = rest.slice(all.length);
  }
  if (nanos > maxNanos + (negative ? 1n : 0n)) return undefined;
  return new CelDuration(negative ? -nanos : nanos);
}

const words: readonly (readonly [names: readonly string[], nanos: bigint])[] = [
  [['ns', 'nano'], 1n],
  [['us', 'µs', 'micro'], 1000n],
  [['ms', 'milli'], 1_000_000n],
  [['s', 'sec'], billion],
  [['m', 'min'], 60n * billion],
  [['h', 'hr', 'hour'], 3600n * billion],
  [['d', 'day'], 86_400n * billion],
  [['w', 'wk', 'week'], 604_800n * billion],
];

/** Parses durations such as `3 days` and `1w`, which schemas of format duration allow. Source: kube-openapi's strfmt. */
export function parseWordyDuration(text: string): CelDuration | undefined {
  let nanos: bigint | undefined;
  for (const [, count = '', word = ''] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
    const unit = word.toLowerCase();
    const known = words.find(([names]) => names.includes(unit) || unit.startsWith(names.at(-1) ?? ''));
    if (known) nanos = (nanos ?? 0n) + BigInt(count) * known[1];
  }
  return nanos === undefined || nanos > maxNanos ? undefined : new CelDuration(nanos);
}

/** Seconds with an `s`, as cel-go writes durations: `3600s`, `1.5s`. */
export function formatDuration({ nanos }: CelDuration): string {
  const seconds = Number(nanos / billion) + Number(nanos % billion) / 1e9;
  return `${expandExponent(String(seconds))}s`;
}

function expandExponent(text: string): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = '', digit = '', fraction = '', exponent = '0'] = match;
  return `${sign}0.${'0'.repeat(Number(exponent) - 1)}${digit}${fraction}`;
}

/** A duration out of 64 bits; fails beyond. */
export function durationOf(nanos: bigint): CelDuration {
  return nanos > maxNanos || nanos < -maxNanos - 1n ? fail('duration overflow') : new CelDuration(nanos);
}

/** Nanoseconds since 1970. */
export function epochNanos({ seconds, nanos }: CelTimestamp): bigint {
  return BigInt(seconds) * billion + BigInt(nanos);
}

/** The moment `nanos` after `timestamp`. */
export function shiftTimestamp(timestamp: CelTimestamp, nanos: bigint): CelTimestamp {
  const total = epochNanos(timestamp) + nanos;
  const within = ((total % billion) + billion) % billion;
  return timestampOf(Number((total - within) / billion), Number(within), timestamp.offset);
}

/** A moment in a time zone, as a UTC date of the same face. */
export function inTimeZone(timestamp: CelTimestamp, zone: string): Date {
  return new Date((timestamp.seconds + zoneOffset(timestamp, zone)) * 1000);
}

/** Seconds east of UTC. Zones are names (`America/New_York`) or `[+-]hh:mm`. */
function zoneOffset(timestamp: CelTimestamp, zone: string): number {
  if (zone === '' || zone === 'UTC') return 0;
  if (!zone.includes(':')) return namedOffset(timestamp, zone);
  const match = /^([+-]?)(\d{1,2}):(\d{1,2})$/.exec(zone);
  if (!match) return fail(`invalid time zone: ${zone}`);
  const [, sign, hours, minutes] = match;
  if (Number(minutes) > 59) fail(`timezone offset minutes out of range [0, 59]: ${zone}`);
  return (Number(hours) * 3600 + Number(minutes) * 60) * (sign === '-' ? -1 : 1);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function namedOffset(timestamp: CelTimestamp, zone: string): number {
  const parts = zoneFormat(zone).formatToParts(new Date(timestamp.seconds * 1000));
  const part = (type: string): number => Number(parts.find((candidate) => candidate.type === type)?.value);
  const local = new Date(0);
  local.setUTCFullYear(part('year'), part('month') - 1, part('day'));
  local.setUTCHours(part('hour'), part('minute'), part('second'));
  return local.getTime() / 1000 - timestamp.seconds;
}

function zoneFormat(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    try {
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      return fail(`unknown time zone ${zone}`);
    }
    // There are a few hundred zones, but many ways to write each.
    if (formats.size >= 1000) formats.clear();
    formats.set(zone, format);
  }
  return format;
}
