/** The formats of texts that schemas may name. Source: apiextensions' validation/formats.go and kube-openapi's strfmt. */
import { parseDuration } from '../duration.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../formats.ts';
import { ipFamily, parseNetwork } from '../ip-address.ts';

type FormatTest = (value: string) => boolean;

const matches =
  (pattern: RegExp): FormatTest =>
  (value) =>
    pattern.test(value);

const uuid = (version: string, variant = '[0-9a-f]'): FormatTest =>
  matches(new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i'));

const creditCard =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/;
const byteValue = '(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5])';
const dateTime = /^(\d{4}-\d\d-\d\d)[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/;

/** By name without hyphens. */
const tests: Readonly<Record<string, FormatTest>> = {
  bsonobjectid: matches(/^[0-9a-fA-F]{24}$/),
  uri: isRequestUri,
  email: matches(/^(?:[^<>@\s]+|.*<[^<>@\s]+)@[^<>@\s]+>?$/),
  hostname: isHostname,
  ipv4: (value) => ipFamily(value) === 4,
  ipv6: (value) => ipFamily(value) === 6,
  cidr: (value) => parseNetwork(value) !== undefined,
  mac: matches(/^(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4,18}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2,9}[0-9a-f]{4})$/i),
  uuid: uuid('[0-9a-f]'),
  uuid3: uuid('3'),
  uuid4: uuid('4', '[89ab]'),
  uuid5: uuid('5', '[89ab]'),
  isbn: (value) => isIsbn10(value) || isIsbn13(value),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: (value) => isCreditCard(value.replaceAll(/\D/g, '')),
  ssn: matches(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  hexcolor: matches(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/),
  rgbcolor: matches(new RegExp(`^rgb\\(\\s*${byteValue}\\s*,\\s*${byteValue}\\s*,\\s*${byteValue}\\s*\\)$`)),
  byte: matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  password: () => true,
  date: (value) => /^\d{4}-\d\d-\d\d$/.test(value) && isDate(value),
  duration: isDuration,
  datetime: (value) => isDate(dateTime.exec(value)?.[1] ?? ''),
  k8sshortname: (value) => dns1123LabelErrors(value).length === 0,
  k8slongname: (value) => dns1123SubdomainErrors(value).length === 0,
};

/** The test of a format; undefined for those that are not enforced. */
export function formatCheck(format: string): FormatTest | undefined {
  const name = format.replaceAll('-', '');
  return Object.hasOwn(tests, name) ? tests[name] : undefined;
}

/** Whether a format is known for values of a type. */
export function isKnownFormat(format: string, type: string): boolean {
  if (type === 'integer') return format === 'int32' || format === 'int64';
  if (type === 'number') return format === 'float' || format === 'double';
  return (type === '' || type === 'string') && formatCheck(format) !== undefined;
}

/** Source: Go's url.ParseRequestURI: absolute, or a path. */
function isRequestUri(value: string): boolean {
  if (/[\p{Cc} ]/u.test(value) || /%(?![0-9a-f]{2})/i.test(value)) return false;
  return value.startsWith('/') || /^[a-z][a-z0-9+.-]*:(?:\/\/[^/?#]*)?/i.test(value);
}

function isHostname(value: string): boolean {
  return (
    value.length <= 255 &&
    /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)*\.?$/i.test(value)
  );
}

function isDate(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  // A day that the month does not have becomes one of the next month.
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

const longUnits =
  /^\s*(\d+)\s*(ns|nano|nanos|nanosecond|nanoseconds|us|µs|micro|micros|microsecond|microseconds|ms|milli|millis|millisecond|milliseconds|s|sec|secs|second|seconds|m|min|mins|minute|minutes|h|hr|hour|hours|d|day|days|w|wk|week|weeks)\s*$/i;

function isDuration(value: string): boolean {
  if (longUnits.test(value)) return true;
  try {
    parseDuration(value);
    return true;
  } catch {
    return false;
  }
}

function isCreditCard(digits: string): boolean {
  if (!creditCard.test(digits)) return false;
  const sum = [...digits].toReversed().reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

function isIsbn10(value: string): boolean {
  const digits = value.replaceAll(/[\s-]/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  return (
    [...digits].reduce((sum, digit, index) => sum + (10 - index) * (digit === 'X' ? 10 : Number(digit)), 0) % 11 === 0
  );
}

function isIsbn13(value: string): boolean {
  const digits = value.replaceAll(/[\s-]/g, '');
  if (!/^\d{13}$/.test(digits)) return false;
  return [...digits].reduce((sum, digit, index) => sum + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}
