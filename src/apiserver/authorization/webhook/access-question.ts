/** A request as authorization webhooks are asked about it: the spec of a SubjectAccessReview. */
import type { SubjectAccessReviewSpec } from '../../../api/authorization/subject-access-review.ts';
import type { LabelRequirement } from '../../../machinery/parse-label-requirements.ts';
import type { RequestAttributes } from '../../ports.ts';
import { fieldRequirements, labelRequirements } from '../selector-requirements.ts';

type SelectorRequirement = { readonly key: string; readonly operator: string; readonly values?: readonly string[] };

/** What is asked. Members that are empty are left out, as in JSON. */
export function accessQuestion(attributes: RequestAttributes): SubjectAccessReviewSpec {
  const { user, isResource, path, verb } = attributes;
  return {
    ...(isResource
      ? { resourceAttributes: resourceQuestion(attributes) }
      : { nonResourceAttributes: present({ path, verb }) }),
    ...present({ user: user.name }),
    ...(user.groups.length > 0 ? { groups: user.groups } : {}),
    ...(user.extra ? { extra: user.extra } : {}),
    ...present({ uid: user.uid ?? '' }),
  };
}

function resourceQuestion(attributes: RequestAttributes): object {
  const { namespace, verb, group, version, resource, subresource, name } = attributes;
  const fields = fieldRequirements(attributes).map(({ path, operator, value }) => ({
    key: path,
    operator: operator === '=' ? 'In' : 'NotIn',
    values: [value],
  }));
  const labels = labelRequirements(attributes).flatMap(labelRequirement);
  return {
    ...present({ namespace, verb, group, version, resource, subresource, name }),
    ...(fields.length > 0 ? { fieldSelector: { requirements: fields } } : {}),
    ...(labels.length > 0 ? { labelSelector: { requirements: labels } } : {}),
  };
}

const operators: Readonly<Record<string, string>> = {
  '=': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

/** Comparisons of numbers are left out, which asks for more. */
function labelRequirement({ key, operator, values }: LabelRequirement): readonly SelectorRequirement[] {
  const known = operators[operator];
  if (known === undefined) return [];
  return [{ key, operator: known, ...(values.length > 0 ? { values } : {}) }];
}

function present(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}
