/** What makes an access review invalid. Source: kubernetes' pkg/apis/authorization/validation. */
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  NonResourceAttributes,
  ResourceAttributes,
} from '../../api/authorization/subject-access-review.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, required } from '../../machinery/field-error.ts';
import { labelValueErrors, qualifiedNameErrors } from '../../machinery/formats.ts';

/** What a review asks. */
export interface Question {
  readonly resourceAttributes?: ResourceAttributes | undefined;
  readonly nonResourceAttributes?: NonResourceAttributes | undefined;
}

/** Whom a review asks about. */
export interface Subject {
  readonly user?: string | undefined;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What is wrong with a question. */
export function questionErrors({ resourceAttributes, nonResourceAttributes }: Question): readonly FieldError[] {
  const both = 'cannot be specified in combination with resourceAttributes';
  const neither = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  return [
    ...(resourceAttributes && nonResourceAttributes
      ? [invalid('spec.nonResourceAttributes', nonResourceAttributes, both)]
      : []),
    ...(resourceAttributes ? selectorErrors(resourceAttributes) : []),
    ...(resourceAttributes || nonResourceAttributes ? [] : [invalid('spec.resourceAttributes', undefined, neither)]),
  ];
}

/** What is wrong with whom is asked about. */
export function subjectErrors({ user = '', groups = [] }: Subject): readonly FieldError[] {
  return user === '' && groups.length === 0
    ? [invalid('spec.user', user, 'at least one of user or group must be specified')]
    : [];
}

/** What is said of a review beside the question: nothing, but for the namespace of one in a namespace. */
export function metadataErrors(metadata: object | undefined, isLocal: boolean): readonly FieldError[] {
  const allowed = isLocal ? ['namespace', 'managedFields'] : ['managedFields'];
  const said = Object.entries(metadata ?? {}).filter(([name, value]) => !allowed.includes(name) && !isEmpty(value));
  if (said.length === 0) return [];
  return [invalid('metadata', metadata, isLocal ? 'must be empty except for namespace' : 'must be empty')];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || Object.keys(value).length === 0;
}

/** Of a review in a namespace: it asks about that namespace only. */
export function namespaceErrors(
  { resourceAttributes, nonResourceAttributes }: Question,
  namespace: string,
): readonly FieldError[] {
  const asked = resourceAttributes?.namespace ?? '';
  return [
    ...(resourceAttributes && asked !== namespace
      ? [invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace')]
      : []),
    ...(nonResourceAttributes
      ? [invalid('spec.nonResourceAttributes', nonResourceAttributes, 'disallowed on this kind of request')]
      : []),
  ];
}

function selectorErrors({ fieldSelector, labelSelector }: ResourceAttributes): FieldError[] {
  const path = 'spec.resourceAttributes';
  return [
    ...(fieldSelector
      ? wellFormed(fieldSelector, `${path}.fieldSelector`, (key, own) =>
          key === '' ? [required(own, 'must be specified')] : [],
        )
      : []),
    ...(labelSelector
      ? [
          ...wellFormed(labelSelector, `${path}.labelSelector`, (key, own) =>
            qualifiedNameErrors(key).map((detail) => invalid(own, key, detail)),
          ),
          ...labelValueProblems(labelSelector, `${path}.labelSelector`),
        ]
      : []),
  ];
}

function wellFormed(
  { rawSelector = '', requirements = [] }: FieldSelectorAttributes | LabelSelectorAttributes,
  path: string,
  keyErrors: (key: string, path: string) => readonly FieldError[],
): FieldError[] {
  const errors: FieldError[] = [];
  if (rawSelector !== '' && requirements.length > 0)
    errors.push(invalid(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'));
  if (rawSelector === '' && requirements.length === 0)
    errors.push(required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`));
  requirements.forEach(({ key, operator, values = [] }, index) => {
    const own = `${path}.requirements[${index}]`;
    errors.push(...keyErrors(key, `${own}.key`));
    // Of operators that newer clients know the meaning is not judged here.
    if ((operator === 'In' || operator === 'NotIn') && values.length === 0)
      errors.push(required(`${own}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0)
      errors.push(forbidden(`${own}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  });
  return errors;
}

function labelValueProblems({ requirements = [] }: LabelSelectorAttributes, path: string): FieldError[] {
  return requirements.flatMap(({ values = [] }, index) =>
    values.flatMap((value, at) =>
      labelValueErrors(value).map((detail) => invalid(`${path}.requirements[${index}].values[${at}]`, value, detail)),
    ),
  );
}
