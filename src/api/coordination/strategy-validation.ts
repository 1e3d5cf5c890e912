/** Validation of how leaders are chosen. Source: ValidateCoordinatedLeaseStrategy. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, notSupported } from '../../machinery/field-error.ts';
import { qualifiedNameErrors } from '../../machinery/formats.ts';

const strategies = ['OldestEmulationVersion'];

/** What is wrong with a strategy: a known one, or anybody's own with a prefix. Upstream's path has its name twice. */
export function strategyErrors(strategy: string, path: string): FieldError[] {
  const own = `${path}.strategy`;
  if (strategy.includes('/')) return qualifiedNameErrors(strategy).map((detail) => invalid(own, strategy, detail));
  return strategies.includes(strategy) ? [] : [notSupported(own, strategy, strategies)];
}
