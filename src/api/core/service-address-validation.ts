/** Validation of a Service's addresses, and of how they change. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, notSupported } from '../../machinery/field-error.ts';
import { ipErrors } from '../../machinery/formats.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import type { ServiceSpec } from './service.ts';

const path = 'spec.clusterIPs';
const families: readonly string[] = ['IPv4', 'IPv6'];

/** Whether a Service has no address of its own. */
export function isHeadless({ clusterIP, clusterIPs = [] }: ServiceSpec): boolean {
  return clusterIPs.length > 0 ? clusterIPs.length === 1 && clusterIPs[0] === 'None' : clusterIP === 'None';
}

/** What is wrong with the addresses of a Service, and with the families they are to be of. */
export function serviceAddressErrors(spec: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return externalNameErrors(spec);
  const { clusterIP = '', clusterIPs = [] } = spec;
  const errors = familiesErrors(spec.ipFamilies);
  if (clusterIP !== '' && clusterIPs.length > 0 && clusterIPs[0] !== clusterIP) {
    errors.push(invalid(path, clusterIPs, 'first value must match `clusterIP`'));
  }
  if (clusterIP === '' && clusterIPs.length > 0) {
    errors.push(invalid(path, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  }
  const malformed = clusterIPs.flatMap((address, index) => addressErrors(address, index, clusterIPs));
  errors.push(...malformed);
  if (clusterIPs.length > 2) errors.push(invalid(path, clusterIPs, 'may only hold up to 2 values'));
  return malformed.length > 0 ? errors : [...errors, ...stackErrors(spec)];
}

function externalNameErrors({ clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy }: ServiceSpec) {
  const given = [
    ...(clusterIPs.length > 0 || clusterIP !== '' ? ['clusterIPs'] : []),
    ...(ipFamilies.length > 0 ? ['ipFamilies'] : []),
    ...(ipFamilyPolicy === undefined ? [] : ['ipFamilyPolicy']),
  ];
  return given.map((name) => forbidden(`spec.${name}`, 'may not be set for ExternalName services'));
}

function addressErrors(address: string, index: number, all: readonly string[]): FieldError[] {
  if (index > 0 || address !== 'None') {
    return ipErrors(address).map((detail) => invalid(`${path}[${index}]`, address, detail));
  }
  return all.length > 1 ? [invalid(path, all, "'None' must be the first and only value")] : [];
}

function familiesErrors(given: readonly string[] = []): FieldError[] {
  return given.flatMap((family, index) => {
    const own = `spec.ipFamilies[${index}]`;
    return [
      ...(families.includes(family) ? [] : [notSupported(own, family, families)]),
      ...(given.indexOf(family) < index ? [duplicate(own, family)] : []),
    ];
  });
}

function stackErrors(spec: ServiceSpec): FieldError[] {
  const { clusterIPs = [], ipFamilies = [] } = spec;
  const errors: FieldError[] = [];
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(ipFamily)).size < 2) {
    errors.push(invalid(path, clusterIPs, 'may specify no more than one IP for each IP family'));
  }
  if (isHeadless(spec)) return errors;
  const mismatched = clusterIPs.flatMap((address, index) => {
    const family = ipFamilies[index];
    if (family === undefined || family === `IPv${ipFamily(address)}`) return [];
    return [
      invalid(`${path}[${index}]`, address, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``),
    ];
  });
  return [...errors, ...mismatched];
}

/** What is wrong with how the addresses of a Service change: a second family may come and go, the first stays. */
export function serviceAddressChangeErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return [];
  const [is, was] = [isHeadless(spec), isHeadless(old)];
  return [...(is && was ? [] : clusterIPChangeErrors(spec, old)), ...(is || was ? [] : familyChangeErrors(spec, old))];
}

const fixed = 'may not change once set';

function clusterIPChangeErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const now = spec.clusterIPs ?? [];
  const before = old.clusterIPs ?? [];
  if (now.length === before.length) {
    const changed = before.flatMap((address, index) => (address === now[index] ? [] : [index]));
    return changed.map((index) => invalid(`${path}[${index}]`, now, fixed));
  }
  if (now.length === 0) return [invalid(`${path}[0]`, now, 'primary clusterIP can not be unset')];
  const isReleased = now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack';
  return [
    ...(before.length > 0 && now[0] !== before[0] ? [invalid(`${path}[0]`, now, fixed)] : []),
    ...(isReleased && before.length > 1 ? [policyError(spec, 'clusterIP')] : []),
  ];
}

function familyChangeErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const own = 'spec.ipFamilies[0]';
  const now = spec.ipFamilies ?? [];
  const before = old.ipFamilies ?? [];
  if (now.length === before.length) {
    return before.flatMap((family, index) => (family === now[index] ? [] : [invalid(own, now, fixed)]));
  }
  const hasChanged = now.length > 0 && before.length > 0 && now[0] !== before[0];
  const isUnset = before.length > now.length && (spec.clusterIPs ?? []).length === 0;
  const isReleased = before.length > 1 && now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack';
  return [
    ...(isUnset ? [invalid(own, now, 'primary ipFamily can not be unset')] : []),
    ...(hasChanged ? [invalid(own, spec.clusterIPs ?? [], fixed)] : []),
    ...(isReleased ? [policyError(spec, 'ipFamily')] : []),
  ];
}

function policyError({ ipFamilyPolicy }: ServiceSpec, released: string): FieldError {
  const detail = `must be set to 'SingleStack' when releasing the secondary ${released}`;
  return invalid('spec.ipFamilyPolicy', ipFamilyPolicy ?? null, detail);
}
