/** The selectors of a request, as far as they can be read: what can't be is left out, which asks for more, not for less. */
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
} from '../../api/authorization/subject-access-review.ts';
import { hasReason } from '../../base/errors.ts';
import type { LabelSelectorRequirement } from '../../machinery/meta.ts';
import { parseLabelRequirements } from '../../machinery/parse-label-requirements.ts';
import type { LabelRequirement } from '../../machinery/parse-label-requirements.ts';
import { parseFieldSelector } from '../../machinery/selector.ts';
import type { FieldRequirement } from '../../machinery/selector.ts';
import type { RequestAttributes } from '../ports.ts';

/** The comparisons in the field selector of a request; none when it makes no sense. */
export function fieldRequirements({ fieldSelector }: RequestAttributes): readonly FieldRequirement[] {
  return fieldSelector ? (readable(() => parseFieldSelector(fieldSelector)) ?? []) : [];
}

/** The comparisons in the label selector of a request; none when it makes no sense. */
export function labelRequirements({ labelSelector }: RequestAttributes): readonly LabelRequirement[] {
  return labelSelector ? (readable(() => parseLabelRequirements(labelSelector)) ?? []) : [];
}

/** Whether a request asks only for objects whose field has a value. */
export function fieldEquals(attributes: RequestAttributes, path: string, value: string): boolean {
  return fieldRequirements(attributes).some(
    (requirement) => requirement.path === path && requirement.operator === '=' && requirement.value === value,
  );
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (hasReason(error, 'BadRequest')) return undefined;
    throw error;
  }
}

/** A selector of a review in the form of requests, and whether all of it could be read. */
export interface ReviewedSelector {
  readonly text: string;
  readonly complete: boolean;
}

/** The field selector of a review. Source: kubernetes' pkg/registry/authorization/util. */
export function reviewedFieldSelector({ rawSelector = '', requirements }: FieldSelectorAttributes): ReviewedSelector {
  if (!requirements?.length) {
    const complete = readable(() => parseFieldSelector(rawSelector)) !== undefined;
    return { text: complete ? rawSelector : '', complete };
  }
  const terms = requirements.flatMap(({ key, operator, values = [] }) => {
    const sign = operator === 'In' ? '=' : operator === 'NotIn' ? '!=' : undefined;
    return sign === undefined || values.length !== 1 ? [] : [`${key}${sign}${escaped(values[0]!)}`];
  });
  return { text: terms.join(','), complete: terms.length === requirements.length };
}

/** The label selector of a review. */
export function reviewedLabelSelector({ rawSelector = '', requirements }: LabelSelectorAttributes): ReviewedSelector {
  if (!requirements?.length) {
    const complete = readable(() => parseLabelRequirements(rawSelector)) !== undefined;
    return { text: complete ? rawSelector : '', complete };
  }
  const terms = requirements.flatMap((requirement) => {
    const term = labelTerm(requirement);
    return term !== undefined && readable(() => parseLabelRequirements(term)) !== undefined ? [term] : [];
  });
  return { text: terms.join(','), complete: terms.length === requirements.length };
}

function labelTerm({ key, operator, values = [] }: LabelSelectorRequirement): string | undefined {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length === 0 ? undefined : `${key} ${operator.toLowerCase()} (${values.join(',')})`;
    case 'Exists':
      return values.length === 0 ? key : undefined;
    case 'DoesNotExist':
      return values.length === 0 ? `!${key}` : undefined;
    default:
      return undefined;
  }
}

function escaped(value: string): string {
  return value.replaceAll(/[\\,=]/g, String.raw`\$&`);
}
