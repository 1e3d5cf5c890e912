/** Checks of single values that claims, classes and slices share. Source: kubernetes' resource validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, required, tooLong, tooMany } from '../../machinery/field-error.ts';
import { cIdentifierErrors, dns1123LabelErrors, dns1123SubdomainErrors } from '../../machinery/formats.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { csiDriverNameErrors } from '../core/volume-source-validation.ts';
import { each } from '../core/value-checks.ts';
import type { DeviceConfiguration } from './device-class.ts';

/** The longest name of an attribute or a capacity, without its domain, in bytes. */
const maxIdentifier = 32;
const maxPoolName = 253;
/** The most bytes of a driver's own parameters. */
const maxParameters = 10 * 1024;

/** Drivers are named as those of CSI are. */
export const driverErrors = csiDriverNameErrors;

/** What is wrong with a label, of a device, request or counter. */
export function labelErrors(value: string, path: string): FieldError[] {
  return dns1123LabelErrors(value).map((detail) => invalid(path, value, detail));
}

/** What is wrong with the name of a pool: subdomains with slashes between. */
export function poolErrors(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  return [
    ...(name.length > maxPoolName ? [tooLong(path, '', maxPoolName)] : []),
    ...name.split('/').flatMap((part) => dns1123SubdomainErrors(part).map((detail) => invalid(path, part, detail))),
  ];
}

/** What is wrong with the name of an attribute or a capacity: an identifier, with a domain or without. */
export function qualifiedErrors(name: string, path: string): FieldError[] {
  const parts = name.split('/');
  if (parts.length > 2) return [invalid(path, name, 'must not contain more than one slash')];
  if (parts.length === 1) return identifierErrors(name, path);
  const [domain = '', own = ''] = parts;
  return [
    ...(domain === '' ? [invalid(path, '', 'the domain must not be empty')] : driverErrors(domain, path)),
    ...(own === '' ? [invalid(path, '', 'the name must not be empty')] : identifierErrors(own, path)),
  ];
}

/** What is wrong with a name that needs a domain. */
export function fullyQualifiedErrors(name: string, path: string): FieldError[] {
  const errors = qualifiedErrors(name, path);
  if (name.includes('/')) return errors;
  return [...errors, invalid(path, name, 'a fully qualified name must be a domain and a name separated by a slash')];
}

function identifierErrors(value: string, path: string): FieldError[] {
  return [
    ...(value.length > maxIdentifier ? [tooLong(path, '', maxIdentifier)] : []),
    ...cIdentifierErrors(value).map((detail) => invalid(path, value, detail)),
  ];
}

/** Checks each element of a list that has a longest length; longer lists are not looked at. */
export function limited<T>(
  items: readonly T[] | undefined,
  { path, max }: { readonly path: string; readonly max: number },
  check: (item: T, path: string, index: number) => readonly FieldError[],
): FieldError[] {
  const count = items?.length ?? 0;
  return count > max ? [tooMany(path, count, max)] : each(items, path, check);
}

/** What stands twice in a list. */
export function repeated(keys: readonly string[], path: string): FieldError[] {
  return keys.flatMap((key, index) => (keys.indexOf(key) < index ? [duplicate(`${path}[${index}]`, key)] : []));
}

/** What is wrong with a driver's own settings. Those that were stored may be longer. */
export function configurationErrors({ opaque }: DeviceConfiguration, path: string): FieldError[] {
  const own = `${path}.opaque`;
  if (!opaque) return [required(own)];
  return [...driverErrors(opaque.driver, `${own}.driver`), ...rawErrors(opaque.parameters, `${own}.parameters`)];
}

/** What is wrong with data that only a driver understands: it is a JSON object, and not too long. */
export function rawErrors(value: unknown, path: string): FieldError[] {
  if (value === undefined || value === null) return [required(path)];
  if (JSON.stringify(value).length > maxParameters) return [tooLong(path, '', maxParameters)];
  return isJsonObject(value) ? [] : [invalid(path, '<value omitted>', 'must be a valid JSON object')];
}
