/** Validation of requests, limits and amounts of resources. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { negativeError, qualifiedNameErrors } from '../../machinery/formats.ts';
import { compareQuantities, parseQuantity, quantityValue } from '../../machinery/quantity.ts';
import type { ResourceRequirements } from './container.ts';
import {
  isContainerResource,
  isExtendedResource,
  isHugePages,
  isNativeResource,
  isQuotaResource,
  isStandardResource,
  isWholeResource,
  mayOvercommit,
} from './resource-names.ts';

type Amounts = Readonly<Record<string, string>>;

/** What is wrong with a container's resources. */
export function resourceErrors({ limits = {}, requests = {} }: ResourceRequirements, path: string): FieldError[] {
  const errors = [...amountsErrors(limits, `${path}.limits`), ...amountsErrors(requests, `${path}.requests`)];
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit === undefined) {
      if (!mayOvercommit(name)) {
        errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'));
      }
    } else if (!mayOvercommit(name) && compareQuantities(request, limit) !== 0) {
      errors.push(invalid(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`));
    } else if (compareQuantities(request, limit) > 0) {
      errors.push(invalid(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`));
    }
  }
  return [...errors, ...hugePagesErrors([...Object.keys(limits), ...Object.keys(requests)], path)];
}

/** Huge pages alone say nothing of what the container itself may use. */
function hugePagesErrors(names: readonly string[], path: string): FieldError[] {
  const needsMore = names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory');
  return needsMore ? [forbidden(path, 'HugePages require cpu or memory')] : [];
}

function amountsErrors(amounts: Amounts, path: string): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const own = `${path}[${name}]`;
    return [
      ...containerResourceNameErrors(name, own),
      ...quantityErrors(name, amount, own),
      ...(isHugePages(name) ? pageErrors(name, amount, own) : []),
    ];
  });
}

function pageErrors(name: string, amount: string, path: string): FieldError[] {
  const size = name.slice('hugepages-'.length);
  const isSize = /^[1-9]\d*([KMGTPE]i|[kMGTPE])?$/.test(size);
  const isWhole = isSize && parseQuantity(amount).nano % parseQuantity(size).nano === 0n;
  return isWhole ? [] : [invalid(path, amount, `${amount} is not positive integer multiple of ${name}`)];
}

/** What is wrong with an amount of a resource. */
export function quantityErrors(name: string, amount: string, path: string): FieldError[] {
  const { nano } = parseQuantity(amount);
  return [
    ...(nano < 0n ? [invalid(path, amount, negativeError)] : []),
    ...(isWholeResource(name) && nano % 1_000_000_000n !== 0n ? [invalid(path, amount, 'must be an integer')] : []),
  ];
}

/** What is wrong with an amount whose resource does not matter. */
export function plainAmountErrors(amount: string, path: string): FieldError[] {
  const value = quantityValue(amount);
  return value < 0 ? [invalid(path, value, 'must be a valid resource quantity')] : [];
}

/** What is wrong with the name of a resource, wherever it stands. */
export function resourceNameErrors(name: string, path: string): FieldError[] {
  const errors = qualifiedNameErrors(name).map((detail) => invalid(path, name, detail));
  if (errors.length > 0 || name.includes('/') || isStandardResource(name)) return errors;
  return [invalid(path, name, 'must be a standard resource type or fully qualified')];
}

/** What is wrong with the name of a resource that containers use. */
export function containerResourceNameErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  if (!name.includes('/')) {
    return isContainerResource(name)
      ? errors
      : [...errors, invalid(path, name, 'must be a standard resource for containers')];
  }
  if (isNativeResource(name) || isExtendedResource(name)) return errors;
  return [...errors, invalid(path, name, "doesn't follow extended resource name standard")];
}

/** What is wrong with the name of a resource that a quota limits. */
export function quotaResourceNameErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  if (name.includes('/') || isQuotaResource(name)) return errors;
  return [...errors, invalid(path, name, 'must be a standard resource for quota')];
}

/** What is wrong with the name of a resource of a volume claim. */
export function claimResourceNameErrors(name: string, path: string): FieldError[] {
  const errors = qualifiedNameErrors(name).map((detail) => invalid(path, name, detail));
  if (errors.length > 0 || name === 'storage' || !isNativeResource(name)) return errors;
  return [notSupported(path, name, ['storage'])];
}
