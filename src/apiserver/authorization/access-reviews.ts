/** Answers "may I?" and "may they?": the reviews of authorization.k8s.io. */
import { StatusError } from '../../base/errors.ts';
import { LocalSubjectAccessReview } from '../../api/authorization/local-subject-access-review.ts';
import { SelfSubjectAccessReview } from '../../api/authorization/self-subject-access-review.ts';
import { SubjectAccessReview } from '../../api/authorization/subject-access-review.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { fieldErrorBody } from '../../machinery/field-error.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { Authorizer, RequestAttributes, User, VirtualResource } from '../ports.ts';
import { metadataErrors, namespaceErrors, questionErrors, subjectErrors } from './access-review-validation.ts';
import type { Question, Subject } from './access-review-validation.ts';
import { pathAttributes, resourceAttributes } from './attributes.ts';
import { reviewedFieldSelector, reviewedLabelSelector } from './selector-requirements.ts';
import type { ReviewedSelector } from './selector-requirements.ts';

/** The three access reviews. */
export function accessReviews(authorizer: Authorizer): readonly VirtualResource[] {
  const subjectReview = (resource: Resource): VirtualResource => ({
    resource,
    verb: 'create',
    async create(object, attributes) {
      const spec = specOf(object);
      const isLocal = resource === LocalSubjectAccessReview;
      const local = isLocal ? namespaceErrors(spec, attributes.namespace) : [];
      refuse(resource, [
        ...questionErrors(spec),
        ...subjectErrors(spec),
        ...metadataErrors(object.metadata, isLocal),
        ...local,
      ]);
      return answered(object, authorizer, { user: userOf(spec), question: spec });
    },
  });
  return [
    subjectReview(SubjectAccessReview),
    subjectReview(LocalSubjectAccessReview),
    {
      resource: SelfSubjectAccessReview,
      verb: 'create',
      async create(object, attributes) {
        const spec = specOf(object);
        refuse(SelfSubjectAccessReview, [...questionErrors(spec), ...metadataErrors(object.metadata, false)]);
        return answered(object, authorizer, { user: attributes.user, question: spec });
      },
    },
  ];
}

function specOf(object: object): Question & Subject {
  return (object as { readonly spec?: Question & Subject }).spec ?? {};
}

function userOf({ user = '', uid, groups = [], extra }: Subject): User {
  return { name: user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
}

interface Asking {
  readonly user: User;
  readonly question: Question;
}

async function answered(
  object: object,
  authorizer: Authorizer,
  { user, question }: Asking,
): Promise<Record<string, unknown>> {
  const { attributes, problems } = attributesOf(user, question);
  const { allowed, denied, reason, error } = await authorizer.authorize(attributes);
  const errors = [...(error === undefined ? [] : [error]), ...problems];
  return {
    ...object,
    status: {
      allowed,
      ...(denied ? { denied } : {}),
      ...(reason === '' ? {} : { reason }),
      ...(errors.length === 0 ? {} : { evaluationError: errors.join('; ') }),
    },
  };
}

interface Asked {
  readonly attributes: RequestAttributes;
  /** Of selectors that could not be read. */
  readonly problems: readonly string[];
}

function attributesOf(user: User, question: Question): Asked {
  const { resourceAttributes: asked, nonResourceAttributes: path } = question;
  if (!asked) return { attributes: pathAttributes(user, path?.verb ?? '', path?.path ?? ''), problems: [] };
  const { verb = '', group = '', resource = '', subresource = '', namespace = '', name = '' } = asked;
  const field = asked.fieldSelector && reviewedFieldSelector(asked.fieldSelector);
  const label = asked.labelSelector && reviewedLabelSelector(asked.labelSelector);
  const version = asked.version || '*';
  const about = { verb, group, version, resource, subresource, namespace, name };
  const selectors = { fieldSelector: field?.text || undefined, labelSelector: label?.text || undefined };
  return {
    attributes: resourceAttributes(user, { ...about, ...selectors }),
    problems: [...selectorProblem('fieldSelector', field), ...selectorProblem('labelSelector', label)],
  };
}

function selectorProblem(name: string, selector: ReviewedSelector | undefined): readonly string[] {
  if (!selector || selector.complete) return [];
  const partially = selector.text === '' ? '' : 'partially ';
  return [`spec.resourceAttributes.${name} ${partially}ignored due to parse error`];
}

function refuse({ kind, group }: Resource, errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  const bodies = errors.map((error) => `${error.field}: ${fieldErrorBody(error)}`);
  const text = bodies.length === 1 ? bodies[0] : `[${bodies.join(', ')}]`;
  throw new StatusError('Invalid', `${kind}.${group} "" is invalid: ${text}`, {
    details: {
      group,
      kind,
      causes: errors.map((error) => ({ reason: error.type, message: fieldErrorBody(error), field: error.field })),
    },
  });
}
