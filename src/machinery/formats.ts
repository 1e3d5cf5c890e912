/**
 * How names, keys and values must look. Every check returns what is wrong, in upstream's words; nothing when all is
 * well. Source: apimachinery's util/validation and api/validation/path.
 */
import { formatIP, ipFamily, parseIP, parseNetwork } from './ip-address.ts';
import type { IPAddress } from './ip-address.ts';

/** A check of one text. */
export type FormatCheck = (value: string) => string[];

const labelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomainPattern = `${labelPattern}(\\.${labelPattern})*`;
const label1035Pattern = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedPattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValuePattern = `(${qualifiedPattern})?`;
const configKeyPattern = '[-._a-zA-Z0-9]+';
const headerPattern = '[-A-Za-z0-9]+';
const percentPattern = '[0-9]+%';

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);
const labelRegex = whole(labelPattern);
const subdomainRegex = whole(subdomainPattern);
const label1035Regex = whole(label1035Pattern);
const qualifiedRegex = whole(qualifiedPattern);
const labelValueRegex = whole(labelValuePattern);
const configKeyRegex = whole(configKeyPattern);
const headerRegex = whole(headerPattern);
const percentRegex = whole(percentPattern);

const labelMessage =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const subdomainMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const wildcardMessage =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
const identifierMessage =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'";
const reasonMessage =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
const label1035Message =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const qualifiedMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const labelValueMessage =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const configKeyMessage = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
const headerMessage = "a valid HTTP header must consist of alphanumeric characters or '-'";
const percentMessage = "a valid percent string must be a numeric string followed by an ending '%'";
const envVarMessage =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";

/** `must be no more than 63 bytes`. */
export const maxLengthError = (bytes: number): string => `must be no more than ${bytes} bytes`;
/** `must be between 1 and 5, inclusive`. */
export const rangeError = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;
/** What is said of an empty value. */
export const emptyError = 'must be non-empty';
/** What is said of a negative number. */
export const negativeError = 'must be greater than or equal to 0';

function regexError(message: string, pattern: string, ...examples: string[]): string {
  const used = `regex used for validation is '${pattern}')`;
  if (examples.length === 0) return `${message} (${used}`;
  return `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}${used}`;
}

/** A single DNS label, such as a namespace's name. */
export function dns1123LabelErrors(value: string): string[] {
  const errors = value.length > 63 ? [maxLengthError(63)] : [];
  if (labelRegex.test(value)) return errors;
  if (subdomainRegex.test(value)) return [...errors, 'must not contain dots'];
  return [...errors, regexError(labelMessage, labelPattern, 'my-name', '123-abc')];
}

/** Labels joined by dots: the name of most objects. */
export function dns1123SubdomainErrors(value: string): string[] {
  const errors = value.length > 253 ? [maxLengthError(253)] : [];
  if (subdomainRegex.test(value)) return errors;
  return [...errors, regexError(subdomainMessage, subdomainPattern, 'example.com')];
}

/** `*.` and a subdomain. */
export function wildcardSubdomainErrors(value: string): string[] {
  const errors = value.length > 253 ? [maxLengthError(253)] : [];
  if (value.startsWith('*.') && subdomainRegex.test(value.slice(2))) return errors;
  return [...errors, regexError(wildcardMessage, `\\*\\.${subdomainPattern}`, '*.example.com')];
}

/** An identifier of C; its length is not checked. */
export function cIdentifierErrors(value: string): string[] {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) return [];
  return [regexError(identifierMessage, '[A-Za-z_][A-Za-z0-9_]*', 'my_name', 'MY_NAME', 'MyName')];
}

/** The reason of a condition; its length is not checked. */
export function conditionReasonErrors(value: string): string[] {
  const pattern = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
  if (whole(pattern).test(value)) return [];
  return [regexError(reasonMessage, pattern, 'my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB')];
}

/** A DNS label that begins with a letter: the name of a Service. */
export function dns1035LabelErrors(value: string): string[] {
  const errors = value.length > 63 ? [maxLengthError(63)] : [];
  if (label1035Regex.test(value)) return errors;
  return [...errors, regexError(label1035Message, label1035Pattern, 'my-name', 'abc-123')];
}

