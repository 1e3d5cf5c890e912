/** Validation of what a device has of something, and of how claims may ask for a part. Source: kubernetes' resource validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, required, tooMany } from '../../machinery/field-error.ts';
import { compareQuantities, quantityValue } from '../../machinery/quantity.ts';
import { repeated } from './resource-checks.ts';
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, DeviceCapacity } from './resource-slice.ts';

const maxOptions = 10;

/** What is wrong with a capacity. Only of a device that several claims share parts are given out. */
export function capacityErrors(
  { value, requestPolicy: policy }: DeviceCapacity,
  { path, shared }: { readonly path: string; readonly shared: boolean },
): FieldError[] {
  if (!policy) return [];
  const own = `${path}.requestPolicy`;
  if (!shared) return [forbidden(own, 'allowMultipleAllocations must be true')];
  return policyErrors(value, policy, own);
}

function policyErrors(capacity: string, policy: CapacityRequestPolicy, path: string): FieldError[] {
  const { default: fallback, validValues = [], validRange } = policy;
  if (validValues.length > 0 && validRange) {
    const detail =
      'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    return [forbidden(path, detail)];
  }
  const member = validValues.length > 0 ? 'validValues' : 'validRange';
  if (validValues.length === 0 && !validRange) return [];
  if (fallback === undefined) return [required(`${path}.default`, `required when ${member} is defined`)];
  const own = `${path}.${member}`;
  if (validRange) return rangeErrors(validRange, { capacity, fallback, path: own });
  return optionsErrors(validValues, { capacity, fallback, path: own });
}

interface Bounds {
  readonly capacity: string;
  readonly fallback: string;
  readonly path: string;
}

function optionsErrors(options: readonly string[], { capacity, fallback, path }: Bounds): FieldError[] {
  if (options.length > maxOptions) return [tooMany(path, options.length, maxOptions)];
  return [
    ...options.flatMap((option, index) => [
      ...(index > 0 && compareQuantities(options[index - 1] ?? 0, option) > 0
        ? [invalid(`${path}[${index}]`, option, 'values must be sorted in ascending order')]
        : []),
      ...(compareQuantities(option, capacity) > 0
        ? [invalid(`${path}[${index}]`, option, `option is larger than capacity value: ${capacity}`)]
        : []),
    ]),
    ...repeated(options, path),
    ...(options.some((option) => compareQuantities(option, fallback) === 0)
      ? []
      : [invalid(path, fallback, 'default value is not valid according to the requestPolicy')]),
  ];
}

function rangeErrors(
  { min, max, step }: CapacityRequestPolicyRange,
  { capacity, fallback, path }: Bounds,
): FieldError[] {
  const wrong: readonly (readonly [boolean, string, string, string])[] = [
    [compareQuantities(min, capacity) > 0, 'min', min, `min is larger than capacity value: ${capacity}`],
    [compareQuantities(fallback, min) < 0, 'default', fallback, `default is less than min: ${min}`],
    ...(max === undefined
      ? []
      : ([
          [compareQuantities(min, max) > 0, 'max', min, `min is larger than max: ${max}`],
          [compareQuantities(max, capacity) > 0, 'max', max, `max is larger than capacity value: ${capacity}`],
          [compareQuantities(fallback, max) > 0, 'default', fallback, `default is more than max: ${max}`],
        ] as const)),
  ];
  const errors = wrong.flatMap(([isWrong, member, value, detail]) =>
    isWrong ? [invalid(`${path}.${member}`, value, detail)] : [],
  );
  if (step === undefined) return errors;
  const own = `${path}.step`;
  if (compareQuantities(step, 0) <= 0) return [...errors, invalid(own, step, 'must be greater than zero')];
  const isOff = (value: string): boolean => (quantityValue(value) - quantityValue(min)) % quantityValue(step) !== 0;
  return [
    ...errors,
    ...[fallback, ...(max === undefined ? [] : [max])]
      .filter(isOff)
      .map((value) => invalid(own, value, `value is not a multiple of a given step (${step}) from (${min})`)),
  ];
}
