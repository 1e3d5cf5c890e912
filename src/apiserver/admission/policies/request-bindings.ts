import { Namespace } from '../../../api/core/namespace.ts';
import type { AdmissionContext, AdmissionRequest } from '../../ports.ts';
import type { Shown } from '../shown-objects.ts';
import { reviewRequest } from '../webhooks/admission-review.ts';
import { authorizerBindings } from './request-authorizer.ts';

/** The variables that expressions of policies and match conditions see of a request. */
export function requestBindings(
  request: AdmissionRequest,
  shown: Shown,
  context: AdmissionContext,
): Readonly<Record<string, unknown>> {
  const { attributes, resource } = request;
  const { object, oldObject } = shown;
  const review = reviewRequest(request, { uid: '', ...shown });
  const inNamespace = resource.namespaced && attributes.namespace !== '';
  return {
    object: object ?? null,
    oldObject: oldObject ?? null,
    ...authorizerBindings(request, context.authorizer),
    request: { ...review, object: undefined, oldObject: undefined },
    namespaceObject: (inNamespace ? context.find(Namespace, { name: attributes.namespace }) : undefined) ?? null,
  };
}
