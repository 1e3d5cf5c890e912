/** Answers "may I?" and "may they?": the reviews of authorization.k8s.io. */
import { StatusError } from '../../base/errors.ts';
import { LocalSubjectAccessReview } from '../../api/authorization/local-subject-access-review.ts';
import { SelfSubjectAccessReview } from '../../api/authorization/self-subject-access-review.ts';
import { SubjectAccessReview } from '../../api/authorization/subject-access-review.ts';
import type { NonResourceAttributes, ResourceAttributes } from '../../api/authorization/subject-access-review.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { fieldErrorBody, invalid, required } from '../../machinery/field-error.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { Authorizer, RequestAttributes, User, VirtualResource } from '../ports.ts';
import { pathAttributes, resourceAttributes } from './attributes.ts';

interface Question {
  readonly resourceAttributes?: ResourceAttributes | undefined;
  readonly nonResourceAttributes?: NonResourceAttributes | undefined;
}

interface Subject {
  readonly user?: string | undefined;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** The three access reviews. */
export function accessReviews(authorizer: Authorizer): readonly VirtualResource[] {
  const subjectReview = (resource: Resource): VirtualResource => ({
    resource,
    verb: 'create',
    async create(object, attributes) {
      const spec = specOf(object);
      const namespaced = resource === LocalSubjectAccessReview ? attributes.namespace : undefined;
      refuse(resource, [...questionErrors(spec), ...subjectErrors(spec), ...namespaceErrors(spec, namespaced)]);
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
        refuse(SelfSubjectAccessReview, questionErrors(spec));
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
  const { allowed, denied, reason } = await authorizer.authorize(attributesOf(user, question));
  return {
    ...object,
    status: { allowed, ...(denied ? { denied } : {}), ...(reason === '' ? {} : { reason }) },
  };
}

function attributesOf(user: User, question: Question): RequestAttributes {
  const { resourceAttributes: asked, nonResourceAttributes: path } = question;
  if (!asked) return pathAttributes(user, (path?.verb ?? '').toLowerCase(), path?.path ?? '');
  const { verb = '', group = '', version = '', resource = '', subresource = '', namespace = '', name = '' } = asked;
  return resourceAttributes(user, { verb, group, version, resource, subresource, namespace, name });
}

function questionErrors({ resourceAttributes, nonResourceAttributes }: Question): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) {
    return [
      invalid(
        'spec.nonResourceAttributes',
        nonResourceAttributes,
        'cannot be specified in combination with resourceAttributes',
      ),
    ];
  }
  if (resourceAttributes || nonResourceAttributes) return [];
  return [
    invalid(
      'spec.resourceAttributes',
      undefined,
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    ),
  ];
}

function subjectErrors({ user = '', groups = [] }: Subject): FieldError[] {
  return user === '' && groups.length === 0
    ? [invalid('spec.user', user, 'at least one of user or group must be specified')]
    : [];
}

function namespaceErrors(
  { resourceAttributes, nonResourceAttributes }: Question,
  namespace: string | undefined,
): FieldError[] {
  if (namespace === undefined) return [];
  if (nonResourceAttributes) {
    return [required('spec.nonResourceAttributes', 'disallowed on this kind of request')];
  }
  const asked = resourceAttributes?.namespace ?? '';
  return asked === namespace
    ? []
    : [invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace')];
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
