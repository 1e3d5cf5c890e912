/** Validation of requests and limits. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import { negativeError, qualifiedNameErrors } from '../../machinery/formats.ts';
import { compareQuantities, parseQuantity } from '../../machinery/quantity.ts';
import type { ResourceRequirements } from './container.ts';

const standard: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];
const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
/** Resources that a container may be promised more of than it asks for. */
const mayOvercommit = (name: string): boolean => !name.includes('/') && !isHugePages(name);

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
  return errors;
}

function amountsErrors(amounts: Readonly<Record<string, string>>, path: string): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const own = `${path}[${name}]`;
    return [...nameErrors(name, own), ...amountErrors(name, amount, own)];
  });
}

function nameErrors(name: string, path: string): FieldError[] {
  const errors = qualifiedNameErrors(name).map((detail) => invalid(path, name, detail));
  if (errors.length > 0 || name.includes('/')) return errors;
  const known = standard.includes(name) || isHugePages(name);
  return known ? [] : [invalid(path, name, 'must be a standard resource for containers')];
}

function amountErrors(name: string, amount: string, path: string): FieldError[] {
  const { nano } = parseQuantity(amount);
  if (nano < 0n) return [invalid(path, amount, negativeError)];
  const mustBeWhole = name.includes('/') || isHugePages(name);
  return mustBeWhole && nano % 1_000_000_000n !== 0n ? [invalid(path, amount, 'must be an integer')] : [];
}
