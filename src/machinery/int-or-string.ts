import { StatusError } from '../base/errors.ts';

/**
 * The number that an int-or-percent stands for, out of `total`: `25%` of 10 is 3 rounded up and 2 rounded down.
 * Throws StatusError BadRequest for text that is no percentage. Source: intstr.GetScaledValueFromIntOrPercent.
 */
export function scaledValue(value: number | string, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const match = /^(-?\d+)%$/.exec(value);
  if (!match)
    throw new StatusError('BadRequest', `invalid value for IntOrString: invalid type: string is not a percentage`);
  const exact = (Number(match[1]) * total) / 100;
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact);
}