/** A name with an optional DNS prefix: label and annotation keys, condition types, extended resources. */
export function qualifiedNameErrors(value: string): string[] {
  const parts = value.split('/');
  const examples = ['MyName', 'my.name', '123-abc'];
  if (parts.length > 2) {
    const message = regexError(qualifiedMessage, qualifiedPattern, ...examples);
    return [`a qualified name ${message} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const errors: string[] = [];
  const name = parts.at(-1) ?? '';
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    const problems = prefix === '' ? [emptyError] : dns1123SubdomainErrors(prefix);
    errors.push(...problems.map((problem) => `prefix part ${problem}`));
  }
  if (name === '') errors.push(`name part ${emptyError}`);
  else if (name.length > 63) errors.push(`name part ${maxLengthError(63)}`);
  if (!qualifiedRegex.test(name)) {
    errors.push(`name part ${regexError(qualifiedMessage, qualifiedPattern, ...examples)}`);
  }
  return errors;
}

/** The value of a label. */
export function labelValueErrors(value: string): string[] {
  const errors = value.length > 63 ? [maxLengthError(63)] : [];
  if (labelValueRegex.test(value)) return errors;
  return [...errors, regexError(labelValueMessage, labelValuePattern, 'MyValue', 'my_value', '12345')];
}

/** A key of a ConfigMap or Secret: also a file name. */
export function configMapKeyErrors(value: string): string[] {
  const errors = value.length > 253 ? [maxLengthError(253)] : [];
  if (!configKeyRegex.test(value)) {
    errors.push(regexError(configKeyMessage, configKeyPattern, 'key.name', 'KEY_NAME', 'key-name'));
  }
  if (value === '.') return [...errors, "must not be '.'"];
  if (value === '..') return [...errors, "must not be '..'"];
  return value.startsWith('..') ? [...errors, "must not start with '..'"] : errors;
}

/** The name of an environment variable (since 1.34: anything printable but `=`). */
export function envVarNameErrors(value: string): string[] {
  if (value === '') return [`environment variable name ${emptyError}`];
  return /^[ -<>-~]+$/.test(value) ? [] : [envVarMessage];
}

/** The name of a port: an IANA service name. */
export function portNameErrors(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 15) errors.push(maxLengthError(15));
  if (!/^[-a-z0-9]+$/.test(value))
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

/** The number of a port. */
export function portNumberErrors(value: number): string[] {
  return Number.isInteger(value) && value >= 1 && value <= 65535 ? [] : [rangeError(1, 65535)];
}

/** An address of either family. */
export function ipErrors(value: string): string[] {
  return ipFamily(value) === 0 ? ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'] : [];
}

/** A network. */
export function cidrErrors(value: string): string[] {
  return parseNetwork(value) ? [] : ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
}

/** An address as it is written in one way only: RFC 5952 for IPv6, no IPv4-mapped ones. */
export function canonicalIPErrors(value: string): string[] {
  const address = parseIP(value);
  if (!address) return parseIP(withoutLeadingZeros(value)) ? ['must not have leading 0s'] : ipErrors(value);
  if (isMapped(address)) return ['must not be an IPv4-mapped IPv6 address'];
  const canonical = formatIP(address);
  return value === canonical ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

/** A network as it is written in one way only, without bits beyond its prefix. */
export function canonicalCIDRErrors(value: string): string[] {
  const network = parseNetwork(value);
  const host = parseIP(value.split('/')[0] ?? '');
  if (!network || !host) {
    const isSloppy = parseNetwork(withoutLeadingZeros(value)) !== undefined;
    return isSloppy ? ['must not have leading 0s in IP or prefix length'] : cidrErrors(value);
  }
  if (isMapped(host)) return ['must not have an IPv4-mapped IPv6 address'];
  if (host.value !== network.address.value) return ['must not have bits set beyond the prefix length'];
  const canonical = `${formatIP(network.address)}/${network.prefix}`;
  return value === canonical ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

/** The parts of an IPv4 address, and the length of a prefix, as Go once read them: decimal in spite of leading zeros. */
function withoutLeadingZeros(value: string): string {
  return value.replaceAll(/(^|[./])0+(?=\d)/g, '$1');
}

function isMapped({ family, value }: IPAddress): boolean {
  return family === 6 && value >> 32n === 0xffffn;
}

/** The name of an HTTP header. */
export function httpHeaderNameErrors(value: string): string[] {
  return headerRegex.test(value) ? [] : [regexError(headerMessage, headerPattern, 'X-Header-Name')];
}

/** A percentage such as `25%`. */
export function percentErrors(value: string): string[] {
  return percentRegex.test(value) ? [] : [regexError(percentMessage, percentPattern, '1%', '93%')];
}

/** A name that may stand in a URL path: RBAC kinds. */
export function pathSegmentErrors(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%']
    .filter((character) => value.includes(character))
    .map((character) => `may not contain '${character}'`);
}

/** Checks of object names by the `nameFormat` of a kind. */
export const nameChecks = {
  subdomain: dns1123SubdomainErrors,
  label: dns1123LabelErrors,
  path: pathSegmentErrors,
  service: dns1035LabelErrors,
  ip: canonicalIPErrors,
  any: () => [],
} as const satisfies Record<string, FormatCheck>;

/**
 * What is wrong with an object's name. With `prefix` the value is a generateName, where a trailing hyphen is fine.
 */
export function nameErrors(
  format: keyof typeof nameChecks,
  value: string,
  { prefix = false }: { readonly prefix?: boolean } = {},
): string[] {
  const checked = prefix && value.endsWith('-') && value.length > 1 ? `${value.slice(0, -1)}a` : value;
  return nameChecks[format](format === 'path' ? value : checked);
}
