/** Semantic versions. Source: apiserver's pkg/cel/library/semverlib.go, version 1; blang/semver. */
import { traversalCost } from '../call-cost.ts';
import { fail } from '../cel-error.ts';
import { celTypes, objectType } from '../cel-type.ts';
import type { CelLibrary } from '../library.ts';
import { globalOverload, memberOverload as member } from '../library.ts';
import type { CelInt } from '../numbers.ts';
import { canonicalInt, compareNumbers } from '../numbers.ts';
import { CelOpaque } from '../values.ts';
import { nominalCost } from './kubernetes-costs.ts';

const semverType = objectType('kubernetes.Semver');

class CelSemver extends CelOpaque {
  readonly type = semverType;
  readonly numbers: readonly CelInt[];
  readonly prerelease: readonly string[];
  readonly build: string;

  constructor(numbers: readonly CelInt[], prerelease: readonly string[], build: string) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
    this.build = build;
  }

  equals(other: CelSemver): boolean {
    return compare(this, other) === 0;
  }

  override toJson(): string {
    const prerelease = this.prerelease.length > 0 ? `-${this.prerelease.join('.')}` : '';
    return `${this.numbers.join('.')}${prerelease}${this.build === '' ? '' : `+${this.build}`}`;
  }
}

const maxUint = 2n ** 64n - 1n;
const numeric = /^\d+$/;

/** The version, or what is wrong with the text. */
function tryParse(text: string): CelSemver | string {
  if (text === '') return 'Version string empty';
  const [major, minor, rest = ''] = splitN(text, '.', 3);
  if (major === undefined || minor === undefined || splitN(text, '.', 3).length !== 3) {
    return 'No Major.Minor.Patch elements found';
  }
  const match = /^([^+-]*)(?:-([^+]*))?(?:\+(.*))?$/s.exec(rest);
  const [, patch = '', prerelease, build] = match ?? [];
  for (const [name, part] of [
    ['Major', major],
    ['Minor', minor],
    ['Patch', patch],
  ] as const) {
    if (!numeric.test(part)) return `Invalid character(s) found in ${name.toLowerCase()} number "${part}"`;
    if (part.length > 1 && part.startsWith('0')) return `${name} number must not contain leading zeroes "${part}"`;
    if (BigInt(part) > maxUint) return `${name} number is out of range "${part}"`;
  }
  const identifiers = prerelease?.split('.') ?? [];
  const wrong = identifiers.map(identifierProblem).find((problem) => problem !== undefined);
  if (wrong !== undefined) return wrong;
  for (const part of build?.split('.') ?? []) {
    if (part === '') return 'Build meta data is empty';
    if (!/^[0-9A-Za-z-]+$/.test(part)) return `Invalid character(s) found in build meta data "${part}"`;
  }
  return new CelSemver(
    [major, minor, patch].map((part) => canonicalInt(BigInt(part))),
    identifiers,
    build ?? '',
  );
}

function identifierProblem(part: string): string | undefined {
  if (part === '') return 'Prerelease is empty';
  if (!/^[0-9A-Za-z-]+$/.test(part)) return `Invalid character(s) found in prerelease "${part}"`;
  const zero = numeric.test(part) && part.length > 1 && part.startsWith('0');
  return zero ? `Numeric PreRelease version must not contain leading zeroes "${part}"` : undefined;
}

function splitN(text: string, separator: string, count: number): string[] {
  const parts = text.split(separator);
  return parts.length <= count ? parts : [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

/** Drops a `v` and leading zeros, and fills up short versions. */
function tryParseLenient(text: string): CelSemver | string {
  const parts = splitN(text.replace(/^v/, ''), '.', 3).map((part) => {
    if (part.length <= 1) return part;
    const trimmed = part.replace(/^0+/, '');
    return /^\d/.test(trimmed) ? trimmed : `0${trimmed}`;
  });
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) {
    return 'short version cannot contain PreRelease/Build meta data';
  }
  while (parts.length < 3) parts.push('0');
  return tryParse(parts.join('.'));
}

const read = (text: string, lenient = false): CelSemver | string => (lenient ? tryParseLenient(text) : tryParse(text));

function parse(text: string, lenient?: boolean): CelSemver {
  const found = read(text, lenient);
  return typeof found === 'string' ? fail(found) : found;
}

/** Build metadata does not count; a prerelease comes before its release. */
function compare(a: CelSemver, b: CelSemver): number {
  for (const [index, number] of a.numbers.entries()) {
    const order = compareNumbers(number, b.numbers[index] ?? 0);
    if (order !== 0) return order;
  }
  const [left, right] = [a.prerelease, b.prerelease];
  if (left.length === 0 || right.length === 0) return Math.sign(right.length - left.length);
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareIdentifiers(part, other);
    if (order !== 0) return order;
  }
  return left.length < right.length ? -1 : 0;
}

/** Numbers come before words. */
function compareIdentifiers(a: string, b: string): number {
  const [left, right] = [numeric.test(a), numeric.test(b)];
  if (left && right) return compareNumbers(BigInt(a), BigInt(b));
  if (left !== right) return left ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

const { string, bool, int } = celTypes;
const parseCost = traversalCost(0);
const two = [semverType, semverType];
const isSemver = (text: string, lenient?: boolean): boolean => typeof read(text, lenient) !== 'string';
const number = (name: string, index: number) => ({
  name,
  cost: nominalCost,
  overloads: [member(`semver_${name}`, [semverType], int, ({ numbers }: CelSemver) => numbers[index] ?? 0)],
});

/** `semver()` and what can be asked of it. */
export const semvers: CelLibrary = {
  name: 'semver',
  functions: [
    {
      name: 'semver',
      cost: parseCost,
      overloads: [
        globalOverload('string_to_semver', [string], semverType, parse),
        globalOverload('string_bool_to_semver', [string, bool], semverType, parse),
      ],
    },
    {
      name: 'isSemver',
      cost: parseCost,
      overloads: [
        globalOverload('is_semver_string', [string], bool, isSemver),
        globalOverload('is_semver_string_bool', [string, bool], bool, isSemver),
      ],
    },
    {
      name: 'isGreaterThan',
      cost: nominalCost,
      overloads: [member('semver_is_greater_than', two, bool, (a: CelSemver, b: CelSemver) => compare(a, b) > 0)],
    },
    {
      name: 'isLessThan',
      cost: nominalCost,
      overloads: [member('semver_is_less_than', two, bool, (a: CelSemver, b: CelSemver) => compare(a, b) < 0)],
    },
    { name: 'compareTo', cost: nominalCost, overloads: [member('semver_compare_to', two, int, compare)] },
    number('major', 0),
    number('minor', 1),
    number('patch', 2),
  ],
};
