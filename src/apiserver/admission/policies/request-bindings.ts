import { Namespace } from '../../../api/core/namespace.ts';
import type { Resource } from '../../../machinery/resource.ts';
import type { AdmissionContext, AdmissionRequest } from '../../ports.ts';
import { reviewRequest } from '../webhooks/admission-review.ts';
import { shownObjects } from '../webhooks/shown-objects.ts';
import { authorizerBindings } from './request-authorizer.ts';

/** The variables that expressions of policies and match conditions see of a request. */
export function requestBindings(
  request: AdmissionRequest,
  shownAs: Resource,
  context: AdmissionContext,
): Readonly<Record<string, unknown>> {
  const { attributes, resource } = request;
  const { object, oldObject } = shownObjects(request, shownAs);
  const review = reviewRequest(request, { uid: '', shownAs, object, oldObject });
  const inNamespace = resource.namespaced && attributes.namespace !== '';
  return {
    object: object ?? null,
    oldObject: oldObject ?? null,
    ...authorizerBindings(request, context.authorizer),
    request: { ...review, object: undefined, oldObject: undefined },
    namespaceObject: (inNamespace ? context.find(Namespace, { name: attributes.namespace }) : undefined) ?? null,
  };
}
