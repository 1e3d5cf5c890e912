/** Validation of what a claim asks for. Source: kubernetes' resource validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors, labelValueErrors, qualifiedNameErrors } from '../../machinery/formats.ts';
import { formatted, requiredFormat } from '../core/value-checks.ts';
import { selectorsErrors } from './device-selector-validation.ts';
import { configurationErrors, fullyQualifiedErrors, labelErrors, limited, repeated } from './resource-checks.ts';
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceToleration,
  ExactDeviceRequest,
} from './resource-claim.ts';

/** The most requests, constraints, configurations of a claim. */
const maxElements = 32;
const maxAlternatives = 8;
const maxTolerations = 16;

/** What is wrong with the devices that a claim asks for. */
export function deviceClaimErrors(claim: DeviceClaim, path: string): FieldError[] {
  const { requests = [], constraints, config } = claim;
  const names = requestNames(claim);
  const [own, limits] = [`${path}.requests`, { max: maxElements }];
  return [
    ...limited(requests, { path: own, ...limits }, requestErrors),
    ...(requests.length > maxElements
      ? []
      : repeated(
          requests.map(({ name }) => name),
          own,
        )),
    ...limited(constraints, { path: `${path}.constraints`, ...limits }, (constraint, at) =>
      constraintErrors(constraint, names, at),
    ),
    ...limited(config, { path: `${path}.config`, ...limits }, (configuration, at) => [
      ...referencesErrors(configuration.requests, names, `${at}.requests`),
      ...configurationErrors(configuration, at),
    ]),
  ];
}

/** The names of a claim's requests and, after a slash, of their alternatives. */
export function requestNames({ requests = [] }: DeviceClaim): ReadonlySet<string> {
  return new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [
      name,
      ...firstAvailable.map((alternative) => `${name}/${alternative.name}`),
    ]),
  );
}

/** What is wrong with a list of references to requests. */
export function referencesErrors(
  references: readonly string[] | undefined,
  names: ReadonlySet<string>,
  path: string,
): FieldError[] {
  return [
    ...limited(references, { path, max: maxElements }, (name, own) => referenceErrors(name, names, own)),
    ...repeated(references ?? [], path),
  ];
}

/** What is wrong with a reference to a request. */
export function referenceErrors(name: string, names: ReadonlySet<string>, path: string): FieldError[] {
  const parts = name.split('/');
  const detail =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  if (parts.length > 2) return [invalid(path, name, detail)];
  const errors = parts.flatMap((part) => labelErrors(part, path));
  return names.has(name) ? errors : [...errors, invalid(path, name, detail)];
}

function requestErrors({ name, exactly, firstAvailable = [] }: DeviceRequest, path: string): FieldError[] {
  const errors = labelErrors(name, `${path}.name`);
  const either = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly && firstAvailable.length > 0) {
    return [...errors, invalid(path, undefined, `${either}, but multiple fields are set`)];
  }
  if (exactly) return [...errors, ...wantedErrors(exactly, `${path}.exactly`)];
  if (firstAvailable.length === 0) return [...errors, required(path, either)];
  const own = `${path}.firstAvailable`;
  return [
    ...errors,
    ...limited(firstAvailable, { path: own, max: maxAlternatives }, (alternative, at) => [
      ...labelErrors(alternative.name, `${at}.name`),
      ...wantedErrors(alternative, at),
    ]),
    ...repeated(
      firstAvailable.map((alternative) => alternative.name),
      own,
    ),
  ];
}

type Wanted = Omit<ExactDeviceRequest, 'adminAccess'>;

function wantedErrors(
  { deviceClassName, selectors, allocationMode, count = 0, tolerations }: Wanted,
  path: string,
): FieldError[] {
  const own = `${path}.count`;
  const countErrors =
    allocationMode === 'All'
      ? count !== 0 && [invalid(own, count, "must not be specified when allocationMode is 'All'")]
      : count <= 0 && [invalid(own, count, 'must be greater than zero')];
  return [
    ...requiredFormat(deviceClassName, `${path}.deviceClassName`, dns1123SubdomainErrors),
    ...selectorsErrors(selectors, `${path}.selectors`),
    ...(countErrors || []),
    ...limited(tolerations, { path: `${path}.tolerations`, max: maxTolerations }, tolerationErrors),
  ];
}

/** What is wrong with a toleration of tainted devices. */
export function tolerationErrors({ key, operator, value = '' }: DeviceToleration, path: string): FieldError[] {
  const own = `${path}.value`;
  const faults = formatted(key, `${path}.key`, qualifiedNameErrors);
  if (operator !== 'Exists') return [...faults, ...formatted(value, own, labelValueErrors)];
  return value === '' ? faults : [...faults, invalid(own, value, 'must be empty for operator `Exists`')];
}

function constraintErrors(constraint: DeviceConstraint, names: ReadonlySet<string>, path: string): FieldError[] {
  const { requests, matchAttribute, distinctAttribute } = constraint;
  const errors = referencesErrors(requests, names, `${path}.requests`);
  if (matchAttribute !== undefined) {
    return [...errors, ...fullyQualifiedErrors(matchAttribute, `${path}.matchAttribute`)];
  }
  if (distinctAttribute !== undefined) {
    return [...errors, ...fullyQualifiedErrors(distinctAttribute, `${path}.distinctAttribute`)];
  }
  const detail = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
  return [...errors, required(path, detail)];
}
