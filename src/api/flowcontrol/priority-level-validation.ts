/** Validation of PriorityLevelConfigurations. Source: kubernetes' flowcontrol validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { rangeError } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { mandatoryPriorityLevels } from './bootstrap-objects.ts';
import { conditionsErrors } from './flow-schema-validation.ts';
import type {
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from './priority-level-configuration.ts';

const types = ['Exempt', 'Limited'];
const responses = ['Queue', 'Reject'];
const maxQueues = 10_000_000;
/** As many bits of a hash choose the queues of a flow. Source: apiserver's shufflesharding.MaxHashBits. */
const maxHashBits = 60;

/** What is wrong with a PriorityLevelConfiguration. */
export function priorityLevelErrors(
  { metadata: { name }, spec, status }: PriorityLevelConfiguration,
  { subresource }: ValidationContext<PriorityLevelConfiguration>,
): FieldError[] {
  if (subresource === 'status') return conditionsErrors(status.conditions);
  const fixed = mandatoryPriorityLevels[name];
  return [
    ...specErrors(name, spec),
    ...(fixed && !equalJson(fixedPart(spec), fixedPart(fixed))
      ? [invalid('spec', spec, `spec of '${name}' must equal the fixed value`)]
      : []),
  ];
}

/** How much an exempt level lends is its owners' business. */
function fixedPart(spec: PriorityLevelConfigurationSpec): unknown {
  return spec.type === 'Exempt' ? { ...spec, exempt: undefined } : spec;
}

function specErrors(name: string, spec: PriorityLevelConfigurationSpec): FieldError[] {
  const { type, limited, exempt } = spec;
  const errors =
    (name === 'exempt') === (type === 'Exempt')
      ? []
      : [invalid('spec.type', type, "type must be 'Exempt' if and only if name is 'exempt'")];
  switch (type) {
    case 'Exempt':
      if (limited) errors.push(forbidden('spec.limited', 'must be nil if the type is not Limited'));
      return exempt ? [...errors, ...sharesErrors(exempt, 'spec.exempt')] : errors;
    case 'Limited':
      if (exempt) errors.push(forbidden('spec.exempt', 'must be nil if the type is Limited'));
      if (!limited) return [...errors, required('spec.limited', 'must not be empty when type is Limited')];
      return [
        ...errors,
        ...sharesErrors(limited, 'spec.limited'),
        ...borrowingErrors(limited.borrowingLimitPercent, 'spec.limited.borrowingLimitPercent'),
        ...responseErrors(limited.limitResponse, 'spec.limited.limitResponse'),
      ];
    default:
      return [...errors, notSupported('spec.type', type, types)];
  }
}

interface Shares {
  readonly nominalConcurrencyShares?: number | undefined;
  readonly lendablePercent?: number | undefined;
}

function sharesErrors(
  { nominalConcurrencyShares: shares = 0, lendablePercent: percent = 0 }: Shares,
  path: string,
): FieldError[] {
  return [
    ...(shares < 0 ? [invalid(`${path}.nominalConcurrencyShares`, shares, 'must be a non-negative integer')] : []),
    ...(percent < 0 || percent > 100 ? [invalid(`${path}.lendablePercent`, percent, rangeError(0, 100))] : []),
  ];
}

function borrowingErrors(percent: number | undefined, path: string): FieldError[] {
  return percent !== undefined && percent < 0
    ? [invalid(path, percent, 'if specified, must be a non-negative integer')]
    : [];
}

function responseErrors({ type, queuing }: LimitResponse, path: string): FieldError[] {
  const own = `${path}.queuing`;
  if (!responses.includes(type)) return [notSupported(`${path}.type`, type, responses)];
  if (type === 'Reject') {
    return queuing ? [forbidden(own, 'must be nil if limited.limitResponse.type is not Limited')] : [];
  }
  if (!queuing) return [required(own, 'must not be empty if limited.limitResponse.type is Limited')];
  return queuingErrors(queuing, own);
}

function queuingErrors({ queues, handSize, queueLengthLimit }: QueuingConfiguration, path: string): FieldError[] {
  const positive = (value: number, own: string): FieldError[] =>
    value <= 0 ? [invalid(`${path}.${own}`, value, 'must be positive')] : [];
  const errors = [...positive(queueLengthLimit, 'queueLengthLimit'), ...positive(queues, 'queues')];
  if (queues > maxQueues) errors.push(invalid(`${path}.queues`, queues, `must not be greater than ${maxQueues}`));
  const hand = `${path}.handSize`;
  if (handSize <= 0) return [...errors, ...positive(handSize, 'handSize')];
  if (handSize > queues) return [...errors, invalid(hand, handSize, `should not be greater than queues (${queues})`)];
  if (Math.ceil(Math.log2(queues) * handSize) <= maxHashBits) return errors;
  const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${maxHashBits}`;
  return [...errors, invalid(hand, handSize, detail)];
}
