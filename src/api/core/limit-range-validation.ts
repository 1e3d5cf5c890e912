/** Validation of LimitRanges. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, required } from '../../machinery/field-error.ts';
import { qualifiedNameErrors } from '../../machinery/formats.ts';
import { approximateValue, compareQuantities } from '../../machinery/quantity.ts';
import type { LimitRange, LimitRangeItem } from './limit-range.ts';
import { mayOvercommit } from './resource-names.ts';
import { containerResourceNameErrors, resourceNameErrors } from './resource-validation.ts';
import { each } from './value-checks.ts';

const types: readonly string[] = ['Pod', 'Container', 'PersistentVolumeClaim'];

/** What is wrong with a LimitRange. */
export function limitRangeErrors({ spec }: LimitRange): FieldError[] {
  const seen = new Set<string>();
  return each(spec.limits, 'spec.limits', (limit, path) => {
    const isDuplicate = seen.has(limit.type);
    seen.add(limit.type);
    return [
      ...typeErrors(limit.type, `${path}.type`),
      ...(isDuplicate ? [duplicate(`${path}.type`, limit.type)] : []),
      ...namesErrors(limit, path),
      ...amountsErrors(limit, path),
    ];
  });
}

function typeErrors(type: string, path: string): FieldError[] {
  const errors = qualifiedNameErrors(type).map((detail) => invalid(path, type, detail));
  if (errors.length > 0 || type.includes('/') || types.includes(type)) return errors;
  return [invalid(path, type, 'must be a standard limit type or fully qualified')];
}

const parts = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

function namesErrors(limit: LimitRangeItem, path: string): FieldError[] {
  const check = limit.type === 'Pod' || limit.type === 'Container' ? containerResourceNameErrors : resourceNameErrors;
  const errors: FieldError[] = [];
  for (const part of parts) {
    const names = Object.keys(limit[part] ?? {});
    const isDefault = part === 'default' || part === 'defaultRequest';
    if (limit.type === 'Pod' && isDefault) {
      if (names.length > 0) {
        errors.push(forbidden(`${path}.${part}`, "may not be specified when `type` is 'Pod'"));
      }
    } else errors.push(...names.flatMap((name) => check(name, `${path}.${part}[${name}]`)));
  }
  const hasStorage = limit.min?.['storage'] !== undefined || limit.max?.['storage'] !== undefined;
  if (limit.type === 'PersistentVolumeClaim' && !hasStorage) {
    const detail = 'either minimum or maximum storage value is required, but neither was provided';
    errors.push(required(`${path}.limits`, detail));
  }
  return errors;
}

function amountsErrors(limit: LimitRangeItem, path: string): FieldError[] {
  const names = new Set(parts.flatMap((part) => Object.keys(limit[part] ?? {})));
  return [...names].flatMap((name) => [...orderErrors(limit, name, path), ...ratioErrors(limit, name, path)]);
}

interface Bound {
  readonly low: string | undefined;
  readonly high: string | undefined;
  readonly field: string;
  /** Which of the two the message is about. */
  readonly value: string | undefined;
  readonly words: readonly [low: string, high: string];
}

function orderErrors(limit: LimitRangeItem, name: string, path: string): FieldError[] {
  const [min, max] = [limit.min?.[name], limit.max?.[name]];
  const isPod = limit.type === 'Pod';
  const usual = isPod ? undefined : limit.default?.[name];
  const request = isPod ? undefined : limit.defaultRequest?.[name];
  const bounds: readonly Bound[] = [
    { low: min, high: max, field: 'min', value: min, words: ['min', 'max'] },
    { low: min, high: request, field: 'defaultRequest', value: request, words: ['min', 'default request'] },
    { low: request, high: max, field: 'defaultRequest', value: request, words: ['default request', 'max'] },
    { low: request, high: usual, field: 'defaultRequest', value: request, words: ['default request', 'default limit'] },
    { low: min, high: usual, field: 'default', value: min, words: ['min', 'default'] },
    { low: usual, high: max, field: 'default', value: max, words: ['default', 'max'] },
  ];
  const errors = bounds.flatMap(({ low, high, field, value, words }) => {
    if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) return [];
    const detail = `${words[0]} value ${low} is greater than ${words[1]} value ${high}`;
    return [invalid(`${path}.${field}[${name}]`, value, detail)];
  });
  const differs = usual !== undefined && request !== undefined && compareQuantities(usual, request) !== 0;
  if (mayOvercommit(name) || !differs) return errors;
  const detail = `default value ${usual} must equal to defaultRequest value ${request} in ${name}`;
  return [...errors, invalid(`${path}.defaultRequest[${name}]`, request, detail)];
}

function ratioErrors({ min, max, maxLimitRequestRatio }: LimitRangeItem, name: string, path: string): FieldError[] {
  const ratio = maxLimitRequestRatio?.[name];
  if (ratio === undefined) return [];
  const own = `${path}.maxLimitRequestRatio[${name}]`;
  const errors = compareQuantities(ratio, '1') < 0 ? [invalid(own, ratio, `ratio ${ratio} is less than 1`)] : [];
  const [low, high] = [min?.[name], max?.[name]];
  if (low === undefined || high === undefined) return errors;
  const most = approximateValue(high) / approximateValue(low);
  if (approximateValue(ratio) <= most) return errors;
  return [...errors, invalid(own, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`)];
}
